//! The pairs of stores that the service runs on: each API test is written once and stamped for both.

use std::{path::Path, process::Output, time::Duration};

use super::{
    database::{Database, PASSWORD},
    environment,
    redis::Redis,
    server::{Server, Variables, program},
    sqlite,
};

const READY_LIMIT: Duration = Duration::from_secs(20);

/// A fresh, migrated store and a fresh cache.
pub(crate) struct Backend {
    folder: tempfile::TempDir,
    kind: Kind,
}

enum Kind {
    Sqlite,
    MySql { database: Database, redis: Redis },
}

impl Backend {
    /// A SQLite file and a cache inside the process.
    pub(crate) fn sqlite() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            kind: Kind::Sqlite,
        }
    }

    /// A database on the test command's MySQL or MariaDB and a Redis of its own; `None`, with a printed reason,
    /// where there is none.
    pub(crate) fn mysql() -> Option<Self> {
        Some(Self::on(&environment::mysql_url()?))
    }

    /// The same on a server where root may log in by `url`.
    pub(crate) fn on(url: &str) -> Self {
        let backend = Self {
            folder: tempfile::tempdir().unwrap(),
            kind: Kind::MySql {
                database: Database::create(url),
                redis: Redis::start(),
            },
        };
        let output = backend.run(&["migrate"], &backend.migration_variables());
        assert!(output.status.success(), "migrate: {output:?}");
        backend
    }

    /// The folder in which its programs run.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The database, where there is a server.
    pub(crate) fn database(&self) -> Option<&Database> {
        match &self.kind {
            Kind::Sqlite => None,
            Kind::MySql { database, .. } => Some(database),
        }
    }

    /// The Redis, where there is one.
    pub(crate) fn redis(&mut self) -> Option<&mut Redis> {
        match &mut self.kind {
            Kind::Sqlite => None,
            Kind::MySql { redis, .. } => Some(redis),
        }
    }

    /// What `serve` is told: this store, a free port, no rate limit, no notice at the end.
    pub(crate) fn variables(&self) -> Variables {
        let mut variables = match &self.kind {
            Kind::Sqlite => Variables::new(),
            Kind::MySql { database, redis } => {
                let mut variables = database_variables(database, &database.user());
                set(&mut variables, "REDIS_HOST", "127.0.0.1");
                set(&mut variables, "REDIS_PORT", &redis.port().to_string());
                variables
            }
        };
        for (name, value) in [
            ("PORT", "0"),
            ("RATE_LIMIT_REQUESTS", "0"),
            ("SHUTDOWN_NOTICE_MS", "0"),
        ] {
            set(&mut variables, name, value);
        }
        variables
    }

    /// What `migrate` is told.
    pub(crate) fn migration_variables(&self) -> Variables {
        match &self.kind {
            Kind::Sqlite => self.variables(),
            Kind::MySql { database, .. } => database_variables(database, &database.migrator()),
        }
    }

    /// A row as the old application left it: no times, and maybe no amount and no text. Before the server starts.
    pub(crate) fn insert_old_row(&self, amount: Option<&str>, description: Option<&str>) {
        self.insert(amount, description, None);
    }

    /// A row recorded at `created_at` (`2026-11-24 10:00:00`, UTC). Before the server starts.
    pub(crate) fn insert_dated_row(&self, amount: &str, description: &str, created_at: &str) {
        self.insert(Some(amount), Some(description), Some(created_at));
    }

    fn insert(&self, amount: Option<&str>, description: Option<&str>, at: Option<&str>) {
        let quoted = |text: Option<&str>| {
            text.map_or("NULL".to_owned(), |text| {
                format!("'{}'", text.replace('\'', "''"))
            })
        };
        let (amount, description, at) = (quoted(amount), quoted(description), quoted(at));
        let values = match &self.kind {
            Kind::MySql { .. } => format!("{amount}, {description}, {at}, {at}"),
            Kind::Sqlite => {
                let output = self.run(&["migrate"], &self.variables());
                assert!(output.status.success(), "migrate: {output:?}");
                // Whole hundredths, and microseconds since 1970.
                let at = format!("unixepoch({at}) * 1000000");
                format!("CAST(ROUND({amount} * 100) AS INTEGER), {description}, {at}, {at}")
            }
        };
        self.execute(&format!(
            "INSERT INTO transactions (amount, description, created_at, updated_at) VALUES ({values})"
        ));
    }

    /// Runs a statement that both stores know, past the program.
    pub(crate) fn execute(&self, sql: &str) {
        match &self.kind {
            Kind::MySql { database, .. } => database.execute(sql),
            Kind::Sqlite => sqlite::execute(&self.folder().join("data/expense.db"), sql),
        }
    }

    /// A ready server.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// A ready server with further variables.
    pub(crate) fn serve_with(&self, further: &[(&str, &str)]) -> Server {
        let mut variables = self.variables();
        for (name, value) in further {
            set(&mut variables, name, value);
        }
        let server = Server::start(self.folder(), &variables);
        server.wait_until_ready(READY_LIMIT);
        server
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, words: &[&str], variables: &Variables) -> Output {
        program(self.folder(), variables, words).output().unwrap()
    }
}

/// How a program reaches `database` as `user`.
pub(crate) fn database_variables(database: &Database, user: &str) -> Variables {
    let (host, port) = database.address();
    let mut variables = Variables::new();
    for (name, value) in [
        ("DB_HOST", host.as_str()),
        ("DB_PORT", &port.to_string()),
        ("DB_USER", user),
        ("DB_PWD", PASSWORD),
        ("DB_DATABASE", database.name()),
    ] {
        set(&mut variables, name, value);
    }
    variables
}

fn set(variables: &mut Variables, name: &str, value: &str) {
    variables.insert(name.to_owned(), value.to_owned());
}

/// Stamps test bodies `fn name(backend: &mut Backend)` for each pair of stores.
#[macro_export]
macro_rules! each_backend {
    ($($body:ident),+ $(,)?) => {
        /// SQLite and a cache inside the process.
        mod sqlite {
            use $crate::support::backend::Backend;
            $(#[test]
            fn $body() {
                super::$body(&mut Backend::sqlite());
            })+
        }

        /// MySQL or MariaDB, and Redis or Valkey.
        mod mysql {
            use $crate::support::backend::Backend;
            $(#[test]
            fn $body() {
                if let Some(mut backend) = Backend::mysql() {
                    super::$body(&mut backend);
                }
            })+
        }
    };
}
