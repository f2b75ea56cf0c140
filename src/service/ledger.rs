//! The ledger: what can be done with transactions.

use std::{fmt, future::Future, sync::Arc};

use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, Span};

use super::{ServiceError, gate::Gate, health::Health, in_progress::InProgress, reads::Flights};
use crate::{
    cache::{Change, Key, Lookup, SharedCache},
    domain::Timestamp,
    store::{PoolState, Store},
    telemetry::context::carried,
};

/// The rules over the store and the cache.
#[derive(Clone)]
pub struct Ledger {
    pub(super) store: Arc<dyn Store>,
    pub(super) cache: SharedCache,
    pub(super) gate: Gate,
    pub(super) health: Arc<Health>,
    pub(super) flights: Arc<Flights>,
    pub(super) in_progress: InProgress,
    pub(super) now: fn() -> Timestamp,
    tasks: TaskTracker,
}

impl Ledger {
    /// Over `store` and `cache`; data requests pass `gate` first.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        cache: SharedCache,
        gate: Gate,
        health: Arc<Health>,
        now: fn() -> Timestamp,
    ) -> Self {
        Self {
            store,
            cache,
            gate,
            health,
            flights: Arc::default(),
            in_progress: InProgress::default(),
            now,
            tasks: TaskTracker::new(),
        }
    }

    /// Runs a write to its end, also where its request has gone: a commit without its invalidation would leave the
    /// cache wrong.
    pub(super) async fn detached<T: Send + 'static>(
        &self,
        write: impl Future<Output = Result<T, ServiceError>> + Send + 'static,
    ) -> Result<T, ServiceError> {
        // Its lines and spans are those of the request.
        let task = self.tasks.spawn(carried(write).in_current_span());
        task.await.unwrap_or(Err(ServiceError::Lost))
    }

    /// Makes the caches forget what a committed write touched.
    pub(super) async fn changed(&self, change: Change) {
        self.cache
            .invalidate(change)
            .instrument(cache_call("invalidate"))
            .await;
    }

    /// Asks the cache for a reply.
    pub(super) async fn looked_up(&self, key: Key) -> Lookup {
        self.cache
            .lookup(key)
            .instrument(cache_call("lookup"))
            .await
    }

    /// Connections of the store's pool, by state.
    #[must_use]
    pub fn pool(&self) -> PoolState {
        self.store.pool()
    }

    /// Waits for writes whose requests have gone.
    pub async fn finish_writes(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// The span of a call of the cache; nothing where traces are off.
fn cache_call(call: &'static str) -> Span {
    tracing::debug_span!(target: "expense_backend::cache", "cache_call", call, otel.kind = "client")
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}
