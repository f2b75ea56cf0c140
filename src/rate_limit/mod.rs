//! How many requests a caller has: GCRA, shared through Redis where there is one.
//!
//! The generic cell rate algorithm keeps one moment for each caller, the *theoretical arrival time*: each allowed
//! request moves it on by window / requests, and a request is refused where that would lie more than a window ahead.
//! A burst of all requests is allowed, then one each window / requests. [`memory`] counts in this process, [`redis`]
//! for all processes that share a Redis; both count in whole microseconds and decide alike.

pub mod memory;
pub mod redis;

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};

use crate::config::RateLimitConfig;

/// Who is counted. A hash: whatever a caller sends, a key has 16 bytes and says nothing of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LimitKey([u8; 16]);

impl LimitKey {
    /// A caller who said who they are: the name of an API key or a token's subject.
    #[must_use]
    pub fn caller(name: &str) -> Self {
        Self::hash(b"caller", name.as_bytes())
    }

    /// An address; of IPv6 the network of 64 bits, which is what one customer is given.
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self::hash(b"address", &v4.octets()),
            IpAddr::V6(v6) => Self::hash(b"network", &network(v6)),
        }
    }

    fn hash(kind: &[u8], value: &[u8]) -> Self {
        let digest = Sha256::new()
            .chain_update(kind)
            .chain_update([0])
            .chain_update(value);
        let digest: [u8; 32] = digest.finalize().into();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Self(key)
    }
}

impl fmt::Debug for LimitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

fn network(address: Ipv6Addr) -> [u8; 8] {
    let mut network = [0; 8];
    network.copy_from_slice(&address.octets()[..8]);
    network
}

/// What a request is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// What was counted by.
    pub policy: Policy,
    /// Whether it may go on.
    pub allowed: bool,
    /// Requests that may follow at once.
    pub remaining: u32,
    /// Where allowed, whole seconds until all requests are there again; else until the next one is. At least 1.
    pub reset_secs: u64,
}

/// How many requests a caller has in which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Requests of a window, and of a burst; at least 1.
    requests: u32,
    /// The window in seconds, at least 1.
    window_secs: u64,
    /// Microseconds in which one more request is allowed; at least 1.
    interval_micros: u64,
}

/// Longest window: a day. Sums of microseconds stay exact in the numbers of Lua.
const MAX_WINDOW_SECS: u64 = 24 * 60 * 60;

impl Policy {
    /// The policy of a configuration; what lies beyond the bounds is moved to them.
    #[must_use]
    pub fn new(config: &RateLimitConfig) -> Self {
        let requests = config.requests.max(1);
        let window_secs = config.window.as_secs().clamp(1, MAX_WINDOW_SECS);
        Self {
            requests,
            window_secs,
            interval_micros: (window_secs * 1_000_000 / u64::from(requests)).max(1),
        }
    }

    /// Requests of a window, and of a burst.
    #[must_use]
    pub const fn requests(&self) -> u32 {
        self.requests
    }

    const fn interval(&self) -> Duration {
        Duration::from_micros(self.interval_micros)
    }

    /// `RateLimit-Policy` as of draft-ietf-httpapi-ratelimit-headers-11: requests and seconds of the window.
    #[must_use]
    pub fn header(&self) -> String {
        let (requests, window) = (self.requests, self.window_secs);
        format!("\"default\";q={requests};w={window}")
    }

    fn allowed(&self, remaining: u32) -> Verdict {
        let used = u64::from(self.requests.saturating_sub(remaining));
        let micros = used.saturating_mul(self.interval_micros);
        Verdict {
            policy: *self,
            allowed: true,
            remaining,
            reset_secs: whole_secs(micros),
        }
    }

    fn refused(&self, wait_micros: u64) -> Verdict {
        Verdict {
            policy: *self,
            allowed: false,
            remaining: 0,
            reset_secs: whole_secs(wait_micros),
        }
    }
}

impl Verdict {
    /// `Retry-After` of a refused request: whole seconds, at least 1.
    #[must_use]
    pub const fn retry_after_secs(&self) -> u64 {
        self.reset_secs
    }

    /// `RateLimit` as of draft-ietf-httpapi-ratelimit-headers-11: requests that are left and the seconds of
    /// [`reset_secs`](Self::reset_secs), which for a refused request are those of `Retry-After`.
    #[must_use]
    pub fn header(&self) -> String {
        let (remaining, reset) = (self.remaining, self.reset_secs);
        format!("\"default\";r={remaining};t={reset}")
    }
}

/// Rounds up: whoever comes back after so many seconds is never early.
fn whole_secs(micros: u64) -> u64 {
    micros.div_ceil(1_000_000).max(1)
}

/// Counts requests. Never fails: a limiter that cannot reach what it shares counts alone.
#[async_trait]
pub trait RateLimiter: fmt::Debug + Send + Sync + 'static {
    /// Counts one request of `key`, if it is allowed.
    async fn check(&self, key: LimitKey) -> Verdict;
}

/// A limiter shared between the parts of the program.
pub type SharedRateLimiter = Arc<dyn RateLimiter>;

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(requests: u32, window_secs: u64) -> Policy {
        Policy::new(&RateLimitConfig {
            requests,
            window: Duration::from_secs(window_secs),
        })
    }

    #[test]
    fn an_ipv6_network_of_64_bits_is_one_caller_and_a_mapped_ipv4_address_is_itself() {
        let key = |text: &str| LimitKey::address(text.parse().unwrap());
        assert_eq!(
            key("2001:db8:1:2::1"),
            key("2001:db8:1:2:ffff:ffff:ffff:ffff")
        );
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    #[test]
    fn a_subject_that_looks_like_an_address_is_not_one() {
        let address = LimitKey::address("192.0.2.1".parse().unwrap());
        assert_ne!(LimitKey::caller("192.0.2.1"), address);
        assert_ne!(LimitKey::caller("\u{0}"), LimitKey::caller(""));
    }

    #[test]
    fn the_headers_are_structured_fields() {
        assert_eq!(policy(100, 60).header(), "\"default\";q=100;w=60");
        assert_eq!(policy(100, 60).allowed(99).header(), "\"default\";r=99;t=1");
        assert_eq!(policy(100, 60).allowed(0).header(), "\"default\";r=0;t=60");
        assert_eq!(
            policy(100, 60).refused(599_999).header(),
            "\"default\";r=0;t=1"
        );
        assert_eq!(policy(100, 60).refused(0).reset_secs, 1);
        assert_eq!(policy(100, 60).refused(1_000_001).reset_secs, 2);
    }

    #[test]
    fn numbers_beyond_the_bounds_are_moved_to_them() {
        let extreme = policy(u32::MAX, 0);
        assert_eq!((extreme.window_secs, extreme.interval_micros), (1, 1));
        assert_eq!(policy(0, 60).requests(), 1);
        assert_eq!(policy(1, u64::MAX).window_secs, MAX_WINDOW_SECS);
    }
}
