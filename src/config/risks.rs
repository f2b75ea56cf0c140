//! What is unsafe about a configuration that is taken all the same: for the first log line.

use super::{
    AuthConfig, Config, CorsOrigins, DbTls, StoreConfig, production::in_process_cache_on_mysql,
};

impl Config {
    /// What is unsafe, each with the variable that would change it; empty where nothing is.
    #[must_use]
    pub fn risks(&self) -> Vec<&'static str> {
        let open = matches!(self.auth, AuthConfig::None);
        let unverified = match &self.store {
            StoreConfig::Sqlite { .. } => false,
            StoreConfig::MySql(mysql) => {
                !matches!(mysql.tls, DbTls::VerifyCa | DbTls::VerifyIdentity)
            }
        };
        let plain_redis = self.cache.redis.as_ref().is_some_and(|redis| !redis.tls);
        [
            (open, "anybody may call (AUTH_MODE=none)"),
            (
                open && self.rules.allow_delete_all,
                "anybody may delete all rows (ALLOW_DELETE_ALL=true)",
            ),
            (
                matches!(self.store, StoreConfig::Sqlite { .. }),
                "the data are one file on this machine (SQLITE_PATH)",
            ),
            (
                unverified,
                "the store's certificate is not verified (DB_TLS)",
            ),
            (
                plain_redis,
                "the cache is reached without TLS (REDIS_TLS=false)",
            ),
            (
                in_process_cache_on_mysql(self),
                "the cache is right for one process only (CACHE_MODE=on without REDIS_HOST)",
            ),
            (
                self.http.cors == CorsOrigins::Any,
                "any web page may call (CORS_ALLOWED_ORIGINS=*)",
            ),
            (
                self.rate_limit.is_none(),
                "callers are not limited (RATE_LIMIT_REQUESTS=0)",
            ),
        ]
        .into_iter()
        .filter_map(|(unsafe_choice, words)| unsafe_choice.then_some(words))
        .collect()
    }
}
