//! Why the service could not do what was asked.

use crate::store::StoreError;

/// An outcome that is not the one asked for. Knows no HTTP.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ServiceError {
    /// There is no such row.
    #[error("there is no such transaction")]
    NotFound,
    /// The row is not in the state that the caller named.
    #[error("the precondition does not hold")]
    PreconditionFailed,
    /// The idempotency key belongs to another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The first request with the idempotency key still runs.
    #[error("a request with this idempotency key is in progress")]
    InProgress,
    /// The store was not reached since the process began.
    #[error("the store was not reached yet")]
    Starting,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A task of ours ended without a result: it panicked, and the panic was logged.
    #[error("a task ended without a result")]
    Lost,
}
