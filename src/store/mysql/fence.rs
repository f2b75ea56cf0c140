//! Whether a session that broke is over.
//!
//! A connection that breaks under a write leaves open whether the write is stored, and for how long that stays open:
//! the server may not have noticed yet, or still be at work on it. So every session holds a lock of the server under a
//! name of its own. The server lets go of it at the session's end, after it has committed or undone the last
//! transaction. Who gets the lock on another session knows that nothing comes after, and may look at the table.

use std::time::Duration;

use sqlx::{MySqlConnection, Row as _};

const WAIT: &str = "SELECT GET_LOCK(?, ?)";

/// The name of a session's lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fence(String);

impl Fence {
    /// A name that no other session has, in the at most 64 characters of a lock.
    pub(super) fn new() -> Self {
        Self(format!("expense-session-{:032x}", rand::random::<u128>()))
    }

    /// The statement by which the session takes its lock; it answers 1.
    pub(super) fn statement(&self) -> String {
        format!("SELECT GET_LOCK('{}', 0)", self.0)
    }

    /// Waits on another session for the end of the one that has the lock: whole seconds, at least one. Says whether it
    /// is over. The lock stays with that other session: nobody else asks for it.
    pub(super) async fn is_over(
        &self,
        connection: &mut MySqlConnection,
        patience: Duration,
    ) -> Result<bool, sqlx::Error> {
        let row = sqlx::query(WAIT)
            .bind(self.0.as_str())
            .bind(patience.as_secs().max(1))
            .fetch_one(connection)
            .await?;
        // 0 where it was not had in time, NULL where the wait was interrupted.
        Ok(row.try_get::<Option<i64>, _>(0)? == Some(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_and_fit_into_a_lock() {
        let (one, other) = (Fence::new(), Fence::new());
        assert_ne!(one, other);
        assert!(one.0.len() <= 64, "{one:?}");
    }
}
