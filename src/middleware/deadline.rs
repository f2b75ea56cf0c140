//! The moment at which a request must have been answered.
//!
//! The router calls `Deadline::of(request.extensions(), Instant::now(), http.request_timeout)` when it gets the
//! request, puts the result into the extensions (whoever reads the body ends at it too, and says 408) and runs the
//! rest under [`Deadline::limit`]; `None` is the `deadline_exceeded` problem. A Lambda invocation that ends earlier
//! puts its own [`Deadline`] in beforehand.

use std::time::Duration;

use axum::http::Extensions;
use tokio::time::Instant;

/// When the reply's head must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub Instant);

impl Deadline {
    /// `limit` after `now`, or what an entrance asked for, whichever is earlier.
    #[must_use]
    pub fn of(extensions: &Extensions, now: Instant, limit: Duration) -> Self {
        // A limit too far away to be told is none.
        let ours = now.checked_add(limit).map(Self);
        match (ours, extensions.get::<Self>().copied()) {
            (Some(ours), Some(given)) => ours.min(given),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => Self(now + Duration::from_secs(86_400)),
        }
    }

    /// The time that is left; zero where it has passed.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Runs `work` until the deadline; `None` where that came first.
    ///
    /// `work` is asked first: what is ready at the deadline still counts, and work that never waits costs no timer.
    pub async fn limit<F: Future>(self, work: F) -> Option<F::Output> {
        tokio::time::timeout_at(self.0, work).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    #[test]
    fn the_earlier_end_wins() {
        let now = Instant::now();
        let mut extensions = Extensions::new();
        assert_eq!(Deadline::of(&extensions, now, LIMIT), Deadline(now + LIMIT));

        extensions.insert(Deadline(now + Duration::from_secs(3)));
        assert_eq!(
            Deadline::of(&extensions, now, LIMIT).0,
            now + Duration::from_secs(3)
        );

        extensions.insert(Deadline(now + Duration::from_secs(30)));
        assert_eq!(Deadline::of(&extensions, now, LIMIT).0, now + LIMIT);
        assert_eq!(
            Deadline::of(&extensions, now, Duration::MAX).0,
            now + Duration::from_secs(30)
        );
    }

    #[tokio::test]
    async fn work_that_hangs_ends_at_the_deadline() {
        let soon = Deadline(Instant::now() + Duration::from_millis(5));
        assert_eq!(soon.limit(std::future::pending::<()>()).await, None);
        assert_eq!(soon.remaining(), Duration::ZERO);
        // Ready work counts even after the deadline.
        assert_eq!(soon.limit(std::future::ready(7)).await, Some(7));
    }
}
