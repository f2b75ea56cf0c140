//! Patience that only counts while this process runs.

use std::{future::Future, pin::pin, time::Duration};

use tokio::time::timeout;

/// The steps in which patience is used up.
const STEP: Duration = Duration::from_millis(25);

/// Waits for `future`, at most `patience` of time in which this process was awake; `None`: it did not come.
///
/// A process that was stopped for a second (no CPU, a frozen sandbox) finds its timers due all at once, before the
/// replies that arrived meanwhile were looked at. Time is therefore used up in steps, and a stop costs one step,
/// however long it was: silence is only blamed on the other side after this one has listened.
pub async fn within<F: Future>(patience: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = patience;
    loop {
        let step = left.min(STEP);
        if let Ok(output) = timeout(step, &mut future).await {
            return Some(output);
        }
        left -= step;
        if left.is_zero() {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::{
        sync::oneshot,
        time::{Instant, advance},
    };

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn patience_ends() {
        let begun = Instant::now();
        assert_eq!(
            within(Duration::from_millis(60), pending::<()>()).await,
            None
        );
        let waited = begun.elapsed();
        assert!(waited >= Duration::from_millis(60) && waited < Duration::from_millis(70));
        assert_eq!(within(Duration::from_millis(60), ready(1)).await, Some(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_of_this_process_costs_one_step() {
        let (reply, replied) = oneshot::channel();
        let waiting = tokio::spawn(within(Duration::from_millis(200), replied));
        tokio::task::yield_now().await;
        advance(Duration::from_secs(5)).await;
        tokio::task::yield_now().await;
        reply.send(()).unwrap();
        assert!(waiting.await.unwrap().is_some(), "the reply was there");
    }
}
