//! Metric names, once. Dashboards, alerts and the Lambda's EMF lines use the very same.

/// Counter {method,endpoint,status}: replies.
pub const HTTP_REQUESTS: &str = "http_requests_total";
/// Histogram {method,endpoint}: seconds from the request head to the head of the reply.
pub const HTTP_DURATION: &str = "http_request_duration_seconds";
/// Gauge: requests at work.
pub const HTTP_IN_FLIGHT: &str = "http_requests_in_flight";
/// Counter: reads answered by the cache.
pub const CACHE_HITS: &str = "cache_hits_total";
/// Counter: reads that the cache could have answered and did not have.
pub const CACHE_MISSES: &str = "cache_misses_total";
/// Counter: calls to Redis that failed.
pub const REDIS_ERRORS: &str = "redis_errors_total";
/// Gauge: invalidations that could not be delivered yet.
pub const CACHE_OWED: &str = "cache_invalidations_owed";
/// Histogram {query}: seconds of one call of the store.
pub const DB_DURATION: &str = "db_query_duration_seconds";
/// Counter {kind}: calls of the store that failed.
pub const DB_ERRORS: &str = "db_errors_total";
/// Gauge {state}: connections of the pool.
pub const DB_POOL: &str = "db_pool_connections";
/// Counter: rows recorded.
pub const CREATED: &str = "transactions_created_total";
/// Counter: rows deleted.
pub const DELETED: &str = "transactions_deleted_total";
/// Gauge: rows of the table.
pub const TOTAL: &str = "transactions_total";
/// Gauge: the sum of the table's amounts.
pub const AMOUNT: &str = "transactions_amount_total";
/// Counter: requests refused by the rate limit.
pub const RATE_LIMITED: &str = "rate_limited_total";
/// Counter {reason}: requests that could not say who they are.
pub const AUTH_FAILURES: &str = "auth_failures_total";
/// Counter {scope}: requests that may not do what they ask.
pub const AUTH_DENIED: &str = "authorization_denied_total";
/// Counter {result}: refreshes of a secret.
pub const SECRET_REFRESH: &str = "secret_refresh_total";
/// Gauge {version,commit}: always 1.
pub const BUILD_INFO: &str = "build_info";

/// Counter, on Lambda alone: sandboxes that served their first event.
pub const COLD_STARTS: &str = "cold_starts_total";

/// Upper edges of the buckets of both histograms, in seconds.
pub const BUCKETS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The commit that the program was built from; whoever builds a release sets `GIT_COMMIT`.
pub const COMMIT: &str = match option_env!("GIT_COMMIT") {
    Some(commit) => commit,
    None => "unknown",
};

/// Words of `db_errors_total{kind}`.
pub const DB_ERROR_KINDS: [&str; 4] = ["connect", "timeout", "pool", "query"];
/// Words of `db_pool_connections{state}`.
pub const DB_POOL_STATES: [&str; 2] = ["idle", "in_use"];
/// Words of `db_query_duration_seconds{query}`.
pub const DB_QUERIES: [&str; 10] = [
    "insert",
    "find",
    "list",
    "update",
    "delete",
    "delete_many",
    "summary",
    "totals",
    "probe",
    "sweep_claims",
];
/// Words of `authorization_denied_total{scope}`.
pub const SCOPES: [&str; 3] = [
    "transactions:read",
    "transactions:write",
    "transactions:admin",
];
/// Words of `auth_failures_total{reason}`.
pub const AUTH_FAILURE_REASONS: [&str; 11] = [
    "missing",
    "malformed",
    "unknown_key",
    "unsupported_algorithm",
    "bad_signature",
    "expired",
    "not_yet_valid",
    "wrong_issuer",
    "wrong_audience",
    "bad_claims",
    "unavailable",
];
/// Words of `secret_refresh_total{result}`.
pub const SECRET_REFRESH_RESULTS: [&str; 2] = ["success", "failure"];
