//! Counts that processes share through a real Redis, and what remains of them without it.

use std::{
    cell::{Cell, RefCell},
    net::Ipv4Addr,
    sync::Arc,
    time::{Duration, Instant},
};

use expense_backend::{
    config::{RateLimitConfig, RedisConfig},
    rate_limit::{
        LimitKey, Policy, RateLimiter as _,
        memory::MemoryLimiter,
        redis::{GCRA, RedisLimiter},
    },
    redis_link::Link,
    secrets::{Login, Rotating},
};
use governor::clock::FakeRelativeClock;
use proptest::prelude::*;

use crate::support::{environment, redis::Redis};

/// Far longer than any test: nothing comes back by itself.
const HOUR: u64 = 3600;
/// How long a lost connection may take to come back.
const RECOVERY: Duration = Duration::from_secs(20);

fn policy(requests: u32, window_secs: u64) -> Policy {
    Policy::new(&RateLimitConfig {
        requests,
        window: Duration::from_secs(window_secs),
    })
}

/// A Redis of the test's own, where servers are to be had.
fn redis() -> Option<Redis> {
    environment::redis_url().map(|_| Redis::start())
}

/// One process' limiter, and the link that it counts by, connected.
async fn limiter(redis: &Redis, policy: Policy) -> (RedisLimiter, Link) {
    let config = RedisConfig {
        host: Some(Ipv4Addr::LOCALHOST.to_string()),
        port: redis.port(),
        tls: false,
        ca_bundle: None,
        username: None,
        token: None,
    };
    let login = Login {
        username: None,
        password: None,
        host: None,
        port: None,
        database: None,
    };
    let link = Link::new(&config, Arc::new(Rotating::fixed(login))).unwrap();
    let limiter = RedisLimiter::new(policy, link.clone());
    link.want();
    connected(&link).await;
    (limiter, link)
}

async fn connected(link: &Link) {
    let mut status = link.status();
    let session = status.wait_for(|status| status.session.is_some());
    let session = tokio::time::timeout(RECOVERY, session).await;
    assert!(session.is_ok(), "no connection within {RECOVERY:?}");
}

async fn disconnected(link: &Link) {
    let mut status = link.status();
    let session = status.wait_for(|status| status.session.is_none());
    let session = tokio::time::timeout(RECOVERY, session).await;
    assert!(session.is_ok(), "still connected after {RECOVERY:?}");
}

#[tokio::test]
async fn two_processes_share_one_count() {
    let Some(redis) = redis() else { return };
    let (one, _link) = limiter(&redis, policy(10, HOUR)).await;
    let (two, _other_link) = limiter(&redis, policy(10, HOUR)).await;
    let key = LimitKey::caller("team");
    for remaining in (0..10).rev() {
        let limiter = if remaining % 2 == 0 { &one } else { &two };
        let verdict = limiter.check(key).await;
        assert!(verdict.allowed);
        assert_eq!(verdict.remaining, remaining);
    }
    for limiter in [&one, &two] {
        let verdict = limiter.check(key).await;
        assert!(!verdict.allowed);
        assert!(
            (1..=HOUR / 10).contains(&verdict.retry_after_secs()),
            "{verdict:?}"
        );
        assert!(limiter.check(LimitKey::caller("other")).await.allowed);
    }
}

#[tokio::test]
async fn requests_at_the_same_moment_are_counted_one_by_one() {
    let Some(redis) = redis() else { return };
    let (one, _link) = limiter(&redis, policy(50, HOUR)).await;
    let (two, _other_link) = limiter(&redis, policy(50, HOUR)).await;
    let limiters = [Arc::new(one), Arc::new(two)];
    let mut checks = tokio::task::JoinSet::new();
    for number in 0..200 {
        let limiter = Arc::clone(&limiters[number % 2]);
        checks.spawn(async move { limiter.check(LimitKey::caller("team")).await.allowed });
    }
    let allowed = checks
        .join_all()
        .await
        .into_iter()
        .filter(|allowed| *allowed);
    assert_eq!(allowed.count(), 50);
}

#[tokio::test]
async fn a_killed_redis_leaves_the_process_to_count_alone_from_where_it_was() {
    let Some(mut redis) = redis() else { return };
    let (limiter, link) = limiter(&redis, policy(4, HOUR)).await;
    let key = LimitKey::caller("team");
    for remaining in [3, 2] {
        assert_eq!(limiter.check(key).await.remaining, remaining);
    }
    redis.kill();
    disconnected(&link).await;
    for remaining in [1, 0] {
        let verdict = limiter.check(key).await;
        assert!(verdict.allowed, "an outage refuses nobody");
        assert_eq!(
            verdict.remaining, remaining,
            "and gives nobody their burst again"
        );
    }
    assert!(!limiter.check(key).await.allowed);
    redis.start_again();
    connected(&link).await;
    assert!(
        limiter.check(key).await.allowed,
        "the new Redis has counted nothing yet"
    );
}

#[tokio::test]
async fn a_frozen_redis_delays_one_request_and_no_more() {
    let Some(redis) = redis() else { return };
    let (limiter, link) = limiter(&redis, policy(100, HOUR)).await;
    let key = LimitKey::caller("team");
    assert!(limiter.check(key).await.allowed);
    redis.freeze();
    let began = Instant::now();
    for _ in 0..50 {
        assert!(limiter.check(key).await.allowed);
    }
    let took = began.elapsed();
    assert!(took < Duration::from_secs(2), "50 requests took {took:?}");
    assert!(link.current().is_none());
    redis.thaw();
    connected(&link).await;
    assert!(limiter.check(key).await.allowed);
}

#[tokio::test]
async fn a_forgotten_script_is_sent_again_on_the_same_connection() {
    let Some(redis) = redis() else { return };
    let (limiter, link) = limiter(&redis, policy(10, HOUR)).await;
    let key = LimitKey::caller("team");
    assert_eq!(limiter.check(key).await.remaining, 9);
    let before = link.current().unwrap().number();
    assert_eq!(redis.command("SCRIPT FLUSH"), "+OK");
    assert_eq!(limiter.check(key).await.remaining, 8);
    assert_eq!(link.current().unwrap().number(), before);
}

#[tokio::test]
async fn a_key_is_short_says_nothing_of_its_caller_and_goes_by_itself() {
    let Some(redis) = redis() else { return };
    let (limiter, _link) = limiter(&redis, policy(2, 60)).await;
    let name = format!("ann@example.com\r\n{}", "x".repeat(100_000));
    assert!(limiter.check(LimitKey::caller(&name)).await.allowed);
    let reply = redis.command("KEYS *");
    let keys: Vec<_> = reply
        .lines()
        .filter(|line| line.starts_with("expense"))
        .collect();
    assert_eq!(keys.len(), 1, "{reply}");
    assert_eq!(keys[0].trim().len(), "expense:limit:{}".len() + 32);
    let lifetime = redis.command(&format!("PTTL {}", keys[0].trim()));
    let lifetime: i64 = lifetime.trim_start_matches(':').parse().unwrap();
    assert!((1..=30_000).contains(&lifetime), "{lifetime} ms");
}

#[tokio::test]
async fn a_clock_that_went_backwards_locks_nobody_out_for_longer_than_a_window() {
    let Some(redis) = redis() else { return };
    let (limiter, _link) = limiter(&redis, policy(2, 60)).await;
    let key = LimitKey::caller("team");
    assert!(limiter.check(key).await.allowed);
    let name = redis.command("KEYS expense*");
    let name = name
        .lines()
        .find(|line| line.starts_with("expense"))
        .unwrap()
        .trim();
    assert_eq!(
        redis.command(&format!("SET {name} 9000000000000000")),
        "+OK"
    );
    let verdict = limiter.check(key).await;
    assert!(!verdict.allowed);
    assert!(verdict.retry_after_secs() <= 30, "{verdict:?}");
}

/// What happens in one step: who asks, and how many microseconds later than the one before.
fn steps() -> impl Strategy<Value = Vec<(u8, u64)>> {
    let gap = prop_oneof![Just(0), 1..2_000_000_u64, 1..200_000_000_u64];
    prop::collection::vec((0..2_u8, gap), 1..80)
}

#[test]
fn memory_and_script_decide_alike() {
    let Some(redis) = redis() else { return };
    let client = ::redis::Client::open((Ipv4Addr::LOCALHOST.to_string(), redis.port())).unwrap();
    let connection = RefCell::new(client.get_connection().unwrap());
    let script = ::redis::Script::new(&format!("local now = tonumber(ARGV[3])\n{GCRA}"));
    let case = Cell::new(0);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    // Intervals of seconds: by the server's own clock no key expires while a case runs.
    let inputs = (1..30_u32, 60..HOUR, steps());
    let outcome = runner.run(&inputs, |(requests, window, steps)| {
        case.set(case.get() + 1);
        let clock = FakeRelativeClock::default();
        let memory = MemoryLimiter::with_clock(policy(requests, window), clock.clone());
        let interval = window * 1_000_000 / u64::from(requests);
        let mut now = 1_795_000_000_000_000_u64;
        for (who, gap) in steps {
            now += gap;
            clock.advance(Duration::from_micros(gap));
            let by_memory = memory.check_now(LimitKey::caller(&who.to_string()));
            let (allowed, remaining, wait): (bool, u32, u64) = script
                .key(format!("{}:{who}", case.get()))
                .arg(interval)
                .arg(requests)
                .arg(now)
                .invoke(&mut *connection.borrow_mut())
                .unwrap();
            prop_assert_eq!(by_memory.allowed, allowed);
            prop_assert_eq!(by_memory.remaining, remaining);
            if !allowed {
                prop_assert_eq!(
                    by_memory.retry_after_secs(),
                    wait.div_ceil(1_000_000).max(1)
                );
            }
        }
        Ok(())
    });
    outcome.unwrap();
}
