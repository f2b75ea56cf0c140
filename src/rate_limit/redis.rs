//! Counts for all processes that share a Redis: one call of one script, by the server's clock.
//!
//! While Redis cannot be had the process counts alone. It has counted along all the time, so that an outage gives
//! nobody their burst again.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use redis::{Pipeline, Script, Value};

use super::{LimitKey, Policy, RateLimiter, Verdict, memory::MemoryLimiter};
use crate::redis_link::{CallError, Link, Session};

/// How long a request waits to be counted.
pub const PATIENCE: Duration = Duration::from_millis(100);

/// GCRA on the one key. Expects `now` in microseconds before it, the interval and the requests of a burst as
/// arguments. Gives whether the request is allowed, how many may follow, and the microseconds to wait where it is not.
///
/// Moments are microseconds since 1970, which Lua's numbers hold exactly. One that lies further ahead than a window is
/// of a clock that went backwards (a failover) or of an earlier policy: nobody waits longer than a window.
pub const GCRA: &str = "
local interval, requests = tonumber(ARGV[1]), tonumber(ARGV[2])
local window = interval * requests
local arrival = tonumber(redis.call('GET', KEYS[1]) or now)
arrival = math.min(math.max(arrival, now), now + window)
local following = arrival + interval
if following > now + window then
  return {0, 0, following - now - window}
end
local lifetime = math.ceil((following - now) / 1000)
redis.call('SET', KEYS[1], string.format('%.0f', following), 'PX', lifetime)
return {1, math.floor((now + window - following) / interval), 0}
";

/// The server's clock: that of the processes would have to agree.
const SERVER_CLOCK: &str = "
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
";

/// Counts for all processes that share a Redis.
pub struct RedisLimiter {
    policy: Policy,
    link: Link,
    script: Script,
    source: String,
    own: MemoryLimiter,
}

impl RedisLimiter {
    /// A limiter by the Redis of `link`.
    #[must_use]
    pub fn new(policy: Policy, link: Link) -> Self {
        let source = format!("{SERVER_CLOCK}{GCRA}");
        Self {
            policy,
            link,
            script: Script::new(&source),
            source,
            own: MemoryLimiter::new(policy),
        }
    }

    async fn ask(&self, session: &Session, key: LimitKey) -> Result<Verdict, CallError> {
        let known = self.call("EVALSHA", self.script.get_hash(), key);
        let replies = match self.link.call(session, &known, PATIENCE).await {
            // After a restart of the server. It remembers the script from then on.
            Err(error) if error.is_unknown_script() => {
                let whole = self.call("EVAL", &self.source, key);
                self.link.call(session, &whole, PATIENCE).await?
            }
            other => other?,
        };
        self.verdict(replies)
            .ok_or_else(|| CallError::Refused("an answer of another shape".to_owned()))
    }

    fn call(&self, command: &str, script: &str, key: LimitKey) -> Pipeline {
        let mut pipeline = redis::pipe();
        pipeline
            .cmd(command)
            .arg(script)
            .arg(1)
            .arg(redis_key(key))
            .arg(self.policy.interval_micros)
            .arg(self.policy.requests);
        pipeline
    }

    fn verdict(&self, replies: Vec<Value>) -> Option<Verdict> {
        let reply = replies.into_iter().next()?;
        let (allowed, remaining, wait): (bool, u32, u64) = redis::from_redis_value(reply).ok()?;
        Some(match allowed {
            true => self.policy.allowed(remaining),
            false => self.policy.refused(wait),
        })
    }
}

/// The name of a count. The braces keep all of it in one slot of a cluster, should there ever be more keys to a call.
fn redis_key(key: LimitKey) -> String {
    format!("expense:limit:{{{}}}", hex::encode(key.0))
}

#[async_trait]
impl RateLimiter for RedisLimiter {
    async fn check(&self, key: LimitKey) -> Verdict {
        let own = self.own.check_now(key);
        let Some(session) = self.link.current() else {
            return own;
        };
        // The failure was counted and logged where it was seen.
        self.ask(&session, key).await.unwrap_or(own)
    }
}

impl fmt::Debug for RedisLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLimiter")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
