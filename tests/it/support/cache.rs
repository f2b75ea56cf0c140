//! A cache of one pretended process, in this process.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use expense_backend::{
    cache::{Cache as _, Key, Lookup, Ready, redis::RedisCache},
    config::RedisConfig,
    redis_link::Link,
    secrets::{Login, Rotating},
};

/// Longer than the time for which a new connection is not believed.
pub(crate) const BELIEF_LIMIT: Duration = Duration::from_secs(60);
/// How long entries live where a test does not care.
pub(crate) const TTL: Duration = Duration::from_secs(60);

/// A login that leaves all to the configuration.
pub(crate) fn no_login() -> Login {
    Login {
        username: None,
        password: None,
        host: None,
        port: None,
        database: None,
    }
}

/// Plain, on loopback.
pub(crate) fn on_port(port: u16) -> RedisConfig {
    RedisConfig {
        host: Some("127.0.0.1".to_owned()),
        port,
        tls: false,
        ca_bundle: None,
        username: None,
        token: None,
    }
}

/// A cache over a link of its own, with lookups.
pub(crate) fn redis(port: u16, prefix: &str) -> RedisCache {
    redis_with(&on_port(port), prefix, true, TTL)
}

/// The same, with every choice.
pub(crate) fn redis_with(
    config: &RedisConfig,
    prefix: &str,
    reads: bool,
    ttl: Duration,
) -> RedisCache {
    let link = Link::new(config, Arc::new(Rotating::fixed(no_login()))).unwrap();
    link.want();
    RedisCache::new(link, prefix, reads, ttl)
}

/// Waits until stamps are believed.
pub(crate) async fn believes(cache: &RedisCache) {
    let end = Instant::now() + BELIEF_LIMIT;
    while matches!(cache.lookup(Key::List).await, Lookup::Bypass) {
        assert!(
            Instant::now() < end,
            "the cache believes nothing: {cache:?}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Bytes that say `text`.
pub(crate) fn ready(text: &str) -> Ready {
    Ready {
        body: Bytes::copy_from_slice(text.as_bytes()),
        etag: None,
    }
}

/// The bytes of a hit.
pub(crate) fn hit(lookup: &Lookup) -> Option<String> {
    match lookup {
        Lookup::Hit(ready) => Some(String::from_utf8(ready.body.to_vec()).unwrap()),
        Lookup::Miss(_) | Lookup::TooLarge | Lookup::Bypass => None,
    }
}

/// A prefix that no other test uses.
pub(crate) fn prefix() -> String {
    format!("test-{:032x}", rand::random::<u128>())
}

/// The port of a shared server's address.
pub(crate) fn port_of(url: &str) -> u16 {
    let port = url
        .rsplit(':')
        .next()
        .and_then(|port| port.trim_end_matches('/').parse().ok());
    port.unwrap_or_else(|| panic!("{url:?} is not redis://HOST:PORT"))
}
