//! The shared cache under each fault of Redis: nothing older than an acknowledged write is served, nobody waits, and
//! what is owed is delivered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use expense_backend::{
    cache::{Cache as _, Change, Health, Key, Lookup, redis::RedisCache},
    domain::TransactionId,
};

use crate::support::{
    cache::{self, BELIEF_LIMIT, hit, ready},
    redis::Redis,
};

/// What all cache calls of a request may take together: 250 ms, and what a machine that runs several suites at a time
/// may be late.
const BUDGET: Duration = Duration::from_millis(250 + 100);
/// Within this an owed invalidation is delivered once Redis answers again.
const DELIVERY: Duration = Duration::from_secs(1);

fn row() -> Key {
    Key::OldRow(TransactionId::from_store(1).unwrap())
}

/// Two processes that share a Redis of this test, and a clock that knows when this process itself was held up.
struct Pair {
    redis: Redis,
    prefix: String,
    one: RedisCache,
    two: RedisCache,
    stalls: Stalls,
}

impl Pair {
    async fn believing() -> Self {
        let redis = Redis::start();
        let prefix = cache::prefix();
        let [one, two] = [(); 2].map(|()| cache::redis(redis.port(), &prefix));
        cache::believes(&one).await;
        cache::believes(&two).await;
        Self {
            redis,
            prefix,
            one,
            two,
            stalls: Stalls::watched(),
        }
    }

    /// Both processes have `text` under both keys.
    async fn filled(&self, text: &str) {
        for cache in [&self.one, &self.two] {
            for key in [Key::List, row()] {
                let end = Instant::now() + BELIEF_LIMIT;
                while hit(&cache.lookup(key).await).as_deref() != Some(text) {
                    assert!(Instant::now() < end, "{key:?} is not filled with {text}");
                    if let Lookup::Miss(stamp) = cache.lookup(key).await {
                        cache.keep(key, stamp, Some(&ready(text)));
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
    }

    /// A write of the first process; within the budget.
    async fn write(&self) {
        let begun = self.stalls.mark();
        self.one
            .invalidate(Change::Row(TransactionId::from_store(1).unwrap()))
            .await;
        self.stalls.within(begun, BUDGET, "an invalidation");
    }

    /// A lookup that took no longer than the budget.
    async fn look(&self, cache: &RedisCache, key: Key) -> Lookup {
        let begun = self.stalls.mark();
        let found = cache.lookup(key).await;
        self.stalls.within(begun, BUDGET, "a lookup");
        found
    }

    /// For `time` both processes are asked, and never serve `old`.
    async fn never_serve(&self, old: &[&str], time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            for cache in [&self.one, &self.two] {
                for key in [Key::List, row()] {
                    if let Some(text) = hit(&self.look(cache, key).await) {
                        assert!(!old.contains(&text.as_str()), "{key:?}: {text} was served");
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// What is owed is delivered in time from now on.
    async fn delivers(&self) {
        let begun = self.stalls.mark();
        while self.one.owed() + self.two.owed() > 0 {
            self.stalls
                .within(begun, DELIVERY, "the delivery of what is owed");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The cache is of use again: a fill of one process is found by both.
    async fn works_again(&self) {
        cache::believes(&self.one).await;
        cache::believes(&self.two).await;
        self.filled("again").await;
    }
}

/// Measures how long this process was kept from running, which no budget can be blamed for.
struct Stalls {
    total: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl Stalls {
    fn watched() -> Self {
        let stalls = Self {
            total: Arc::default(),
            over: Arc::default(),
        };
        let (total, over) = (stalls.total.clone(), stalls.over.clone());
        std::thread::spawn(move || {
            let step = Duration::from_millis(2);
            while !over.load(Ordering::Relaxed) {
                let begun = Instant::now();
                std::thread::sleep(step);
                let stall = begun.elapsed().saturating_sub(step);
                total.fetch_add(u64::try_from(stall.as_micros()).unwrap(), Ordering::Relaxed);
            }
        });
        stalls
    }

    fn mark(&self) -> (Instant, u64) {
        (Instant::now(), self.total.load(Ordering::Relaxed))
    }

    fn within(&self, (begun, before): (Instant, u64), limit: Duration, what: &str) {
        let took = begun.elapsed();
        let stalled = self.total.load(Ordering::Relaxed) - before;
        let limit = limit + Duration::from_micros(stalled);
        assert!(took <= limit, "{what} took {took:?}, more than {limit:?}");
    }
}

impl Drop for Stalls {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_empty() {
    let mut pair = Pair::believing().await;
    pair.filled("old").await;
    pair.redis.kill();
    pair.write().await;
    assert_eq!(pair.one.owed(), 1);
    pair.never_serve(&["old"], Duration::from_millis(500)).await;
    pair.write().await;
    assert_eq!(pair.one.owed(), 2);
    assert_eq!(pair.one.probe().await, Health::Disconnected);
    pair.redis.start_again();
    pair.delivers().await;
    assert_eq!(pair.one.probe().await, Health::Connected);
    pair.never_serve(&["old"], Duration::from_secs(2)).await;
    pair.works_again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restored_from_an_old_snapshot() {
    let mut pair = Pair::believing().await;
    pair.filled("old").await;
    pair.redis.save();
    pair.write().await;
    pair.filled("new").await;
    pair.redis.kill();
    pair.redis.start_again();
    assert_ne!(pair.redis.command("DBSIZE"), ":0", "the snapshot was read");
    let late = cache::redis(pair.redis.port(), &pair.prefix);
    pair.never_serve(&["old"], Duration::from_secs(2)).await;
    cache::believes(&late).await;
    assert_ne!(hit(&late.lookup(Key::List).await).as_deref(), Some("old"));
    pair.works_again().await;
}

/// The second process is idle while Redis stands still, and has nothing to tell it of that but its own clock.
#[tokio::test(flavor = "multi_thread")]
async fn frozen() {
    let pair = Pair::believing().await;
    pair.filled("old").await;
    pair.redis.freeze();
    let begun = Instant::now();
    for writes in 1..=3 {
        pair.write().await;
        assert_eq!(pair.one.owed(), writes);
    }
    while begun.elapsed() < Duration::from_secs(3) {
        assert!(hit(&pair.look(&pair.one, Key::List).await).is_none());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    pair.write().await;
    pair.redis.thaw();
    pair.never_serve(&["old"], DELIVERY).await;
    assert_eq!(pair.one.owed(), 0);
    pair.never_serve(&["old"], Duration::from_secs(1)).await;
    pair.works_again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn made_a_replica_of_an_older_copy_and_promoted() {
    let pair = Pair::believing().await;
    pair.filled("old").await;
    let copy = Redis::start_with(&["--repl-diskless-sync-delay", "0"]);
    follow(&copy, pair.redis.port());
    copy.command("REPLICAOF NO ONE");
    pair.write().await;
    pair.filled("new").await;
    // The failover: what is read and written from now on is the older copy.
    follow(&pair.redis, copy.port());
    pair.write().await;
    assert_eq!(pair.one.owed(), 1, "a replica takes no writes");
    pair.never_serve(&["old", "new"], Duration::from_millis(500))
        .await;
    assert_eq!(pair.redis.command("REPLICAOF NO ONE"), "+OK");
    pair.delivers().await;
    pair.never_serve(&["old", "new"], Duration::from_secs(2))
        .await;
    pair.works_again().await;
}

fn follow(replica: &Redis, primary: u16) {
    assert_eq!(
        replica.command(&format!("REPLICAOF 127.0.0.1 {primary}")),
        "+OK"
    );
    crate::support::wait::until("a replica in step", Duration::from_secs(30), || {
        let info = replica.command("INFO replication");
        (info.contains("master_link_status:up") && info.contains("master_sync_in_progress:0"))
            .then_some(())
    });
}

/// The first replica gives the primary's history another name. Both processes notice; no write is lost on the way.
#[tokio::test(flavor = "multi_thread")]
async fn given_a_first_replica() {
    let pair = Pair::believing().await;
    pair.filled("old").await;
    let replica = Redis::start();
    follow(&replica, pair.redis.port());
    pair.write().await;
    assert_eq!(pair.one.owed(), 0);
    pair.never_serve(&["old"], Duration::from_secs(1)).await;
    pair.works_again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn emptied_while_it_runs() {
    let pair = Pair::believing().await;
    pair.filled("old").await;
    assert_eq!(pair.redis.command("FLUSHALL"), "+OK");
    pair.never_serve(&["old"], Duration::from_millis(200)).await;
    pair.filled("new").await;
    pair.write().await;
    pair.never_serve(&["old", "new"], Duration::from_millis(200))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn evicting() {
    let pair = Pair::believing().await;
    pair.redis
        .command("CONFIG SET maxmemory-policy allkeys-random");
    pair.redis.command("CONFIG SET maxmemory 1500kb");
    let filler = "x".repeat(10_000);
    for round in 0..200 {
        let text = round.to_string();
        let before = (round - 1).to_string();
        for number in 0..5 {
            pair.redis
                .command(&format!("SET junk-{round}-{number} {filler}"));
        }
        for cache in [&pair.one, &pair.two] {
            if let Lookup::Miss(stamp) = pair.look(cache, Key::List).await {
                cache.keep(Key::List, stamp, Some(&ready(&text)));
            }
            assert_ne!(
                hit(&pair.look(cache, Key::List).await),
                Some(before.clone())
            );
        }
        pair.write().await;
        assert_eq!(pair.one.owed(), 0);
    }
    assert_ne!(
        pair.redis.command("INFO stats").find("evicted_keys:0\r"),
        Some(0)
    );
}

/// Full, and forbidden to evict: it answers, but takes no writes.
#[tokio::test(flavor = "multi_thread")]
async fn full() {
    let pair = Pair::believing().await;
    pair.filled("old").await;
    pair.redis.command("CONFIG SET maxmemory 1");
    pair.write().await;
    assert_eq!(pair.one.owed(), 1);
    pair.never_serve(&["old"], Duration::from_millis(500)).await;
    pair.redis.command("CONFIG SET maxmemory 0");
    pair.never_serve(&["old"], DELIVERY).await;
    assert_eq!(pair.one.owed(), 0);
    pair.works_again().await;
}

/// A connection that is merely dropped is back before a write has used up its budget.
#[tokio::test(flavor = "multi_thread")]
async fn connections_dropped() {
    let pair = Pair::believing().await;
    for round in 0..3 {
        pair.filled(&round.to_string()).await;
        pair.redis.command("CLIENT KILL TYPE normal");
        pair.write().await;
        assert_eq!(pair.one.owed(), 0, "round {round}");
        pair.never_serve(&[round.to_string().as_str()], Duration::from_millis(100))
            .await;
        cache::believes(&pair.one).await;
        cache::believes(&pair.two).await;
    }
}

/// An invalidation whose request is gone is delivered, or owed.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_nobody_waits_for() {
    let pair = Pair::believing().await;
    pair.filled("old").await;
    pair.redis.freeze();
    let write = pair.one.invalidate(Change::Everything);
    assert!(
        tokio::time::timeout(Duration::from_millis(20), write)
            .await
            .is_err()
    );
    let end = Instant::now() + BELIEF_LIMIT;
    while pair.one.owed() == 0 {
        assert!(Instant::now() < end, "nothing is owed");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    pair.redis.thaw();
    pair.delivers().await;
    pair.never_serve(&["old"], Duration::from_secs(2)).await;
}
