//! What the process does beside requests.

use std::{sync::Arc, time::Duration};

use rand::Rng as _;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{domain::Timestamp, store::Store};

/// How often idempotency records are swept.
const SWEEP_EVERY: Duration = Duration::from_secs(300);
/// Records of one statement: few enough to hold no lock for long.
const SWEEP_ROWS: u32 = 500;
/// How long an idempotency record is kept.
const KEPT_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// Forgets idempotency records that have expired, now and then, until `stop`.
pub(super) async fn sweep(store: Arc<dyn Store>, stop: CancellationToken) {
    loop {
        // Replicas started together sweep at different times.
        let pause = SWEEP_EVERY.mul_f64(rand::rng().random_range(0.5..1.5));
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(pause) => {}
        }
        let before = Timestamp::from_micros(Timestamp::now().micros() - KEPT_MICROS);
        loop {
            match store.sweep_claims(before, SWEEP_ROWS).await {
                Ok(swept) if swept == u64::from(SWEEP_ROWS) && !stop.is_cancelled() => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "idempotency records could not be swept");
                    break;
                }
            }
        }
    }
}
