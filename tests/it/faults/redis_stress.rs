//! Two processes, a store, random reads and writes, and a Redis to which everything happens: a checker of the history
//! finds no read that is older than a write acknowledged before it began.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use expense_backend::{
    cache::{
        Cache as _, Change, Key, Lookup, Ready, Stamp,
        coalesce::{Batched, SingleFlight},
        redis::RedisCache,
    },
    domain::TransactionId,
};
use rand::Rng as _;
use tokio::task::JoinSet;

use crate::support::{cache, environment, redis::Redis};

/// Reads and writes in all, unless `STRESS_OPERATIONS` says more.
const OPERATIONS: usize = 20_000;
/// Requests at a time in each process.
const CLIENTS: usize = 8;
const ROWS: usize = 4;
/// Hits between two faults: each meets a cache that is of use.
const CALM_HITS: u64 = 1000;
/// How long the cache may take to be of use again.
const CALM_LIMIT: Duration = Duration::from_secs(60);

/// Versions of the list and of each row: a write makes all that it touches newer.
#[derive(Default)]
struct Store {
    versions: Mutex<[u64; 1 + ROWS]>,
}

fn place(key: Key) -> usize {
    match key {
        Key::List => 0,
        Key::OldRow(id) | Key::Resource(id) => usize::try_from(id.get()).unwrap(),
    }
}

impl Store {
    async fn read(&self, key: Key) -> u64 {
        let version = self.versions.lock().unwrap()[place(key)];
        // A reply takes its time: what was read is old before it is used.
        let pause = rand::rng().random_range(0..1500);
        tokio::time::sleep(Duration::from_micros(pause)).await;
        version
    }

    /// Commits; gives the versions that this write made, 0 for what it did not touch: a version that another write
    /// made is not acknowledged with this one.
    fn commit(&self, change: Change) -> [u64; 1 + ROWS] {
        let touched = |key: usize| match change {
            Change::Inserted => key == 0,
            Change::Row(id) => key == 0 || key == place(Key::OldRow(id)),
            Change::Everything => true,
        };
        let mut versions = self.versions.lock().unwrap();
        let mut made = [0; 1 + ROWS];
        for key in (0..=ROWS).filter(|key| touched(*key)) {
            versions[key] += 1;
            made[key] = versions[key];
        }
        made
    }
}

/// One process: reads and writes as the service does.
struct Replica {
    cache: Arc<RedisCache>,
    store: Arc<Store>,
    fills: SingleFlight<(Key, Stamp), u64>,
    bypass: Batched<Key, u64>,
}

impl Replica {
    async fn read(&self, key: Key, counts: &Counts) -> u64 {
        let (cache, store) = (self.cache.clone(), self.store.clone());
        match self.cache.lookup(key).await {
            Lookup::Hit(ready) => {
                counts.hits.fetch_add(1, Ordering::Relaxed);
                u64::from_be_bytes(ready.body.as_ref().try_into().unwrap())
            }
            Lookup::Miss(stamp) => {
                let fill = move || async move {
                    let version = store.read(key).await;
                    let body = Bytes::copy_from_slice(&version.to_be_bytes());
                    cache.keep(key, stamp, Some(&Ready { body, etag: None }));
                    version
                };
                self.fills.run((key, stamp), fill).await.unwrap()
            }
            Lookup::TooLarge | Lookup::Bypass => {
                let fill = move || async move { store.read(key).await };
                self.bypass.run(key, fill).await.unwrap()
            }
        }
    }
}

#[derive(Default)]
struct Counts {
    operations: AtomicU64,
    hits: AtomicU64,
    owed: AtomicU64,
    faults: AtomicU64,
    over: AtomicBool,
}

/// The newest versions that were acknowledged.
#[derive(Default)]
struct Acknowledged([AtomicU64; 1 + ROWS]);

impl Acknowledged {
    fn note(&self, versions: [u64; 1 + ROWS]) {
        for (known, version) in self.0.iter().zip(versions) {
            known.fetch_max(version, Ordering::SeqCst);
        }
    }
}

async fn client(replica: Arc<Replica>, acknowledged: Arc<Acknowledged>, counts: Arc<Counts>) {
    while !counts.over.load(Ordering::Relaxed) {
        let (write, row, kind, pause) = {
            let mut random = rand::rng();
            let row = random.random_range(1..=ROWS);
            (
                random.random_ratio(1, 12),
                row,
                random.random_range(0..10),
                random.random_range(0..1500),
            )
        };
        let id = TransactionId::from_store(i64::try_from(row).unwrap()).unwrap();
        if write {
            let change = match kind {
                0 => Change::Everything,
                1..5 => Change::Inserted,
                _ => Change::Row(id),
            };
            let versions = replica.store.commit(change);
            replica.cache.invalidate(change).await;
            if replica.cache.owed() > 0 {
                counts.owed.fetch_add(1, Ordering::Relaxed);
            }
            acknowledged.note(versions);
        } else {
            let key = match kind {
                0..5 => Key::List,
                5..8 => Key::OldRow(id),
                _ => Key::Resource(id),
            };
            let floor = acknowledged.0[place(key)].load(Ordering::SeqCst);
            let version = replica.read(key, &counts).await;
            assert!(
                version >= floor,
                "a stale read of {key:?}: {version} < {floor}"
            );
        }
        counts.operations.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_micros(pause)).await;
    }
}

/// One fault after another, until there were enough operations and each fault came at least once.
async fn trouble(redis: &mut Redis, counts: &Counts, wanted: u64) {
    let mut fault = 0;
    loop {
        calm(counts).await;
        if fault >= 5 && counts.operations.load(Ordering::Relaxed) >= wanted {
            return;
        }
        // The first outages are long enough for writes to owe; the others are of any length.
        let shortest = if fault < 5 { 400 } else { 50 };
        let away = Duration::from_millis(rand::rng().random_range(shortest..900));
        match fault % 5 {
            0 => {
                redis.freeze();
                tokio::time::sleep(away).await;
                redis.thaw();
            }
            1 => redis.save(),
            2 => {
                redis.kill();
                tokio::time::sleep(away).await;
                // From the snapshot of one fault before.
                redis.start_again();
            }
            3 => drop(redis.command("FLUSHALL")),
            _ => drop(redis.command("CLIENT KILL TYPE normal")),
        }
        fault += 1;
        counts.faults.fetch_add(1, Ordering::Relaxed);
    }
}

async fn calm(counts: &Counts) {
    let wanted = counts.hits.load(Ordering::Relaxed) + CALM_HITS;
    let end = Instant::now() + CALM_LIMIT;
    while counts.hits.load(Ordering::Relaxed) < wanted {
        assert!(Instant::now() < end, "the cache is of no use");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_read_is_stale() {
    let wanted = environment::number("STRESS_OPERATIONS", OPERATIONS) as u64;
    let mut redis = Redis::start();
    let prefix = cache::prefix();
    let store = Arc::new(Store::default());
    let (acknowledged, counts) = (Arc::<Acknowledged>::default(), Arc::<Counts>::default());
    let mut clients = JoinSet::new();
    for _ in 0..2 {
        let replica = Arc::new(Replica {
            cache: Arc::new(cache::redis(redis.port(), &prefix)),
            store: store.clone(),
            fills: SingleFlight::default(),
            bypass: Batched::new(|_| false),
        });
        for _ in 0..CLIENTS {
            clients.spawn(client(
                replica.clone(),
                acknowledged.clone(),
                counts.clone(),
            ));
        }
    }
    tokio::select! {
        () = trouble(&mut redis, &counts, wanted) => {}
        ended = clients.join_next() => panic!("a client ended: {ended:?}"),
    }
    counts.over.store(true, Ordering::Relaxed);
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (operations, hits, owed, faults) = (
        count(&counts.operations),
        count(&counts.hits),
        count(&counts.owed),
        count(&counts.faults),
    );
    eprintln!("{operations} operations, {hits} hits, {faults} faults, {owed} writes that owed");
    assert!(operations >= wanted);
    assert!(hits >= faults * CALM_HITS, "{hits} hits");
    assert!(owed > 0, "no fault met a write");
}
