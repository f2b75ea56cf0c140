//! Why the service cannot start, and how often it tries.

use std::time::{Duration, Instant};

use rand::Rng as _;

use crate::{secrets::SecretError, store::StoreError};

/// The pauses between tries to reach the store, in seconds; the last one repeats.
const PAUSES: [u64; 4] = [1, 2, 4, 8];

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A choice that cannot be made true.
    #[error("{0}")]
    Configuration(String),
    /// A secret that cannot be had or read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The store was not reached in time.
    #[error("the store could not be reached within {} s: {error}", .waited.as_secs())]
    Store {
        /// How long it was tried.
        waited: Duration,
        /// The last failure.
        error: StoreError,
    },
    /// A fault of ours.
    #[error("{0}")]
    Internal(String),
}

/// Tries until it works or `limit` is over; each try is told what is left.
pub(super) async fn retried<T, F>(
    limit: Duration,
    attempt: impl Fn(Duration) -> F,
) -> Result<T, StartError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let began = Instant::now();
    let mut tries = 0;
    loop {
        let error = match attempt(limit.saturating_sub(began.elapsed())).await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let waited = began.elapsed();
        let pause = pause(tries).min(limit.saturating_sub(waited));
        if pause.is_zero() {
            return Err(StartError::Store { waited, error });
        }
        let retry_in_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(%error, retry_in_ms, "the store cannot be reached yet");
        tokio::time::sleep(pause).await;
        tries += 1;
    }
}

/// The pause after the failed try number `tries` (from 0): 1, 2, 4, then 8 s, a quarter more or less at random, so
/// that replicas that start together do not come back together.
#[must_use]
fn pause(tries: usize) -> Duration {
    let seconds = PAUSES[tries.min(PAUSES.len() - 1)];
    let jitter = rand::rng().random_range(-250..=250_i64);
    let millis = i64::try_from(seconds * 1000).unwrap_or(i64::MAX);
    Duration::from_millis(millis.saturating_add(millis / 1000 * jitter).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_eight_seconds_with_jitter() {
        for (tries, seconds) in [(0, 1), (1, 2), (2, 4), (3, 8), (9, 8)] {
            let middle = Duration::from_secs(seconds);
            for _ in 0..100 {
                let pause = pause(tries);
                assert!(
                    pause >= middle * 3 / 4 && pause <= middle * 5 / 4,
                    "{tries}: {pause:?}"
                );
            }
        }
    }
}
