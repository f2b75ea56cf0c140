//! What the service knows of its dependencies: measured, never assumed, and never older than a second.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::Mutex, time::timeout};

use super::gate::Gate;
use crate::{
    cache::{self, SharedCache},
    store::{Schema, Store},
};

/// How long a measurement is believed. Shorter than a second, so that a reply never shows an older one.
const FRESH: Duration = Duration::from_millis(500);
/// How long a measurement may take: health routes answer within a second, whatever hangs.
const PATIENCE: Duration = Duration::from_millis(700);

/// How the store was when it was last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreHealth {
    /// It answered.
    Connected(Schema),
    /// It did not, or not in time.
    Disconnected,
}

impl StoreHealth {
    /// The state of the tables, where they could be looked at.
    #[must_use]
    pub const fn schema(self) -> Option<Schema> {
        match self {
            Self::Connected(schema) => Some(schema),
            Self::Disconnected => None,
        }
    }
}

/// Measures store and cache, at most one measurement at a time.
pub struct Health {
    store: Arc<dyn Store>,
    cache: SharedCache,
    gate: Gate,
    store_seen: Mutex<Option<(Instant, StoreHealth)>>,
    cache_seen: Mutex<Option<(Instant, cache::Health)>>,
}

impl Health {
    /// Of `store` and `cache`; what is seen of the store is told to `gate`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, cache: SharedCache, gate: Gate) -> Self {
        Self {
            store,
            cache,
            gate,
            store_seen: Mutex::new(None),
            cache_seen: Mutex::new(None),
        }
    }

    /// How the store is. Those who ask together share one measurement.
    pub async fn store(&self) -> StoreHealth {
        let mut seen = self.store_seen.lock().await;
        if let Some((when, health)) = *seen
            && when.elapsed() < FRESH
        {
            return health;
        }
        let health = match timeout(PATIENCE, self.store.probe()).await {
            Ok(Ok(schema)) => {
                self.gate.reached(schema);
                StoreHealth::Connected(schema)
            }
            Ok(Err(_)) | Err(_) => StoreHealth::Disconnected,
        };
        *seen = Some((Instant::now(), health));
        health
    }

    /// How the cache is. Those who ask together share one measurement.
    pub async fn cache(&self) -> cache::Health {
        let mut seen = self.cache_seen.lock().await;
        if let Some((when, health)) = *seen
            && when.elapsed() < FRESH
        {
            return health;
        }
        let health = timeout(PATIENCE, self.cache.probe())
            .await
            .unwrap_or(cache::Health::Disconnected);
        *seen = Some((Instant::now(), health));
        health
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health").finish_non_exhaustive()
    }
}
