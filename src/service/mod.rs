//! The rules: cache-aside reads, writes that invalidate, health. Knows neither HTTP nor SQL nor Redis.

pub mod error;
pub mod gate;
pub mod health;
mod in_progress;
pub mod ledger;
pub mod lifecycle;
pub mod list;
pub mod precondition;
pub mod reads;
pub mod totals;
pub mod writes;

pub use error::ServiceError;
pub use ledger::Ledger;

// What handlers and the service say to each other in the store's words: handlers know no store.
pub use crate::store::{Claim, PoolState, Schema, StoreError, StoredReply};
