//! A panic costs one reply, not the process.
//!
//! The router runs handlers under [`catch`] and answers `None` with the `internal` problem. The panic itself is
//! logged once, with the request's ids, by the hook of `telemetry`: it runs where the panic starts, inside the
//! request's scope. The reply never tells what it was.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;

/// Runs `work`; `None` where it panicked.
pub async fn catch<F: Future>(work: F) -> Option<F::Output> {
    // Whatever the work shared is behind locks and atomics that survive it; its own state is dropped.
    AssertUnwindSafe(work).catch_unwind().await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_none_also_after_an_await() {
        assert_eq!(catch(async { 7 }).await, Some(7));
        let early: Option<()> = catch(async { panic!("early") }).await;
        assert_eq!(early, None);
        let late: Option<()> = catch(async {
            tokio::task::yield_now().await;
            panic!("late")
        })
        .await;
        assert_eq!(late, None);
    }
}
