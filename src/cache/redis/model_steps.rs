//! What requests do in the model, step by step.

use crate::{
    cache::{Key, Stamp},
    redis_link::Moment,
};

/// What a reader does next.
#[derive(Debug, Clone, PartialEq, Hash)]
pub(super) enum Reading {
    Waits,
    Reads(Option<Stamp>),
    Keeps(Option<Stamp>, u32),
    Done(u32),
}

/// One read: never older than what was acknowledged before it began.
#[derive(Debug, Clone, Hash)]
pub(super) struct Reader {
    pub(super) process: usize,
    pub(super) key: Key,
    /// What was acknowledged when it began.
    pub(super) floor: u32,
    pub(super) reading: Reading,
    pub(super) from_cache: bool,
}

/// One write.
#[derive(Debug, Clone, Hash)]
pub(super) struct Written {
    pub(super) process: usize,
    pub(super) version: u32,
    pub(super) committed: Moment,
    pub(super) acknowledged: bool,
}
