//! Values that are valid because they exist: built only by parsing, never re-checked.
//!
//! Imports nothing of the crate. Everything here is pure.

mod amount;
mod cursor;
mod description;
mod field_error;
mod filter;
mod id;
mod summary;
mod timestamp;
mod transaction;

pub use amount::{Amount, AmountSign, Total};
pub use cursor::Cursor;
pub use description::Description;
pub use field_error::{FieldError, FieldErrors};
pub use filter::{AmountRange, Filter, Order, PageSize, TimeRange};
pub use id::TransactionId;
pub use summary::{Period, SummaryItem};
pub use timestamp::Timestamp;
pub use transaction::{Changes, NewTransaction, Transaction};
