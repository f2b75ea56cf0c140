//! The file and its connections.

use std::{
    fs::{DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::failure::is_busy;
use crate::{
    config::PoolConfig,
    store::{
        ErrorKind, StoreError,
        pool::{Connector, Refusal},
    },
};

/// The write-ahead log is cut back to this after it was folded into the file.
const LOG_LIMIT_BYTES: &str = "67108864";

/// Between attempts to open a file that others are opening.
const OPEN_PAUSE: Duration = Duration::from_millis(20);

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The one that writes.
    Write,
    /// One of those that read.
    Read,
}

/// Makes connections to one file.
pub(super) struct Files {
    path: PathBuf,
    role: Role,
    patience: Duration,
}

impl Files {
    pub(super) fn new(path: PathBuf, role: Role, limits: PoolConfig) -> Self {
        Self {
            path,
            role,
            patience: limits.acquire_timeout,
        }
    }

    /// One more reader, outside every pool.
    pub(super) async fn probe_connection(&self) -> Result<SqliteConnection, StoreError> {
        connect_to_read(&self.path, self.patience).await
    }
}

#[async_trait]
impl Connector for Files {
    type Connection = SqliteConnection;

    async fn connect(&self) -> Result<SqliteConnection, Refusal> {
        open(&self.path, self.role, self.patience)
            .await
            .map_err(|error| match &error {
                // Others of this program are turning the log on at this very moment.
                busy if is_busy(busy) => Refusal::Passing(unopened(&self.path, error)),
                _ => Refusal::Lasting(unopened(&self.path, error)),
            })
    }

    async fn answers(&self, _: &mut SqliteConnection) -> bool {
        true
    }

    async fn close(&self, connection: SqliteConnection) {
        if let Err(error) = connection.close().await {
            tracing::warn!(%error, "the database file was not closed in good order");
        }
    }

    fn generation(&self) -> u64 {
        0
    }
}

/// A connection that may make tables. Waits until `deadline` for others that open the file at this moment: turning the
/// log on needs it alone, and SQLite does not wait for that by itself.
pub(in crate::store) async fn connect_to_migrate(
    path: &Path,
    deadline: Instant,
) -> Result<SqliteConnection, StoreError> {
    loop {
        let patience = deadline.saturating_duration_since(Instant::now());
        match open(path, Role::Write, patience).await {
            Ok(connection) => return Ok(connection),
            Err(error) if is_busy(&error) && !patience.is_zero() => {
                tokio::time::sleep(OPEN_PAUSE.min(patience)).await;
            }
            Err(error) => return Err(unopened(path, error)),
        }
    }
}

/// A connection that changes nothing.
pub(in crate::store) async fn connect_to_read(
    path: &Path,
    patience: Duration,
) -> Result<SqliteConnection, StoreError> {
    open(path, Role::Read, patience)
        .await
        .map_err(|error| unopened(path, error))
}

async fn open(
    path: &Path,
    role: Role,
    patience: Duration,
) -> Result<SqliteConnection, sqlx::Error> {
    let owned = path.to_owned();
    tokio::task::spawn_blocking(move || make_file(&owned))
        .await
        .map_err(io::Error::other)??;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(patience)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    let options = match role {
        Role::Write => options
            .journal_mode(SqliteJournalMode::Wal)
            .pragma("journal_size_limit", LOG_LIMIT_BYTES),
        Role::Read => options.pragma("query_only", "ON"),
    };
    options.connect().await
}

/// Folders and file are for this user alone: they hold what people spent.
fn make_file(path: &Path) -> io::Result<()> {
    if path.try_exists()? {
        return Ok(());
    }
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map(drop)
}

#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}", path = path.display())]
struct Unopened {
    path: PathBuf,
    source: sqlx::Error,
}

/// Whatever keeps the file from being opened, the store cannot be reached.
fn unopened(path: &Path, source: sqlx::Error) -> StoreError {
    let kind = if is_busy(&source) {
        ErrorKind::Timeout
    } else {
        ErrorKind::Connect
    };
    StoreError::unavailable(
        kind,
        Unopened {
            path: path.to_owned(),
            source,
        },
    )
}
