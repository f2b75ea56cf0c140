//! What an error of SQLite means.

use sqlx::Error;

use crate::store::{ErrorKind, StoreError};

/// Primary result codes (the low byte of the extended ones): <https://www.sqlite.org/rescode.html>.
mod code {
    pub(super) const ERROR: i32 = 1;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const READONLY: i32 = 8;
    pub(super) const IOERR: i32 = 10;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const PROTOCOL: i32 = 15;
}

/// The failure that the port speaks of.
pub(in crate::store) fn failure(error: Error) -> StoreError {
    match primary(&error) {
        Some(code::BUSY | code::LOCKED | code::PROTOCOL) => {
            StoreError::unavailable(ErrorKind::Timeout, error)
        }
        // A full disk or a file turned read-only passes when somebody makes room: the next call tries afresh.
        Some(code::FULL | code::READONLY | code::IOERR) => {
            StoreError::unavailable(ErrorKind::Query, error)
        }
        Some(code::CANTOPEN) => StoreError::unavailable(ErrorKind::Connect, error),
        Some(code::ERROR) if names_something_missing(&error) => StoreError::NotMigrated,
        Some(_) => StoreError::internal(error),
        None => match error {
            Error::WorkerCrashed | Error::Io(_) => {
                StoreError::unavailable(ErrorKind::Connect, error)
            }
            _ => StoreError::internal(error),
        },
    }
}

/// Whether another process holds the lock.
pub(super) fn is_busy(error: &Error) -> bool {
    matches!(primary(error), Some(code::BUSY | code::LOCKED))
}

fn primary(error: &Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?;
    code.parse::<i32>().ok().map(|extended| extended & 0xff)
}

/// SQLite has one code for all faults of a statement: only the text tells a missing table from a misspelt word.
fn names_something_missing(error: &Error) -> bool {
    error.as_database_error().is_some_and(|fault| {
        let text = fault.message();
        ["no such table", "no such column", "has no column named"]
            .iter()
            .any(|part| text.contains(part))
    })
}
