//! What the service is told at start: read once, whole, from a function; every fault reported at once.
//!
//! A leaf. [`Config::from_lookup`] is pure; [`Config::from_env`] is the only place of the crate that reads the
//! environment. One noun a file: its type, its variables, its rules. `docs/CONFIGURATION.md` is the table for people,
//! and a test holds it to this code.

mod api_keys;
mod auth;
mod cache;
mod environment;
mod fault;
mod http;
mod log;
mod production;
mod risks;
mod secrets;
mod server;
mod store;
mod variables;

use std::{cell::RefCell, time::Duration};

use crate::domain::AmountSign;

pub use self::{
    auth::{AuthConfig, JwksSource, JwtConfig},
    cache::{CacheConfig, RedisConfig},
    environment::{Entrance, Environment, LambdaKind},
    fault::{ConfigFault, ConfigFaults},
    http::{CorsOrigins, HttpConfig, RateLimitConfig},
    log::{LogConfig, LogFormat},
    secrets::SecretsConfig,
    server::{Address, ServerConfig},
    store::{DbTls, MySqlConfig, PoolConfig, StoreConfig},
};
use self::{environment::Context, variables::Variables};

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
    /// `STARTUP_TIMEOUT_SECS`; zero: one attempt.
    pub startup_timeout: Duration,
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`: where traces go, if anywhere.
    pub otlp_endpoint: Option<String>,
}

/// Rules of the API that are a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// `ALLOW_DELETE_ALL`
    pub allow_delete_all: bool,
    /// `AMOUNT_SIGN`
    pub amount_sign: AmountSign,
}

impl Config {
    /// Reads the variables through `lookup`; an empty value counts as not set.
    ///
    /// # Errors
    /// Every fault at once, each with its variable, the value's problem and what is allowed. Secrets are not shown.
    pub fn from_lookup(
        lookup: impl Fn(&str) -> Option<String>,
        entrance: Entrance,
    ) -> Result<Self, ConfigFaults> {
        let mut vars = Variables::new(&lookup);
        let config = Self::read(&mut vars, entrance);
        vars.finish(config)
    }

    /// Reads the environment of the process.
    ///
    /// # Errors
    /// As [`Config::from_lookup`]; a value that is not UTF-8 is a fault too.
    pub fn from_env(entrance: Entrance) -> Result<Self, ConfigFaults> {
        read_env(|lookup| Self::from_lookup(lookup, entrance))
    }

    fn read(vars: &mut Variables<'_>, entrance: Entrance) -> Self {
        let context = Context::read(vars, entrance);
        let secrets = SecretsConfig::read(vars);
        let store = StoreConfig::read(vars, &context, &secrets);
        let cache = CacheConfig::read(vars, &context, &secrets);
        let auth = AuthConfig::read(vars, &secrets);
        let config = Self {
            environment: context.environment,
            server: ServerConfig::read(vars, &context),
            http: HttpConfig::read(vars),
            log: LogConfig::read(vars),
            migrate_on_start: migrate_on_start(vars, &context, &store),
            rate_limit: RateLimitConfig::read(vars),
            rules: Rules::read(vars, &context),
            lambda_kind: context.lambda_kind,
            startup_timeout: vars.seconds("STARTUP_TIMEOUT_SECS", 60, 0..=3600),
            otlp_endpoint: vars.web_address("OTEL_EXPORTER_OTLP_ENDPOINT"),
            store,
            cache,
            auth,
            secrets,
        };
        if context.environment == Environment::Production {
            production::refuse(vars, &config);
        }
        config
    }
}

impl Rules {
    fn read(vars: &mut Variables<'_>, context: &Context) -> Self {
        const SIGNS: &[(&str, AmountSign)] =
            &[("positive", AmountSign::Positive), ("any", AmountSign::Any)];
        let production = context.environment == Environment::Production;
        Self {
            allow_delete_all: vars.flag("ALLOW_DELETE_ALL").unwrap_or(!production),
            amount_sign: vars.word("AMOUNT_SIGN", SIGNS).unwrap_or_default(),
        }
    }
}

/// SQLite belongs to one process, which may as well migrate it; MySQL is migrated by a job with its own rights.
fn migrate_on_start(vars: &mut Variables<'_>, context: &Context, store: &StoreConfig) -> bool {
    let sqlite = matches!(store, StoreConfig::Sqlite { .. });
    let wanted = vars.flag("MIGRATE_ON_START");
    if context.entrance == Entrance::Lambda {
        if wanted == Some(true) {
            vars.fault(
                "MIGRATE_ON_START",
                "cannot be true on Lambda, where nothing is connected at start: invoke the function of LAMBDA_KIND=admin with {\"command\":\"migrate\"}",
            );
        }
        return false;
    }
    wanted.unwrap_or(sqlite)
}

/// Runs `read` on the environment, and adds the faults that only the environment can have.
fn read_env<T>(
    read: impl FnOnce(&dyn Fn(&str) -> Option<String>) -> Result<T, ConfigFaults>,
) -> Result<T, ConfigFaults> {
    let unreadable = RefCell::new(Vec::new());
    let lookup = |name: &str| {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that reads the environment"
        )]
        match std::env::var(name) {
            Ok(value) => Some(value),
            Err(std::env::VarError::NotPresent) => None,
            Err(std::env::VarError::NotUnicode(_)) => {
                let fault = ConfigFault::new(name, "is not UTF-8 text");
                unreadable.borrow_mut().push(fault);
                None
            }
        }
    };
    let outcome = read(&lookup);
    let unreadable = unreadable.into_inner();
    if unreadable.is_empty() {
        return outcome;
    }
    Err(match outcome {
        Ok(_) => ConfigFaults::new(unreadable),
        Err(faults) => faults.with(unreadable),
    })
}

#[cfg(test)]
mod tests;
