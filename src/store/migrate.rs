//! The schema's way forward: numbered files, embedded, the same names for both stores, run in order and never back.
//!
//! Not the runner of `sqlx`: that one marks a MySQL migration that died half-way and refuses for ever after, has no
//! lock on SQLite, and refuses a schema newer than the program. Here `migrate` may be killed anywhere and run again,
//! by many processes at once; migrations that this program does not know are left alone.

pub mod mysql;
pub mod sqlite;

use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    StoreError,
    mysql::{Server, Settings},
};
use crate::{
    config::MySqlConfig,
    secrets::{Login, Rotating},
};

/// Which files were run by this call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Their names, in order; empty where nothing was missing.
    pub run: Vec<&'static str>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.run.as_slice() {
            [] => f.write_str("nothing to do"),
            names => f.write_str(&names.join("\n")),
        }
    }
}

/// One file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Migration {
    /// Number and name, without the ending.
    pub(super) name: &'static str,
    /// The file's text.
    pub(super) text: &'static str,
}

/// Every name, once: a file that is missing for one of the stores does not compile.
macro_rules! embedded {
    ($store:literal) => {
        embedded!($store:
            "0001_create_transactions",
            "0002_widen_transactions",
            "0003_add_times",
            "0004_default_times",
            "0005_index_created_at",
            "0006_create_idempotency_keys",
        )
    };
    ($store:literal: $($name:literal,)*) => {
        &[$($crate::store::migrate::Migration {
            name: $name,
            text: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"), "/migrations/", $store, "/", $name, ".sql"
            )),
        },)*]
    };
}
pub(super) use embedded;

/// What `migrate` works on. Making one connects nothing.
pub struct Migrator(Target);

enum Target {
    Sqlite(PathBuf),
    MySql(Box<Server>),
}

impl Migrator {
    /// The file `path`, made with its folders where it is not there.
    #[must_use]
    pub fn sqlite(path: PathBuf) -> Self {
        Self(Target::Sqlite(path))
    }

    /// The database that `config` and `login` name (`login` wins), which needs the right to change tables. Parameters
    /// as of [`MySqlStore::new`](super::mysql::MySqlStore::new).
    #[must_use]
    pub fn mysql(config: MySqlConfig, login: Arc<Rotating<Login>>, ca_pem: Vec<u8>) -> Self {
        let server = Server::new(config, login, ca_pem, Settings::Migrate);
        Self(Target::MySql(Box::new(server)))
    }

    /// Runs what is missing. Waits for at most `patience` while another process does the same, or uses the table;
    /// a statement that has begun is waited for, however long it takes.
    ///
    /// Fails with [`StoreError::Unavailable`] where the store cannot be reached (worth another attempt) or the wait was
    /// too short.
    pub async fn migrate(&self, patience: Duration) -> Result<Report, StoreError> {
        let deadline = Instant::now() + patience;
        match &self.0 {
            Target::Sqlite(path) => sqlite::migrate(path, deadline).await,
            Target::MySql(server) => mysql::migrate(server, deadline).await,
        }
    }

    /// The names that [`Migrator::migrate`] would run. Changes nothing.
    pub async fn pending(&self) -> Result<Vec<&'static str>, StoreError> {
        match &self.0 {
            Target::Sqlite(path) => sqlite::pending(path).await,
            Target::MySql(server) => mysql::pending(server).await,
        }
    }
}

/// The files of `all` whose names are not in `run`.
fn missing(all: &'static [Migration], run: &[String]) -> Vec<&'static Migration> {
    all.iter()
        .filter(|migration| !run.iter().any(|name| name == migration.name))
        .collect()
}
