//! What the service is told at start: read once, whole, from a function; every fault reported at once.
//!
//! A leaf. [`Config::from_lookup`] is pure; [`Config::from_env`] is the only place of the crate that reads the
//! environment.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use crate::{domain::AmountSign, secrets::Secret};

/// Where the service says that it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// A laptop, or the low-cost path.
    Development,
    /// Before production.
    Staging,
    /// Where unsafe choices must be made in words.
    Production,
}

/// Which program asks: some defaults and refusals differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    /// The container server and its commands.
    Server,
    /// The Lambda handler.
    Lambda,
}

/// Everything.
#[derive(Debug, Clone)]
pub struct Config {
    /// `ENVIRONMENT`
    pub environment: Environment,
    /// Listeners and limits of connections.
    pub server: ServerConfig,
    /// Limits of requests.
    pub http: HttpConfig,
    /// `LOG_LEVEL`, `LOG_FORMAT`
    pub log: LogConfig,
    /// The table.
    pub store: StoreConfig,
    /// `MIGRATE_ON_START`
    pub migrate_on_start: bool,
    /// The cache.
    pub cache: CacheConfig,
    /// `RATE_LIMIT_*`
    pub rate_limit: Option<RateLimitConfig>,
    /// `AUTH_MODE` and its parts.
    pub auth: AuthConfig,
    /// Rules of the API that are a choice.
    pub rules: Rules,
    /// Secrets Manager.
    pub secrets: SecretsConfig,
    /// `LAMBDA_KIND`
    pub lambda_kind: LambdaKind,
    /// `STARTUP_TIMEOUT_SECS`
    pub startup_timeout: Duration,
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`: where traces go, if anywhere.
    pub otlp_endpoint: Option<String>,
}

/// Listeners, stopping, and limits of connections.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// `HOST`
    pub host: IpAddr,
    /// `PORT`; 0 lets the system choose.
    pub port: u16,
    /// `METRICS_PORT`
    pub metrics_port: Option<u16>,
    /// `DRAIN_TIMEOUT_SECS`
    pub drain_timeout: Duration,
    /// `SHUTDOWN_NOTICE_MS`
    pub shutdown_notice: Duration,
    /// `KEEP_ALIVE_SECS`
    pub keep_alive: Duration,
    /// `MAX_CONNECTIONS`
    pub max_connections: usize,
}

/// Limits of requests, and where the client's address is found.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// `API_BASE_PATH`, such as `/api`; empty: none.
    pub base_path: String,
    /// `BODY_LIMIT_BYTES`
    pub body_limit: usize,
    /// `REQUEST_TIMEOUT_MS`
    pub request_timeout: Duration,
    /// `MAX_IN_FLIGHT`
    pub max_in_flight: usize,
    /// `TRUSTED_PROXY_HOPS`
    pub trusted_proxy_hops: usize,
    /// `CORS_ALLOWED_ORIGINS`
    pub cors: CorsOrigins,
    /// `UI`
    pub ui: bool,
}

/// Who may call from another origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorsOrigins {
    /// `*`
    Any,
    /// These, compared whole.
    Listed(Vec<String>),
}

/// Filter and shape of log lines.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// A `tracing` filter with `LOG_LEVEL` applied to our own crates; dependencies stay at `warn`.
    pub filter: String,
    /// The shape.
    pub format: LogFormat,
}

/// The shape of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
    /// Pretty on a terminal, JSON otherwise.
    Auto,
}

/// Which store.
#[derive(Debug, Clone)]
pub enum StoreConfig {
    /// A file beside the program.
    Sqlite {
        /// `SQLITE_PATH`
        path: PathBuf,
        /// Readers, and how long to wait for one or for the writer.
        pool: PoolConfig,
    },
    /// MySQL, MariaDB, Aurora.
    MySql(MySqlConfig),
}

/// How to reach MySQL.
#[derive(Debug, Clone)]
pub struct MySqlConfig {
    /// `DB_HOST`, unless the secret names one.
    pub host: Option<String>,
    /// `DB_PORT`
    pub port: u16,
    /// `DB_USER`, unless the secret holds it.
    pub username: Option<String>,
    /// `DB_PWD`, unless the secret holds it.
    pub password: Option<Secret>,
    /// `DB_DATABASE`
    pub database: String,
    /// `DB_TLS`
    pub tls: DbTls,
    /// `DB_CA_BUNDLE`
    pub ca_bundle: Option<PathBuf>,
    /// Pool sizes and times.
    pub pool: PoolConfig,
}

/// How far the server's certificate is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbTls {
    /// No TLS.
    Disabled,
    /// TLS where the server has it, unverified.
    Preferred,
    /// TLS, unverified.
    Required,
    /// TLS, the chain verified.
    VerifyCa,
    /// TLS, chain and host name verified.
    VerifyIdentity,
}

/// Pool sizes and times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolConfig {
    /// `DB_POOL_MIN`
    pub min: u32,
    /// `DB_POOL_MAX`
    pub max: u32,
    /// `DB_ACQUIRE_TIMEOUT_MS`
    pub acquire_timeout: Duration,
    /// `DB_MAX_LIFETIME_SECS`
    pub max_lifetime: Duration,
}

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

/// How many requests a caller has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimitConfig {
    /// `RATE_LIMIT_REQUESTS`, at least 1.
    pub requests: u32,
    /// `RATE_LIMIT_WINDOW_SECS`
    pub window: Duration,
}

/// Who may call.
#[derive(Debug, Clone)]
pub enum AuthConfig {
    /// `none`: anybody.
    None,
    /// `api-key`: whoever has a listed key. The JSON array of `API_KEYS`; absent where the secret holds it.
    ApiKey {
        /// `API_KEYS`
        keys: Option<Secret>,
    },
    /// `jwt`: whoever has a token of the issuer.
    Jwt(JwtConfig),
}

/// Which tokens are taken.
#[derive(Debug, Clone)]
pub struct JwtConfig {
    /// `JWT_ISSUER`
    pub issuer: String,
    /// `JWT_AUDIENCE`
    pub audience: String,
    /// `JWT_JWKS`
    pub jwks: JwksSource,
}

/// Where the issuer's public keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JwksSource {
    /// An https address (http on loopback only).
    Url(String),
    /// A file.
    File(PathBuf),
}

/// Rules of the API that are a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// `ALLOW_DELETE_ALL`
    pub allow_delete_all: bool,
    /// `AMOUNT_SIGN`
    pub amount_sign: AmountSign,
}

/// Ids or ARNs in Secrets Manager.
#[derive(Debug, Clone, Default)]
pub struct SecretsConfig {
    /// `DB_SECRET_ID`
    pub database: Option<String>,
    /// `DB_MIGRATION_SECRET_ID`
    pub migration: Option<String>,
    /// `DB_ADMIN_SECRET_ID`
    pub admin: Option<String>,
    /// `REDIS_SECRET_ID`
    pub redis: Option<String>,
    /// `API_KEYS_SECRET_ID`
    pub api_keys: Option<String>,
    /// `SECRET_REFRESH_SECS`
    pub refresh: Duration,
}

/// Which events a Lambda function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LambdaKind {
    /// HTTP events only.
    Api,
    /// Commands only.
    Admin,
}
