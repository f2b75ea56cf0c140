//! What the service says of itself: log lines, metrics, traces. A leaf.

pub mod names;
