//! Temporary.
use crate::{auth::Caller, domain::TransactionId};
/// Temporary.
pub fn write(_caller: &Caller, _route: &str, _id: Option<TransactionId>) {}
