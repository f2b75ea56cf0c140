//! Where the server is, who logs in, and how a session is set up.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, MySqlConnection, Row as _,
    mysql::{MySqlConnectOptions, MySqlSslMode},
};

use super::{failure::number, fence::Fence};
use crate::{
    config::{DbTls, MySqlConfig},
    secrets::{Login, Rotating},
    store::{
        ErrorKind, StoreError,
        pool::{Connector, Refusal},
    },
};

/// A secret is not read again sooner than this after it was read, however many logins fail.
const RENEW_PAUSE: Duration = Duration::from_millis(200);

const ACCESS_DENIED: u16 = 1045;

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Settings {
    /// Rows.
    Serve,
    /// Tables.
    Migrate,
}

/// A connection with its session set up.
pub(in crate::store) struct Wire {
    connection: MySqlConnection,
    /// What the session holds until its end, where it may come to writing rows.
    fence: Option<Fence>,
}

impl Wire {
    /// By what another session can tell that this one is over.
    pub(super) fn fence(&self) -> Option<&Fence> {
        self.fence.as_ref()
    }

    /// Ends the session in good order.
    pub(in crate::store) async fn close(self) -> Result<(), sqlx::Error> {
        self.connection.close().await
    }
}

impl Deref for Wire {
    type Target = MySqlConnection;

    fn deref(&self) -> &MySqlConnection {
        &self.connection
    }
}

impl DerefMut for Wire {
    fn deref_mut(&mut self) -> &mut MySqlConnection {
        &mut self.connection
    }
}

/// Makes connections to the one server.
pub(in crate::store) struct Server {
    config: MySqlConfig,
    login: Arc<Rotating<Login>>,
    ca_pem: Vec<u8>,
    settings: Settings,
    /// The login that was seen last, and how often it, or the server behind the name, has changed.
    seen: Mutex<(Arc<Login>, u64)>,
    /// When the secret was last read again; held during that.
    renewed: tokio::sync::Mutex<Option<Instant>>,
}

impl Server {
    pub(in crate::store) fn new(
        config: MySqlConfig,
        login: Arc<Rotating<Login>>,
        ca_pem: Vec<u8>,
        settings: Settings,
    ) -> Self {
        let seen = Mutex::new((login.current(), 0));
        Self {
            config,
            login,
            ca_pem,
            settings,
            seen,
            renewed: tokio::sync::Mutex::new(None),
        }
    }

    /// The server behind the name is no longer the one to write to: all connections are to be made anew, and the name
    /// is asked for again.
    pub(super) fn retire(&self) {
        self.seen().1 += 1;
    }

    fn seen(&self) -> MutexGuard<'_, (Arc<Login>, u64)> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn options(&self, login: &Login) -> MySqlConnectOptions {
        let config = &self.config;
        let host = login.host.as_ref().or(config.host.as_ref());
        let user = login.username.as_ref().or(config.username.as_ref());
        let password = login.password.as_ref().or(config.password.as_ref());
        let database = login.database.as_ref().unwrap_or(&config.database);
        // Everything that a session needs is set by one statement of ours.
        let mut options = MySqlConnectOptions::new()
            .host(host.map_or("localhost", String::as_str))
            .port(login.port.unwrap_or(config.port))
            .username(user.map_or("", String::as_str))
            .database(database)
            .pipes_as_concat(false)
            .no_engine_substitution(false)
            .set_names(false)
            .timezone(None)
            .disable_statement_logging()
            .ssl_mode(ssl_mode(config.tls));
        if let Some(password) = password {
            options = options.password(password.expose());
        }
        if !self.ca_pem.is_empty() {
            options = options.ssl_ca_from_pem(self.ca_pem.clone());
        }
        options
    }

    async fn log_in(&self, login: &Login) -> Result<Wire, sqlx::Error> {
        let mut connection = self.options(login).connect().await?;
        let fence = (self.settings == Settings::Serve).then(Fence::new);
        // Fixed words and numbers only, in one round trip.
        let mut statements = self.session();
        if let Some(fence) = &fence {
            statements.push_str("; ");
            statements.push_str(&fence.statement());
        }
        let rows = sqlx::raw_sql(AssertSqlSafe(statements))
            .fetch_all(&mut connection)
            .await?;
        let held = match rows.first() {
            Some(row) => row.try_get::<Option<i64>, _>(0)? == Some(1),
            None => false,
        };
        Ok(Wire {
            connection,
            // Without the lock nothing can be told of this session once it broke: it serves all the same.
            fence: fence.filter(|_| held),
        })
    }

    fn session(&self) -> String {
        let modes = "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,\
                     NO_ENGINE_SUBSTITUTION";
        match self.settings {
            Settings::Serve => {
                // For a table that a migration holds: as long as for a connection.
                let patience = self.config.pool.acquire_timeout.as_secs().max(1);
                format!(
                    "SET NAMES utf8mb4 COLLATE utf8mb4_bin, time_zone = '+00:00', autocommit = 1, \
                     sql_mode = '{modes}', innodb_lock_wait_timeout = 1, lock_wait_timeout = {patience}; \
                     SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
                )
            }
            // A row with the id 0 must keep it. While it waits for a table, all others wait behind it: not for long.
            Settings::Migrate => format!(
                "SET NAMES utf8mb4 COLLATE utf8mb4_bin, time_zone = '+00:00', autocommit = 1, \
                 sql_mode = '{modes},NO_AUTO_VALUE_ON_ZERO', lock_wait_timeout = 2"
            ),
        }
    }

    /// Reads the secret again after `refused` was refused.
    async fn renew(&self, refused: &Arc<Login>) {
        let mut renewed = self.renewed.lock().await;
        let recently = renewed.is_some_and(|when| when.elapsed() < RENEW_PAUSE);
        if recently || !Arc::ptr_eq(&self.login.current(), refused) {
            return;
        }
        if let Err(error) = self.login.renew(refused).await {
            tracing::warn!(%error, "the login was refused and its secret could not be read again");
        }
        *renewed = Some(Instant::now());
    }
}

#[async_trait]
impl Connector for Server {
    type Connection = Wire;

    async fn connect(&self) -> Result<Wire, Refusal> {
        let login = self.login.current();
        let outcome = match self.log_in(&login).await {
            Err(error) if number(&error) == Some(ACCESS_DENIED) => {
                self.renew(&login).await;
                let newer = self.login.current();
                if Arc::ptr_eq(&login, &newer) {
                    Err(error)
                } else {
                    self.log_in(&newer).await
                }
            }
            outcome => outcome,
        };
        outcome.map_err(refusal)
    }

    async fn answers(&self, connection: &mut Wire) -> bool {
        connection.ping().await.is_ok()
    }

    async fn close(&self, connection: Wire) {
        // The server may have closed it first.
        let _ = connection.close().await;
    }

    fn generation(&self) -> u64 {
        let current = self.login.current();
        let mut seen = self.seen();
        if !Arc::ptr_eq(&seen.0, &current) {
            *seen = (current, seen.1 + 1);
        }
        seen.1
    }
}

/// Why there is no connection. The server's words here are about logins and hosts, never about rows.
#[derive(Debug, thiserror::Error)]
enum NoSession {
    #[error(
        "the login is checked by caching_sha2_password, which takes the password over TLS only: \
         set DB_TLS to another value than disabled, or turn TLS on in the server"
    )]
    PasswordNeedsTls,
    #[error(transparent)]
    Other(sqlx::Error),
}

fn refusal(error: sqlx::Error) -> Refusal {
    match error {
        // The only thing that sqlx finds wrong with these options: it has no RSA, and the channel is plain.
        sqlx::Error::Configuration(cause) if cause.to_string().contains("RSA") => Refusal::Lasting(
            StoreError::unavailable(ErrorKind::Connect, NoSession::PasswordNeedsTls),
        ),
        error @ (sqlx::Error::Configuration(_) | sqlx::Error::Tls(_)) => Refusal::Lasting(
            StoreError::unavailable(ErrorKind::Connect, NoSession::Other(error)),
        ),
        error => Refusal::Passing(StoreError::unavailable(
            ErrorKind::Connect,
            NoSession::Other(error),
        )),
    }
}

const fn ssl_mode(tls: DbTls) -> MySqlSslMode {
    match tls {
        DbTls::Disabled => MySqlSslMode::Disabled,
        DbTls::Preferred => MySqlSslMode::Preferred,
        DbTls::Required => MySqlSslMode::Required,
        DbTls::VerifyCa => MySqlSslMode::VerifyCa,
        DbTls::VerifyIdentity => MySqlSslMode::VerifyIdentity,
    }
}
