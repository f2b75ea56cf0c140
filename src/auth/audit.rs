//! The line that says who changed what.

use crate::domain::TransactionId;

use super::Caller;

/// What a write touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touched {
    /// One row.
    Row(TransactionId),
    /// This many rows at once.
    Rows(u64),
}

/// Writes the audit line of a committed write. `subject` is absent where nobody is asked who they are.
///
/// `route` is the template, never the path. Amounts and descriptions have no place here.
pub fn audit(caller: &Caller, method: &str, route: &str, touched: Touched) {
    let subject = caller.subject.as_deref();
    match touched {
        Touched::Row(id) => tracing::info!(subject, method, route, id = id.get(), "audit"),
        Touched::Rows(rows) => tracing::info!(subject, method, route, rows, "audit"),
    }
}
