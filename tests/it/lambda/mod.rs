//! The Lambda binary, driven through its runtime's interface.

pub(crate) mod corpus;
mod entrance;
mod init;
mod parity;
pub(crate) mod runtime;
pub(crate) mod shape;
