//! What holds where nothing is said.

use std::net::SocketAddr;

use super::*;

#[test]
fn without_any_variable_it_is_a_laptop() {
    let config = good("");
    assert_eq!(config.environment, Environment::Development);
    assert_eq!(config.server.host.to_string(), "127.0.0.1");
    assert_eq!(config.server.port, 8080);
    assert_eq!(config.server.metrics_port, None);
    assert_eq!(config.server.shutdown_notice, Duration::from_secs(1));
    let (path, pool) = sqlite(&config);
    assert_eq!((path, pool.min, pool.max), ("data/expense.db", 2, 30));
    assert!(config.migrate_on_start && config.cache.reads);
    assert!(config.rules.allow_delete_all);
    assert_eq!(config.cache.ttl, Duration::from_secs(60));
    assert!(config.cache.redis.is_none());
    assert!(matches!(config.auth, AuthConfig::None));
    let limit = config.rate_limit.unwrap();
    assert_eq!(limit.requests, 100);
    assert_eq!(limit.window, Duration::from_secs(60));
    assert_eq!(config.http.cors, CorsOrigins::Any);
    assert_eq!(config.lambda_kind, LambdaKind::Api);
}

#[test]
fn an_empty_value_counts_as_not_set() {
    let empty = good("PORT= DB_HOST= AUTH_MODE= API_BASE_PATH= LOG_LEVEL= CACHE_TTL=");
    assert_eq!(format!("{empty:?}"), format!("{:?}", good("")));
    assert!(faults("+production AUTH_MODE= SQLITE_PATH=x").contains("AUTH_MODE is not set"));
}

#[test]
fn production_has_safe_defaults() {
    let config = good("+production +mysql REDIS_HOST=r");
    assert_eq!(mysql(&config).tls, DbTls::VerifyIdentity);
    assert!(config.cache.redis.as_ref().unwrap().tls);
    assert!(!config.rules.allow_delete_all && !config.migrate_on_start);
    assert_eq!(config.cache.ttl, Duration::from_secs(300));
}

#[test]
fn staging_is_between() {
    let config = good("ENVIRONMENT=staging +mysql REDIS_HOST=r");
    assert_eq!(config.cache.ttl, Duration::from_secs(180));
    let store = mysql(&config);
    assert_eq!(store.tls, DbTls::Preferred);
    assert_eq!(
        (store.port, store.database.as_str()),
        (3306, "transactions")
    );
    assert!(!config.cache.redis.as_ref().unwrap().tls);
    assert!(config.rules.allow_delete_all);
}

#[test]
fn on_lambda_pools_are_small_and_the_cache_needs_redis() {
    let lambda = |text: &str| read(Entrance::Lambda, text).unwrap();
    let config = lambda("+mysql METRICS_PORT=9090");
    let pool = mysql(&config).pool;
    assert_eq!((pool.min, pool.max), (0, 2));
    assert!(!config.cache.reads && config.server.metrics_port.is_none());
    assert!(lambda("+mysql CACHE_MODE=on").cache.reads);
    assert!(lambda("+mysql REDIS_HOST=r").cache.reads);
}

#[test]
fn zero_requests_is_no_limit_and_defaults_fit_what_is_set() {
    assert!(good("RATE_LIMIT_REQUESTS=0").rate_limit.is_none());
    let short = good("DRAIN_TIMEOUT_SECS=1");
    assert_eq!(short.server.shutdown_notice, Duration::from_millis(500));
    let config = good("DB_POOL_MAX=1");
    let (_, pool) = sqlite(&config);
    assert_eq!((pool.min, pool.max), (1, 1));
}

#[test]
fn the_first_log_line_names_what_is_unsafe() {
    let laptop = good("").risks().join("; ");
    for word in [
        "AUTH_MODE",
        "ALLOW_DELETE_ALL",
        "SQLITE_PATH",
        "CORS_ALLOWED_ORIGINS",
    ] {
        assert!(laptop.contains(word), "{laptop}");
    }
    let plain = good("+mysql RATE_LIMIT_REQUESTS=0").risks().join("; ");
    for word in ["DB_TLS", "CACHE_MODE", "RATE_LIMIT_REQUESTS"] {
        assert!(plain.contains(word), "{plain}");
    }
    let safe = good(
        "+production +mysql REDIS_HOST=r AUTH_MODE=api-key API_KEYS_SECRET_ID=s \
         CORS_ALLOWED_ORIGINS=https://app.example.com",
    );
    assert_eq!(safe.risks(), Vec::<&str>::new());
}

#[test]
fn a_probe_needs_host_and_port_alone() {
    let local = |text: &str| {
        let vars = variables(text);
        let lookup = |name: &str| {
            let found = vars.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        };
        Address::from_lookup(lookup).map(Address::to_local)
    };
    let at = |text: &str| Ok(text.parse::<SocketAddr>().unwrap());
    assert_eq!(local("ENVIRONMENT=nonsense"), at("127.0.0.1:8080"));
    assert_eq!(local("HOST=0.0.0.0 PORT=9"), at("127.0.0.1:9"));
    assert_eq!(local("HOST=::"), at("[::1]:8080"));
    assert_eq!(local("HOST=10.0.0.5"), at("10.0.0.5:8080"));
    assert!(local("PORT=x").is_err());
}
