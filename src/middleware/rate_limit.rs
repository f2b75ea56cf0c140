//! Which requests are counted, under which name, and what they are told.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::authentication;
use crate::{
    auth::Caller,
    rate_limit::{LimitKey, RateLimiter, Verdict},
    telemetry::names,
};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Whether requests of the route are not counted. `OPTIONS` is answered before anything is.
#[must_use]
pub fn is_exempt(template: Option<&str>) -> bool {
    authentication::is_probe(template)
}

/// Counts the request under the name of its caller; where there is none, or it could not say who it is, under its
/// address: guessing credentials is limited like everything else.
pub async fn check(limiter: &dyn RateLimiter, caller: Option<&Caller>, client: IpAddr) -> Verdict {
    let name = caller.and_then(|caller| caller.subject.as_deref());
    let key = name.map_or_else(|| LimitKey::address(client), LimitKey::caller);
    let verdict = limiter.check(key).await;
    if !verdict.allowed {
        metrics::counter!(names::RATE_LIMITED).increment(1);
    }
    verdict
}

/// Writes `RateLimit` and `RateLimit-Policy`.
pub fn mark(verdict: &Verdict, headers: &mut HeaderMap) {
    for (name, value) in [
        (RATE_LIMIT, verdict.header()),
        (RATE_LIMIT_POLICY, verdict.policy.header()),
    ] {
        // Quotes, letters and digits: there is no value that a header cannot hold.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        config::RateLimitConfig,
        rate_limit::{Policy, memory::MemoryLimiter},
    };

    #[tokio::test]
    async fn callers_are_counted_by_name_and_others_by_address() {
        let limiter = MemoryLimiter::new(Policy::new(&RateLimitConfig {
            requests: 1,
            window: Duration::from_secs(3600),
        }));
        let team = Caller {
            subject: Some("team".to_owned()),
            scopes: Vec::new(),
        };
        let (here, there) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let anybody = Caller::anybody();
        let allowed = async |caller, client| check(&limiter, caller, client).await.allowed;
        assert!(allowed(Some(&team), here).await);
        assert!(
            !allowed(Some(&team), there).await,
            "one name, wherever from"
        );
        assert!(allowed(Some(&anybody), here).await);
        assert!(!allowed(None, here).await, "no name: the address counts");
        assert!(allowed(None, there).await);
    }

    #[tokio::test]
    async fn limited_replies_say_what_is_left_and_when_to_come_back() {
        let limiter = MemoryLimiter::new(Policy::new(&RateLimitConfig {
            requests: 2,
            window: Duration::from_secs(3600),
        }));
        let client = IpAddr::from([192, 0, 2, 1]);
        let mut seen = Vec::new();
        for _ in 0..3 {
            let verdict = check(&limiter, None, client).await;
            let mut headers = HeaderMap::new();
            mark(&verdict, &mut headers);
            assert_eq!(headers["ratelimit-policy"], "\"default\";q=2;w=3600");
            seen.push((headers["ratelimit"].to_str().unwrap().to_owned(), verdict));
        }
        assert_eq!(seen[0].0, "\"default\";r=1;t=1800");
        assert_eq!(seen[1].0, "\"default\";r=0;t=3600");
        assert_eq!(seen[2].0, "\"default\";r=0;t=1800");
        assert_eq!(seen[2].1.retry_after_secs(), 1800);
    }
}
