//! What every cache promises, written once and stamped for each adapter.

use bytes::Bytes;
use expense_backend::{
    cache::{
        Cache, Change, Health, Key, Lookup, MAX_VALUE_BYTES, Ready, Stamp, memory::MemoryCache,
    },
    domain::TransactionId,
};

use crate::support::{
    cache::{self, TTL, hit, ready},
    environment,
};

fn id(number: i64) -> TransactionId {
    TransactionId::from_store(number).unwrap()
}

fn keys() -> [Key; 5] {
    [
        Key::List,
        Key::OldRow(id(1)),
        Key::Resource(id(1)),
        Key::OldRow(id(2)),
        Key::Resource(id(2)),
    ]
}

async fn missed(cache: &dyn Cache, key: Key) -> Stamp {
    match cache.lookup(key).await {
        Lookup::Miss(stamp) => stamp,
        other => panic!("{key:?} is no miss: {other:?}"),
    }
}

async fn fill(cache: &dyn Cache, key: Key, text: &str) {
    let stamp = missed(cache, key).await;
    cache.keep(key, stamp, Some(&ready(text)));
    assert_eq!(
        hit(&cache.lookup(key).await).as_deref(),
        Some(text),
        "{key:?}"
    );
}

async fn what_was_kept_is_found(cache: &dyn Cache) {
    let etag = Ready {
        body: Bytes::from_static("{\"a\":\"é\"}".as_bytes()),
        etag: Some(Bytes::from_static(b"\"0123\"")),
    };
    let key = Key::Resource(id(1));
    let stamp = missed(cache, key).await;
    cache.keep(key, stamp, Some(&etag));
    let Lookup::Hit(found) = cache.lookup(key).await else {
        panic!("kept and not found");
    };
    assert_eq!(found, etag);
    missed(cache, Key::OldRow(id(1))).await;
}

async fn a_write_ends_what_it_touched_and_nothing_else(cache: &dyn Cache) {
    let touched = |change, key| match (change, key) {
        (Change::Everything, _) | (_, Key::List) => true,
        (Change::Row(id), Key::OldRow(row) | Key::Resource(row)) => id == row,
        (Change::Inserted, Key::OldRow(_) | Key::Resource(_)) => false,
    };
    for change in [Change::Inserted, Change::Row(id(1)), Change::Everything] {
        for key in keys() {
            if hit(&cache.lookup(key).await).is_none() {
                fill(cache, key, "before").await;
            }
        }
        cache.invalidate(change).await;
        for key in keys() {
            let kept = hit(&cache.lookup(key).await).is_some();
            assert_eq!(kept, !touched(change, key), "{change:?} {key:?}");
        }
    }
    assert_eq!(cache.owed(), 0);
}

async fn a_fill_that_a_write_overtook_is_never_served(cache: &dyn Cache) {
    for key in keys() {
        let stamp = missed(cache, key).await;
        cache.invalidate(Change::Everything).await;
        cache.keep(key, stamp, Some(&ready("old")));
        missed(cache, key).await;
        fill(cache, key, "new").await;
        cache.keep(key, stamp, Some(&ready("old")));
        assert_ne!(hit(&cache.lookup(key).await).as_deref(), Some("old"));
    }
}

async fn what_is_too_large_is_remembered_until_a_write(cache: &dyn Cache) {
    let stamp = missed(cache, Key::List).await;
    cache.keep(Key::List, stamp, None);
    assert!(matches!(cache.lookup(Key::List).await, Lookup::TooLarge));
    cache.invalidate(Change::Inserted).await;
    let stamp = missed(cache, Key::List).await;
    let large = ready(&"x".repeat(MAX_VALUE_BYTES + 1));
    cache.keep(Key::List, stamp, Some(&large));
    assert!(matches!(cache.lookup(Key::List).await, Lookup::TooLarge));
    cache.invalidate(Change::Inserted).await;
    let stamp = missed(cache, Key::List).await;
    let largest = "x".repeat(MAX_VALUE_BYTES);
    cache.keep(Key::List, stamp, Some(&ready(&largest)));
    assert_eq!(hit(&cache.lookup(Key::List).await), Some(largest));
}

macro_rules! cache_contract {
    ($($test:ident),*) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(&super::MemoryCache::new(true, super::TTL)).await;
            })*
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                if let Some(cache) = super::on_redis().await {
                    super::$test(&cache).await;
                }
            })*
        }
    };
}
cache_contract!(
    what_was_kept_is_found,
    a_write_ends_what_it_touched_and_nothing_else,
    a_fill_that_a_write_overtook_is_never_served,
    what_is_too_large_is_remembered_until_a_write
);

async fn on_redis() -> Option<impl Cache> {
    let url = environment::redis_url()?;
    let cache = cache::redis(cache::port_of(&url), &cache::prefix());
    cache::believes(&cache).await;
    Some(cache)
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_no_server() {
    let cache = MemoryCache::new(true, TTL);
    assert_eq!(cache.probe().await, Health::Disabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_reads_the_store_is_asked() {
    let cache = MemoryCache::new(false, TTL);
    assert!(matches!(cache.lookup(Key::List).await, Lookup::Bypass));
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_share_bytes_and_stamps() {
    let Some(url) = environment::redis_url() else {
        return;
    };
    let (port, prefix) = (cache::port_of(&url), cache::prefix());
    let [one, two] = [cache::redis(port, &prefix), cache::redis(port, &prefix)];
    let off = cache::redis_with(&cache::on_port(port), &prefix, false, TTL);
    cache::believes(&one).await;
    cache::believes(&two).await;
    for writer in [&one, &two, &off] {
        // Whatever was there is gone: begin with a miss of both.
        one.invalidate(Change::Everything).await;
        for key in keys() {
            let stamp = missed(&one, key).await;
            one.keep(key, stamp, Some(&ready("shared")));
            shared(&two, key).await;
        }
        writer.invalidate(Change::Everything).await;
        for reader in [&one, &two] {
            for key in keys() {
                missed(reader, key).await;
            }
        }
    }
    assert!(matches!(off.lookup(Key::List).await, Lookup::Bypass));
    assert_eq!(off.probe().await, Health::Connected);
}

/// Waits for bytes that another process publishes in the background.
async fn shared(cache: &impl Cache, key: Key) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(5);
    while hit(&cache.lookup(key).await).as_deref() != Some("shared") {
        assert!(std::time::Instant::now() < end, "{key:?} was not shared");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
