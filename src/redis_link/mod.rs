//! One owned connection to Redis: no reconnect goes unseen. A leaf.
