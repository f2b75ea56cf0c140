//! One connection, as its users hold it.

use std::{fmt, sync::Arc};

use redis::{Pipeline, RedisError, Value, aio::MultiplexedConnection};

use super::connect::field;

/// Which server this is, and which history of its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `run_id`: another one after each start of the server.
    pub run_id: String,
    /// `master_replid`: another one after each start, and after each change of role: a server that became a replica and
    /// then a primary again may hold other data than before.
    pub history: String,
}

impl Identity {
    /// The history that the server is in, from its answer to `INFO replication`.
    #[must_use]
    pub fn history_in(info: &str) -> Option<&str> {
        field(info, "master_replid")
    }
}

/// A connection. Clones share it.
#[derive(Clone)]
pub struct Session {
    number: u64,
    identity: Arc<Identity>,
    connection: MultiplexedConnection,
}

impl Session {
    pub(super) fn new(number: u64, identity: Identity, connection: MultiplexedConnection) -> Self {
        Self {
            number,
            identity: Arc::new(identity),
            connection,
        }
    }

    /// The number of the connection: never given twice in a process.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Which server this was when the connection was made.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(super) async fn query(&self, pipeline: &Pipeline) -> Result<Vec<Value>, RedisError> {
        // A handle of its own: calls run side by side on the connection.
        pipeline.query_async(&mut self.connection.clone()).await
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("number", &self.number)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// Why a call has no reply. Never carries what was sent.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// No reply in time.
    #[error("no reply in time")]
    Silent,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The server refused a command: the code of its answer, such as `READONLY`.
    #[error("the server refused: {0}")]
    Refused(String),
}

impl CallError {
    /// `NOSCRIPT`: the script must be sent whole. The connection is sound.
    #[must_use]
    pub fn is_unknown_script(&self) -> bool {
        matches!(self, Self::Refused(code) if code == "NOSCRIPT")
    }
}

impl From<RedisError> for CallError {
    fn from(error: RedisError) -> Self {
        match error.clone().into_server_errors() {
            // The code alone: the rest of the text may repeat arguments.
            Some(errors) => Self::Refused(
                errors
                    .first()
                    .map_or_else(String::new, |(_, error)| error.code().to_owned()),
            ),
            None => Self::Broken(error.to_string()),
        }
    }
}
