//! How a store fails.

use std::{error::Error, fmt, sync::Arc};

/// The word under which a failure is counted (`db_errors_total{kind}`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// No connection could be made, or it broke.
    Connect,
    /// The store did not answer in time.
    Timeout,
    /// No connection of the pool came free in time.
    Pool,
    /// The store refused the statement.
    Query,
}

impl ErrorKind {
    /// Every kind, for metrics that exist from the first scrape.
    pub const ALL: [Self; 4] = [Self::Connect, Self::Timeout, Self::Pool, Self::Query];

    /// The label value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Pool => "pool",
            Self::Query => "query",
        }
    }
}

/// The cause, for the log: shared, since one failed read may answer many requests.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// A store that failed. Clones share their cause.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no connection, or the store cannot take the write now (a full disk, a read-only replica).
    #[error("the store cannot be reached")]
    Unavailable {
        /// For the metric.
        kind: ErrorKind,
        /// For the log.
        #[source]
        cause: Shown,
    },
    /// The tables that this program needs are not there.
    #[error("the store is not migrated")]
    NotMigrated,
    /// The store refused what it should have taken: a fault of ours.
    #[error("the store refused a statement")]
    Internal {
        /// For the log.
        #[source]
        cause: Shown,
    },
}

impl StoreError {
    /// Unavailable for `kind`, because of `cause`.
    pub fn unavailable(kind: ErrorKind, cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Unavailable {
            kind,
            cause: Shown(Arc::new(cause)),
        }
    }

    /// A fault of ours, because of `cause`.
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Internal {
            cause: Shown(Arc::new(cause)),
        }
    }

    /// The word under which it is counted.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Unavailable { kind, .. } => *kind,
            Self::NotMigrated | Self::Internal { .. } => ErrorKind::Query,
        }
    }
}

/// A shared cause that is an error itself.
#[derive(Debug, Clone)]
pub struct Shown(pub Cause);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Shown {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
