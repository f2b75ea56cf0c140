//! A store of one test, on a fresh file or a fresh database, and a way past it to the rows themselves.

use std::{path::PathBuf, sync::Arc, time::Duration};

use expense_backend::{
    config::{DbTls, MySqlConfig, PoolConfig},
    domain::{Amount, AmountSign, Description, NewTransaction, Timestamp, Transaction},
    secrets::{Login, Rotating, Secret},
    store::{Inserted, Store, migrate::Migrator, mysql::MySqlStore, sqlite::SqliteStore},
};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use super::{
    database::{Database, PASSWORD},
    environment,
};

/// Enough for a slow machine, little enough for a test that waits for it.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// Pool sizes of tests.
pub const POOL: PoolConfig = PoolConfig {
    min: 0,
    max: 8,
    acquire_timeout: PATIENCE,
    max_lifetime: Duration::from_secs(3600),
};

/// The table behind a store.
pub struct Table {
    /// The store under test.
    pub store: Arc<dyn Store>,
    place: Place,
}

enum Place {
    File(tempfile::TempDir),
    Server(Shared),
}

/// A database that drops itself by a runtime of its own, which may not run on the test's thread.
struct Shared(Option<Arc<Database>>);

impl Shared {
    fn get(&self) -> Arc<Database> {
        self.0.clone().unwrap()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let database = self.0.take();
        let _ = std::thread::spawn(move || drop(database)).join();
    }
}

impl Table {
    /// A migrated file.
    pub async fn sqlite() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        Migrator::sqlite(file(&folder))
            .migrate(PATIENCE)
            .await
            .unwrap();
        Some(Self {
            store: Arc::new(SqliteStore::open(file(&folder), POOL)),
            place: Place::File(folder),
        })
    }

    /// A migrated database, served by a user without the right to change tables.
    pub async fn mysql() -> Option<Self> {
        let url = environment::mysql_url()?;
        let database = off_runtime(move || Database::create(&url)).await;
        migrator(&database).migrate(PATIENCE).await.unwrap();
        Some(Self {
            store: Arc::new(mysql_store(&database, POOL)),
            place: Place::Server(Shared(Some(Arc::new(database)))),
        })
    }

    /// Closes the store and opens it anew, as a restart does.
    pub async fn reopen(&mut self) {
        self.store.close().await;
        self.store = match &self.place {
            Place::File(folder) => Arc::new(SqliteStore::open(file(folder), POOL)),
            Place::Server(database) => Arc::new(mysql_store(&database.get(), POOL)),
        };
    }

    /// Runs one statement past the store; `mysql` where the words differ.
    pub async fn execute(&self, sqlite: &str, mysql: &str) {
        match &self.place {
            Place::File(folder) => {
                let url = format!("sqlite://{}", file(folder).display());
                let mut connection = SqliteConnection::connect(&url).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(sqlite.to_owned()))
                    .execute(&mut connection)
                    .await
                    .unwrap_or_else(|error| panic!("{sqlite}: {error}"));
                connection.close().await.unwrap();
            }
            Place::Server(database) => {
                let (database, sql) = (database.get(), mysql.to_owned());
                off_runtime(move || database.execute(&sql)).await;
            }
        }
    }

    /// Adds a row as the old application left some: whatever the columns take.
    pub async fn old_row(&self, id: i64, amount: Option<&str>, description: Option<&str>) {
        let text = description.map_or("NULL".to_owned(), |text| {
            format!("'{}'", text.replace('\'', "''"))
        });
        let minor = amount.map_or("NULL".to_owned(), |amount| {
            Amount::parse("amount", amount).unwrap().minor().to_string()
        });
        let decimal = amount.unwrap_or("NULL");
        let sql = |amount: &str| {
            format!("INSERT INTO transactions VALUES ({id}, {amount}, {text}, NULL, NULL)")
        };
        self.execute(&sql(&minor), &sql(decimal).replace('\\', "\\\\"))
            .await;
    }

    /// Records a row through the store.
    pub async fn insert(&self, amount: &str, description: &str, micros: i64) -> Transaction {
        insert(&*self.store, amount, description, micros).await
    }
}

/// Records a row and hands it back.
pub async fn insert(store: &dyn Store, amount: &str, text: &str, micros: i64) -> Transaction {
    let now = Timestamp::from_micros(micros);
    match store.insert(&new(amount, text), now, None).await.unwrap() {
        Inserted::Created(row) => row,
        other => panic!("not created: {other:?}"),
    }
}

/// Valid input.
pub fn new(amount: &str, text: &str) -> NewTransaction {
    NewTransaction {
        amount: Amount::parse_new("amount", amount, AmountSign::Any).unwrap(),
        description: Description::parse("description", text).unwrap(),
    }
}

fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("deep/down/expense.db")
}

/// How a database is reached.
pub fn mysql_config(database: &Database, pool: PoolConfig) -> MySqlConfig {
    let (host, port) = database.address();
    MySqlConfig {
        host: Some(host),
        port,
        username: None,
        password: None,
        database: database.name().to_owned(),
        tls: DbTls::Preferred,
        ca_bundle: None,
        pool,
    }
}

/// A login that never changes.
pub fn login(user: &str) -> Arc<Rotating<Login>> {
    Arc::new(Rotating::fixed(Login {
        username: Some(user.to_owned()),
        password: Some(Secret::new(PASSWORD.to_owned())),
        host: None,
        port: None,
        database: None,
    }))
}

/// A store for the user who serves.
pub fn mysql_store(database: &Database, pool: PoolConfig) -> MySqlStore {
    MySqlStore::new(
        mysql_config(database, pool),
        login(&database.user()),
        Vec::new(),
    )
}

/// What migrates a database, by the user who may.
pub fn migrator(database: &Database) -> Migrator {
    Migrator::mysql(
        mysql_config(database, POOL),
        login(&database.migrator()),
        Vec::new(),
    )
}

/// Runs what brings a runtime of its own beside the test's.
pub async fn off_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}
