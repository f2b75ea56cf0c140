//! The composition root: the only file that names concrete adapters.

mod background;
mod clock;
mod credentials;
mod startup;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::Router;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use startup::StartError;

use credentials::{As, Credentials};

use crate::{
    auth::{Authenticator, jwt::JwtVerifier},
    cache::{SharedCache, memory::MemoryCache, redis::RedisCache},
    config::{AuthConfig, Config, Entrance, JwksSource, MySqlConfig, StoreConfig},
    handlers::AppState,
    middleware::{cors::Cors, metrics::HttpMetrics, shed::Shed},
    rate_limit::{Policy, SharedRateLimiter, memory::MemoryLimiter, redis::RedisLimiter},
    redis_link::Link,
    router::{self, Edge, Shape},
    service::{Ledger, gate::Gate, health::Health, lifecycle::Lifecycle, totals::TableTotals},
    store::{
        Schema, Store,
        measured::Measured,
        migrate::{Migrator, Report},
        mysql::{MySqlStore, users::setup_users as setup},
        sqlite::SqliteStore,
    },
    telemetry::MetricsHandle,
};

/// The service, put together, with nothing connected yet.
pub struct App {
    /// The API.
    pub router: Router,
    /// `/metrics` alone, where it has a port of its own.
    pub metrics_router: Option<Router>,
    /// Whether the process is on its way out.
    pub lifecycle: Lifecycle,
    store: Arc<dyn Store>,
    cache: SharedCache,
    link: Option<Link>,
    ledger: Ledger,
    gate: Gate,
    credentials: Credentials,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// Puts the service together. Reads secrets, connects nothing.
pub async fn build(
    config: &Config,
    entrance: Entrance,
    metrics: Option<MetricsHandle>,
) -> Result<App, StartError> {
    let credentials = Credentials::load(config, As::Application).await?;
    let store = store(config, &credentials)?;
    let link = link(config, &credentials)?;
    let cache = cache(config, link.as_ref());
    let gate = match entrance {
        Entrance::Server | Entrance::Job => Gate::closed(patience(config)),
        Entrance::Lambda => Gate::open(),
    };
    let health = Arc::new(Health::new(store.clone(), cache.clone(), gate.clone()));
    let ledger = Ledger::new(
        store.clone(),
        cache.clone(),
        gate.clone(),
        health.clone(),
        clock::unique_now,
    );
    let lifecycle = Lifecycle::default();
    let state = AppState {
        ledger: ledger.clone(),
        health,
        totals: Arc::new(TableTotals::new(store.clone(), gate.clone())),
        lifecycle: lifecycle.clone(),
        rules: config.rules,
        body_limit: config.http.body_limit,
        metrics,
    };
    let on_server = entrance == Entrance::Server;
    let own_port = on_server && config.server.metrics_port.is_some();
    let shape = Shape {
        metrics: on_server && !own_port,
        page: config.http.ui,
        base_path: &config.http.base_path,
    };
    let edge = Arc::new(edge(config, &credentials, link.as_ref()).await?);
    Ok(App {
        metrics_router: own_port.then(|| router::metrics_only(state.clone(), edge.clone())),
        router: router::build(state, edge, shape),
        lifecycle,
        store,
        cache,
        link,
        ledger,
        gate,
        credentials,
        tasks: TaskTracker::new(),
        stop: CancellationToken::new(),
    })
}

impl App {
    /// Begins what goes on beside requests: needs a runtime that keeps running (a server).
    pub fn start(&self) {
        // Not waited for: the cache is of use a little over a second after this.
        if let Some(link) = &self.link {
            link.want();
        }
        self.tasks
            .spawn(background::sweep(self.store.clone(), self.stop.clone()));
        self.tasks
            .spawn(self.credentials.clone().keep_fresh(self.stop.clone()));
    }

    /// Reads secrets again that are old: where timers sleep between requests (Lambda).
    pub async fn refresh_by_age(&self) {
        self.credentials.refresh_by_age().await;
    }

    /// What reports the first contact with the store.
    #[must_use]
    pub fn first_contact(&self) -> FirstContact {
        FirstContact {
            store: self.store.clone(),
            gate: self.gate.clone(),
        }
    }

    /// Waits for writes at work, then lets all connections go.
    pub async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.ledger.finish_writes().await;
        self.tasks.wait().await;
        self.cache.close().await;
        self.store.close().await;
    }
}

/// Opens the gate to data requests when the store answers.
pub struct FirstContact {
    store: Arc<dyn Store>,
    gate: Gate,
}

impl FirstContact {
    /// Tries to reach the store until it answers or `limit` is over.
    pub async fn reach(&self, limit: Duration) -> Result<Schema, StartError> {
        let schema = startup::retried(limit, |_| self.store.probe()).await?;
        self.gate.reached(schema);
        Ok(schema)
    }
}

/// Runs missing migrations, trying to reach the store for `limit`.
pub async fn migrate(config: &Config) -> Result<Report, StartError> {
    let migrator = migrator(config, &Credentials::load(config, As::Migration).await?)?;
    startup::retried(config.startup_timeout, |left| migrator.migrate(left)).await
}

/// Makes or updates the database's users from their secrets, as the administrator of `DB_ADMIN_SECRET_ID`, trying to
/// reach the store for `STARTUP_TIMEOUT_SECS`; their names.
pub async fn setup_users(config: &Config) -> Result<Vec<String>, StartError> {
    let StoreConfig::MySql(mysql) = &config.store else {
        let problem = "setup-users needs MySQL: set DB_HOST or DB_SECRET_ID";
        return Err(StartError::Configuration(problem.to_owned()));
    };
    let (admin, users) = credentials::users(config).await?;
    let ca_pem = ca_bundle(mysql)?;
    startup::retried(config.startup_timeout, |_| {
        setup(mysql.clone(), admin.clone(), ca_pem.clone(), &users)
    })
    .await
}

/// The names of migrations that were not run.
pub async fn pending(config: &Config) -> Result<Vec<&'static str>, StartError> {
    let began = Instant::now();
    migrator(config, &Credentials::load(config, As::Migration).await?)?
        .pending()
        .await
        .map_err(|error| StartError::Store {
            waited: began.elapsed(),
            error,
        })
}

fn migrator(config: &Config, credentials: &Credentials) -> Result<Migrator, StartError> {
    match &config.store {
        StoreConfig::Sqlite { path, .. } => Ok(Migrator::sqlite(path.clone())),
        StoreConfig::MySql(mysql) => Ok(Migrator::mysql(
            mysql.clone(),
            credentials.database.clone(),
            ca_bundle(mysql)?,
        )),
    }
}

fn store(config: &Config, credentials: &Credentials) -> Result<Arc<dyn Store>, StartError> {
    match &config.store {
        StoreConfig::Sqlite { path, pool } => Ok(Arc::new(Measured::new(SqliteStore::open(
            path.clone(),
            *pool,
        )))),
        StoreConfig::MySql(mysql) => Ok(Arc::new(Measured::new(MySqlStore::new(
            mysql.clone(),
            credentials.database.clone(),
            ca_bundle(mysql)?,
        )))),
    }
}

/// The certificate authorities of Amazon RDS: what is trusted besides the public ones unless told otherwise.
const RDS_BUNDLE: &[u8] = include_bytes!("store/mysql/rds-bundle.pem");

/// The certificates of `DB_CA_BUNDLE`; those of Amazon RDS where it is not set.
fn ca_bundle(mysql: &MySqlConfig) -> Result<Vec<u8>, StartError> {
    let Some(path) = &mysql.ca_bundle else {
        return Ok(RDS_BUNDLE.to_vec());
    };
    std::fs::read(path).map_err(|error| {
        StartError::Configuration(format!("DB_CA_BUNDLE: {}: {error}", path.display()))
    })
}

fn patience(config: &Config) -> Duration {
    match &config.store {
        StoreConfig::Sqlite { pool, .. } => pool.acquire_timeout,
        StoreConfig::MySql(mysql) => mysql.pool.acquire_timeout,
    }
}

fn link(config: &Config, credentials: &Credentials) -> Result<Option<Link>, StartError> {
    let Some(redis) = &config.cache.redis else {
        return Ok(None);
    };
    let link = Link::new(redis, credentials.redis.clone());
    Ok(Some(link.map_err(|error| {
        StartError::Configuration(error.to_string())
    })?))
}

fn cache(config: &Config, link: Option<&Link>) -> SharedCache {
    let (reads, ttl) = (config.cache.reads, config.cache.ttl);
    match link {
        Some(link) => Arc::new(RedisCache::new(
            link.clone(),
            &table_name(config),
            reads,
            ttl,
        )),
        None => Arc::new(MemoryCache::new(reads, ttl)),
    }
}

/// Processes that read the same table share what is cached of it, and no others do.
fn table_name(config: &Config) -> String {
    match &config.store {
        StoreConfig::Sqlite { path, .. } => format!("expense:{}", path.display()),
        StoreConfig::MySql(mysql) => format!("expense:{}", mysql.database),
    }
}

async fn authenticator(
    config: &Config,
    credentials: &Credentials,
) -> Result<Authenticator, StartError> {
    match &config.auth {
        AuthConfig::None => Ok(Authenticator::Open),
        AuthConfig::ApiKey { .. } => Ok(Authenticator::ApiKey(credentials.api_keys.clone())),
        AuthConfig::Jwt(jwt) => {
            let fault = |error| StartError::Configuration(format!("JWT_JWKS: {error}"));
            let verifier = JwtVerifier::new(jwt).map_err(fault)?;
            // A file is there or it is not; an address may answer later, and is asked by the first request.
            if matches!(jwt.jwks, JwksSource::File(_)) {
                verifier.keys().preload().await.map_err(fault)?;
            }
            Ok(Authenticator::Jwt(Box::new(verifier)))
        }
    }
}

fn limiter(config: &Config, link: Option<&Link>) -> Option<SharedRateLimiter> {
    let policy = Policy::new(&config.rate_limit?);
    Some(match link {
        Some(link) => Arc::new(RedisLimiter::new(policy, link.clone())),
        None => Arc::new(MemoryLimiter::new(policy)),
    })
}

async fn edge(
    config: &Config,
    credentials: &Credentials,
    link: Option<&Link>,
) -> Result<Edge, StartError> {
    Ok(Edge {
        cors: Cors::new(&config.http.cors),
        shed: Shed::new(config.http.max_in_flight),
        metrics: HttpMetrics::new(&router::templates()),
        request_timeout: config.http.request_timeout,
        trusted_proxy_hops: config.http.trusted_proxy_hops,
        authenticator: authenticator(config, credentials).await?,
        limiter: limiter(config, link),
        allow_delete_all: config.rules.allow_delete_all,
    })
}

impl fmt::Debug for FirstContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstContact").finish_non_exhaustive()
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}
