//! The table's totals, as gauges.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::Mutex, time::timeout};

use super::{gate::Gate, health::Health};
use crate::{
    store::{Store, Totals},
    telemetry::names,
};

/// How old the gauges may be: reading them costs a walk through the table.
const FRESH: Duration = Duration::from_secs(60);
/// How long a scrape waits for them; a failed or slow read leaves the gauges as they are.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads the totals when a scrape asks for them.
pub struct TableTotals {
    store: Arc<dyn Store>,
    gate: Gate,
    read_at: Mutex<Option<Instant>>,
}

impl TableTotals {
    /// Of `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, gate: Gate) -> Self {
        Self {
            store,
            gate,
            read_at: Mutex::new(None),
        }
    }

    /// Brings the gauges up to date where they are old.
    pub async fn refresh(&self, health: &Health) {
        let mut read_at = self.read_at.lock().await;
        if read_at.is_some_and(|at| at.elapsed() < FRESH) {
            return;
        }
        let read = async {
            self.gate.pass(health).await.ok()?;
            self.store.totals().await.ok()
        };
        if let Ok(Some(totals)) = timeout(PATIENCE, read).await {
            publish(totals);
            *read_at = Some(Instant::now());
        }
    }
}

/// A gauge is a float by its format: this is the one place where money becomes one.
fn publish(totals: Totals) {
    metrics::gauge!(names::TOTAL).set(totals.count as f64);
    metrics::gauge!(names::AMOUNT)
        .set(totals.amount.to_string().parse::<f64>().unwrap_or(f64::MAX));
}

impl fmt::Debug for TableTotals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableTotals").finish_non_exhaustive()
    }
}
