//! What production does not take on silence: each unsafe choice has to be made in words.
//!
//! SQLite is refused where the store is read. MySQL without verified TLS, Redis without TLS and the deletes of many
//! have safe defaults in production, so that only a word can make them unsafe.

use super::{CacheConfig, Config, StoreConfig, Variables};

pub(super) fn refuse(vars: &mut Variables<'_>, config: &Config) {
    if !vars.is_set("AUTH_MODE") {
        vars.fault(
            "AUTH_MODE",
            "is not set: production needs the word; allowed are api-key, jwt, or none for a service that anybody may use",
        );
    }
    if !vars.is_set("TRUSTED_PROXY_HOPS") {
        vars.fault(
            "TRUSTED_PROXY_HOPS",
            "is not set: production needs the number of proxies in front (1 behind a load balancer, 2 behind a CDN and a load balancer, 0 for none), or all clients look like one",
        );
    }
    if in_process_cache_on_mysql(config) && !vars.is_set("CACHE_MODE") {
        vars.fault(
            "CACHE_MODE",
            "is not set: without REDIS_HOST the cache lives in the process, which is right for one process only; allowed are off, or on where there is only one",
        );
    }
}

/// Several processes may share MySQL, but not a cache that lives in one of them.
pub(super) fn in_process_cache_on_mysql(config: &Config) -> bool {
    let CacheConfig { reads, redis, .. } = &config.cache;
    *reads && redis.is_none() && matches!(config.store, StoreConfig::MySql(_))
}
