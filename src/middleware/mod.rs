//! One concern a file; the router file says in which order they act and why.

pub mod audit;
pub mod client_address;
