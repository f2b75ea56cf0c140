//! The Lambda binary, driven through its runtime's interface.

mod corpus;
mod entrance;
mod parity;
mod runtime;
mod shape;
