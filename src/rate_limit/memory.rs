//! Counts in this process. Memory is bounded, whatever addresses requests come from.

use std::{
    fmt,
    num::NonZeroU32,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use async_trait::async_trait;
use governor::{
    Quota,
    clock::{Clock, MonotonicClock},
    middleware::StateInformationMiddleware,
    nanos::Nanos,
    state::{
        StateStore,
        keyed::{DashMapStateStore, ShrinkableKeyedStateStore},
    },
};

use super::{LimitKey, Policy, RateLimiter, Verdict};

/// Most callers that are counted apart, about 100 bytes each. Those beyond share a count with others.
pub const MAX_CALLERS: usize = 200_000;
/// Counts that callers beyond [`MAX_CALLERS`] share.
const SHARED_COUNTS: u16 = 1024;
/// Callers who could do their whole burst again are looked for after at least so many requests, and after as many as
/// a quarter of the callers: the more there are, the longer it takes.
const SWEEP_EVERY: u64 = 4096;

type Gcra<C> = governor::RateLimiter<LimitKey, Counts, C, StateInformationMiddleware>;

/// Counts in this process.
pub struct MemoryLimiter<C: Clock = MonotonicClock> {
    policy: Policy,
    gcra: Gcra<C>,
    checks: AtomicU64,
    /// The number of checks at which idle callers are looked for next.
    sweep_at: AtomicU64,
}

impl MemoryLimiter {
    /// A limiter by the system's clock.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self::with_clock(policy, MonotonicClock)
    }
}

impl<C: Clock> MemoryLimiter<C> {
    /// A limiter by another clock.
    #[must_use]
    pub fn with_clock(policy: Policy, clock: C) -> Self {
        let burst = NonZeroU32::new(policy.requests).unwrap_or(NonZeroU32::MIN);
        // A policy's interval is at least a microsecond, so that there always is a quota.
        let quota = Quota::with_period(policy.interval())
            .unwrap_or(Quota::per_second(burst))
            .allow_burst(burst);
        Self {
            policy,
            gcra: Gcra::new(quota, Counts::default(), clock),
            checks: AtomicU64::new(0),
            sweep_at: AtomicU64::new(SWEEP_EVERY),
        }
    }

    /// Counts one request of `key`, if it is allowed.
    pub fn check_now(&self, key: LimitKey) -> Verdict {
        self.sweep_if_due();
        match self.gcra.check_key(&key) {
            Ok(state) => self.policy.allowed(state.remaining_burst_capacity()),
            Err(until) => {
                let wait = until.wait_time_from(self.gcra.clock().now());
                self.policy
                    .refused(u64::try_from(wait.as_micros()).unwrap_or(u64::MAX))
            }
        }
    }

    fn sweep_if_due(&self) {
        let checks = self.checks.fetch_add(1, Ordering::Relaxed);
        let due = self.sweep_at.load(Ordering::Relaxed);
        if checks < due {
            return;
        }
        let next = checks + SWEEP_EVERY.max(self.gcra.len() as u64 / 4);
        // Of several threads that see that it is due, one sweeps.
        let exchanged =
            self.sweep_at
                .compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed);
        if exchanged.is_ok() {
            self.gcra.retain_recent();
        }
    }

    /// Callers that are remembered.
    #[must_use]
    pub fn callers(&self) -> usize {
        self.gcra.len()
    }
}

#[async_trait]
impl<C> RateLimiter for MemoryLimiter<C>
where
    C: Clock + Send + Sync + 'static,
    C::Instant: Send + Sync,
{
    async fn check(&self, key: LimitKey) -> Verdict {
        self.check_now(key)
    }
}

impl<C: Clock> fmt::Debug for MemoryLimiter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLimiter")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// The count of each caller, of no more than about [`MAX_CALLERS`].
#[derive(Debug, Default)]
struct Counts {
    callers: DashMapStateStore<LimitKey>,
    full: AtomicBool,
}

impl StateStore for Counts {
    type Key = LimitKey;

    fn measure_and_replace<T, F, E>(&self, key: &LimitKey, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        if self.full.load(Ordering::Relaxed) && !self.callers.contains_key(key) {
            return self.callers.measure_and_replace(&shared_count(*key), f);
        }
        self.callers.measure_and_replace(key, f)
    }
}

impl ShrinkableKeyedStateStore<LimitKey> for Counts {
    fn retain_recent(&self, drop_below: Nanos) {
        self.callers.retain_recent(drop_below);
        let full = self.callers.len() >= MAX_CALLERS;
        self.full.store(full, Ordering::Relaxed);
    }

    fn len(&self) -> usize {
        self.callers.len()
    }

    fn is_empty(&self) -> bool {
        self.callers.is_empty()
    }
}

/// The count that a caller shares who came too late for one of their own.
fn shared_count(key: LimitKey) -> LimitKey {
    let slot = u16::from_be_bytes([key.0[0], key.0[1]]) % SHARED_COUNTS;
    let mut shared = [0; 16];
    shared[..2].copy_from_slice(&slot.to_be_bytes());
    LimitKey(shared)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;
    use crate::config::RateLimitConfig;

    fn limiter(requests: u32, secs: u64) -> (MemoryLimiter<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let policy = Policy::new(&RateLimitConfig {
            requests,
            window: Duration::from_secs(secs),
        });
        (MemoryLimiter::with_clock(policy, clock.clone()), clock)
    }

    #[test]
    fn a_burst_is_allowed_and_then_one_request_each_interval() {
        let (limiter, clock) = limiter(3, 60);
        let key = LimitKey::caller("team");
        for remaining in [2, 1, 0] {
            let verdict = limiter.check_now(key);
            assert!(verdict.allowed);
            assert_eq!(verdict.remaining, remaining);
            assert_eq!(verdict.reset_secs, u64::from(3 - remaining) * 20);
        }
        let refused = limiter.check_now(key);
        assert_eq!(
            (refused.allowed, refused.remaining, refused.reset_secs),
            (false, 0, 20)
        );
        clock.advance(Duration::from_millis(19_999));
        assert_eq!(limiter.check_now(key).reset_secs, 1);
        clock.advance(Duration::from_millis(1));
        assert!(limiter.check_now(key).allowed);
        assert!(!limiter.check_now(key).allowed);
        assert!(limiter.check_now(LimitKey::caller("other")).allowed);
    }

    #[test]
    fn refused_requests_cost_nothing() {
        let (limiter, clock) = limiter(1, 10);
        let key = LimitKey::caller("team");
        assert!(limiter.check_now(key).allowed);
        for _ in 0..100 {
            assert!(!limiter.check_now(key).allowed);
        }
        clock.advance(Duration::from_secs(10));
        assert!(limiter.check_now(key).allowed);
    }

    #[test]
    fn a_flood_of_addresses_fills_no_memory_and_takes_no_caller_their_count() {
        let (limiter, clock) = limiter(1, 60);
        let known = LimitKey::caller("team");
        assert!(limiter.check_now(known).allowed);
        for number in 0..MAX_CALLERS * 2 {
            limiter.check_now(LimitKey::caller(&number.to_string()));
        }
        let bound = MAX_CALLERS * 5 / 4 + usize::from(SHARED_COUNTS);
        assert!(limiter.callers() <= bound, "{}", limiter.callers());
        assert!(limiter.callers() >= MAX_CALLERS);
        assert!(!limiter.check_now(known).allowed, "the count was kept");

        clock.advance(Duration::from_secs(121));
        for _ in 0..=MAX_CALLERS / 2 {
            limiter.check_now(known);
        }
        assert_eq!(limiter.callers(), 1, "who could burst again is forgotten");
    }
}
