//! The cache, and how to reach Redis.

use std::{path::PathBuf, time::Duration};

use super::{Entrance, Environment, SecretsConfig, Variables, environment::Context};
use crate::secrets::Secret;

/// The cache.
#[derive(Debug, Clone)]
pub struct CacheConfig {
    /// `CACHE_MODE=on`: reads may come from the cache. Off: own writes still invalidate a configured Redis.
    pub reads: bool,
    /// `CACHE_TTL`
    pub ttl: Duration,
    /// Redis, where configured; else the cache lives in the process.
    pub redis: Option<RedisConfig>,
}

/// How to reach Redis or Valkey.
#[derive(Debug, Clone)]
pub struct RedisConfig {
    /// `REDIS_HOST`, unless the secret names one.
    pub host: Option<String>,
    /// `REDIS_PORT`
    pub port: u16,
    /// `REDIS_TLS`
    pub tls: bool,
    /// `REDIS_CA_BUNDLE`
    pub ca_bundle: Option<PathBuf>,
    /// `REDIS_USERNAME`
    pub username: Option<String>,
    /// `REDIS_AUTH_TOKEN`
    pub token: Option<Secret>,
}

impl CacheConfig {
    pub(super) fn read(
        vars: &mut Variables<'_>,
        context: &Context,
        secrets: &SecretsConfig,
    ) -> Self {
        let ttl = match context.environment {
            Environment::Production => 300,
            Environment::Staging => 180,
            Environment::Development => 60,
        };
        let server = RedisConfig::read(vars, context);
        let wanted = vars.is_set("REDIS_HOST") || vars.is_set("REDIS_SECRET_ID");
        if wanted && server.username.is_some() && server.token.is_none() && secrets.redis.is_none()
        {
            vars.fault(
                "REDIS_USERNAME",
                "is set without REDIS_AUTH_TOKEN or REDIS_SECRET_ID: a login needs both",
            );
        }
        let redis = wanted.then_some(server);
        // Each sandbox would have a cache of its own that hears of no other's writes.
        let reads = context.entrance != Entrance::Lambda || redis.is_some();
        Self {
            reads: vars
                .word("CACHE_MODE", &[("on", true), ("off", false)])
                .unwrap_or(reads),
            ttl: vars.seconds("CACHE_TTL", ttl, 1..=86_400),
            redis,
        }
    }
}

impl RedisConfig {
    fn read(vars: &mut Variables<'_>, context: &Context) -> Self {
        let production = context.environment == Environment::Production;
        Self {
            host: vars.host("REDIS_HOST"),
            port: vars.number("REDIS_PORT", 1..=65535).unwrap_or(6379),
            tls: vars.flag("REDIS_TLS").unwrap_or(production),
            ca_bundle: vars.path("REDIS_CA_BUNDLE"),
            username: vars.text("REDIS_USERNAME"),
            token: vars.secret("REDIS_AUTH_TOKEN"),
        }
    }
}
