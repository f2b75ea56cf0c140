//! Which store, and how to reach it.

use std::{path::PathBuf, time::Duration};

use super::{Entrance, Environment, SecretsConfig, Variables, environment::Context};
use crate::secrets::Secret;

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

const TLS: &[(&str, DbTls)] = &[
    ("disabled", DbTls::Disabled),
    ("preferred", DbTls::Preferred),
    ("required", DbTls::Required),
    ("verify-ca", DbTls::VerifyCa),
    ("verify-identity", DbTls::VerifyIdentity),
];

impl StoreConfig {
    /// Every variable is read whichever store is used: a fault in one that is not used today is still a fault.
    pub(super) fn read(
        vars: &mut Variables<'_>,
        context: &Context,
        secrets: &SecretsConfig,
    ) -> Self {
        let pool = PoolConfig::read(vars, context);
        let path = vars.path("SQLITE_PATH");
        let mysql = MySqlConfig::read(vars, context, pool);
        let job_secret =
            context.is_job() && (secrets.migration.is_some() || secrets.admin.is_some());
        if !vars.is_set("DB_HOST") && !vars.is_set("DB_SECRET_ID") && !job_secret {
            refuse_sqlite(vars, context, path.is_some());
            let path = path.unwrap_or_else(|| PathBuf::from("data/expense.db"));
            return Self::Sqlite { path, pool };
        }
        if !vars.is_set("DB_SECRET_ID") && !job_secret {
            mysql.require_login(vars);
        }
        Self::MySql(mysql)
    }
}

/// A sandbox's files are its own and go with it; production has to choose one file on one machine in words.
fn refuse_sqlite(vars: &mut Variables<'_>, context: &Context, path_is_set: bool) {
    if context.entrance == Entrance::Lambda {
        vars.fault(
            "DB_HOST",
            "is not set, nor is DB_SECRET_ID: on Lambda the store has to be MySQL, for files do not outlive a sandbox",
        );
    } else if context.environment == Environment::Production && !path_is_set {
        vars.fault(
            "SQLITE_PATH",
            "is not set, nor is DB_HOST or DB_SECRET_ID: production keeps its data in MySQL, or in SQLite where SQLITE_PATH says so",
        );
    }
}

impl MySqlConfig {
    fn read(vars: &mut Variables<'_>, context: &Context, pool: PoolConfig) -> Self {
        let default_tls = match context.environment {
            Environment::Production => DbTls::VerifyIdentity,
            Environment::Development | Environment::Staging => DbTls::Preferred,
        };
        Self {
            host: vars.host("DB_HOST"),
            port: vars.number("DB_PORT", 1..=65535).unwrap_or(3306),
            username: vars.text("DB_USER"),
            password: vars.secret("DB_PWD"),
            database: vars
                .parsed("DB_DATABASE", database_name)
                .unwrap_or_else(|| "transactions".to_owned()),
            tls: vars.word("DB_TLS", TLS).unwrap_or(default_tls),
            ca_bundle: vars.path("DB_CA_BUNDLE"),
            pool,
        }
    }

    fn require_login(&self, vars: &mut Variables<'_>) {
        for (name, set) in [
            ("DB_USER", self.username.is_some()),
            ("DB_PWD", self.password.is_some()),
        ] {
            if !set {
                vars.fault(
                    name,
                    "is not set: DB_HOST needs DB_USER and DB_PWD, or DB_SECRET_ID with both",
                );
            }
        }
    }
}

impl PoolConfig {
    fn read(vars: &mut Variables<'_>, context: &Context) -> Self {
        let (default_min, default_max) = match context.entrance {
            Entrance::Lambda => (0, 2),
            Entrance::Server | Entrance::Job => (2, 30),
        };
        let max = vars.number("DB_POOL_MAX", 1..=1000).unwrap_or(default_max);
        let min = vars.number("DB_POOL_MIN", 0..=1000);
        if let Some(min) = min.filter(|min| *min > max) {
            vars.fault(
                "DB_POOL_MIN",
                format!("is {min}: it must not be more than DB_POOL_MAX, {max}"),
            );
        }
        Self {
            min: min.unwrap_or(default_min.min(max)),
            max,
            acquire_timeout: vars.millis("DB_ACQUIRE_TIMEOUT_MS", 3000, 1..=600_000),
            max_lifetime: vars.seconds("DB_MAX_LIFETIME_SECS", 3600, 1..=86_400),
        }
    }
}

/// A name that needs no thought wherever it is put between backticks.
fn database_name(value: &str) -> Result<String, String> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$');
    if value.len() <= 64 && value.chars().all(known) {
        return Ok(value.to_owned());
    }
    Err("allowed are up to 64 letters, digits, _, - and $".to_owned())
}
