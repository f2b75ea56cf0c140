//! What the stores do while their server, its network or their disk fails. Seen at the port; `faults` looks at the
//! whole program.

mod broken;
mod disk;
mod failover;
mod tls;
mod unreachable;

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use expense_backend::{
    config::{DbTls, MySqlConfig, PoolConfig},
    domain::{Filter, Order, Period, TimeRange, Timestamp, TransactionId},
    secrets::{Login, Rotating},
    store::{
        Claim, Decision, ErrorKind, Inserted, Store, StoreError, StoredReply, mysql::MySqlStore,
    },
};

use tokio::task::JoinHandle;

use crate::support::{
    database::Database,
    mariadb::MariaDb,
    proxy::Proxy,
    table::{PATIENCE, login, migrator, mysql_config, new, off_runtime},
};

/// The acquire timeout of these tests.
const SHORT: Duration = Duration::from_millis(600);
/// What a call may take beyond it: its own margin, the probe of a scan, and a busy machine.
const MARGIN: Duration = Duration::from_millis(2500);

/// A MariaDB of one test, reached through a proxy.
struct Scene {
    proxy: Proxy,
    database: Option<Arc<Database>>,
    mariadb: MariaDb,
}

impl Scene {
    async fn new() -> Option<Self> {
        let (mariadb, database) = off_runtime(|| {
            let mariadb = MariaDb::start()?;
            let database = Database::create(&mariadb.url());
            Some((mariadb, database))
        })
        .await?;
        migrator(&database).migrate(PATIENCE).await.unwrap();
        Some(Self {
            proxy: Proxy::start(database.address().1).await,
            database: Some(Arc::new(database)),
            mariadb,
        })
    }

    fn database(&self) -> &Arc<Database> {
        self.database.as_ref().unwrap()
    }

    /// A store through the proxy, with at most `max` connections.
    fn store(&self, max: u32) -> Arc<MySqlStore> {
        self.store_as(max, login(&self.database().user()))
    }

    fn store_as(&self, max: u32, login: Arc<Rotating<Login>>) -> Arc<MySqlStore> {
        let config = MySqlConfig {
            port: self.proxy.port(),
            tls: DbTls::Disabled,
            ..mysql_config(self.database(), pool(max))
        };
        Arc::new(MySqlStore::new(config, login, Vec::new()))
    }

    async fn execute(&self, sql: &str) {
        let (database, sql) = (Arc::clone(self.database()), sql.to_owned());
        off_runtime(move || database.execute(&sql)).await;
    }

    /// Runs `sql`, and keeps what it locks for some seconds. Returns when it is locked.
    async fn hold(&self, sql: &str) -> JoinHandle<()> {
        let (database, sql) = (
            Arc::clone(self.database()),
            format!("{sql}; SELECT SLEEP(3)"),
        );
        let holding = tokio::task::spawn_blocking(move || database.execute(&sql));
        eventually("the lock is held", || {
            let database = Arc::clone(self.database());
            let sql =
                "SELECT info FROM information_schema.processlist WHERE info = 'SELECT SLEEP(3)'";
            async move { !off_runtime(move || database.column(sql)).await.is_empty() }
        })
        .await;
        holding
    }

    async fn rows(&self) -> Vec<String> {
        let database = Arc::clone(self.database());
        let sql = "SELECT description FROM transactions ORDER BY id";
        let rows = off_runtime(move || database.column(sql)).await;
        rows.into_iter().flatten().collect()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        // A database drops itself by a runtime of its own, which may not run on the test's thread.
        let database = self.database.take();
        let _ = std::thread::spawn(move || drop(database)).join();
    }
}

fn pool(max: u32) -> PoolConfig {
    PoolConfig {
        min: 0,
        max,
        acquire_timeout: SHORT,
        max_lifetime: Duration::from_secs(3600),
    }
}

fn first() -> TransactionId {
    TransactionId::from_store(1).unwrap()
}

async fn add(store: &dyn Store, text: &str) -> Result<Inserted, StoreError> {
    store.insert(&new("1", text), Timestamp::now(), None).await
}

async fn add_once(store: &dyn Store, text: &str) -> Result<Inserted, StoreError> {
    let claim = Claim {
        caller: "team".to_owned(),
        key: text.to_owned(),
        route: "POST /v1/transactions",
        fingerprint: [1; 32],
        valid_since: Timestamp::from_micros(0),
    };
    let reply = StoredReply {
        status: 201,
        content_type: "application/json".to_owned(),
        location: None,
        etag: None,
        body: text.to_owned().into(),
    };
    let render = |_: &_| reply.clone();
    store
        .insert(&new("1", text), Timestamp::now(), Some((&claim, &render)))
        .await
}

#[track_caller]
fn check_created(outcome: &Result<Inserted, StoreError>) {
    assert!(matches!(outcome, Ok(Inserted::Created(_))), "{outcome:?}");
}

/// Fails unless `call` ends as unavailable, in time, for one of `kinds`.
async fn check_unavailable<T>(
    what: &str,
    kinds: &[ErrorKind],
    call: impl Future<Output = Result<T, StoreError>>,
) {
    let begun = Instant::now();
    let outcome = call.await.map(|_| ());
    let took = begun.elapsed();
    assert!(took < SHORT + MARGIN, "{what}: {took:?}");
    match outcome {
        Err(StoreError::Unavailable { kind, .. }) if kinds.contains(&kind) => {}
        other => panic!("{what}: {other:?}"),
    }
}

/// Every call of the port at the same time; each must be unavailable in time.
async fn check_all_unavailable(store: &dyn Store, kinds: &[ErrorKind]) {
    let (filter, all) = (Filter::default(), TimeRange::default());
    tokio::join!(
        check_unavailable("insert", kinds, add(store, "during")),
        check_unavailable("insert once", kinds, add_once(store, "during")),
        check_unavailable("find", kinds, store.find(first())),
        check_unavailable(
            "list",
            kinds,
            store.list(&filter, Order::Ascending, None, 5)
        ),
        check_unavailable("update", kinds, store.update(first(), &|_| Decision::Keep)),
        check_unavailable("delete", kinds, store.delete(first(), &|_| true)),
        check_unavailable("delete many", kinds, store.delete_many(&all)),
        check_unavailable("summary", kinds, store.summary(Period::Day, &all)),
        check_unavailable("totals", kinds, store.totals()),
        check_unavailable("probe", kinds, store.probe()),
        check_unavailable("sweep", kinds, store.sweep_claims(Timestamp::now(), 9)),
    );
    assert_eq!(store.pool().in_use, 0);
}

/// Asks until it is so; fails after a generous time.
async fn eventually<F: Future<Output = bool>>(what: &str, mut ask: impl FnMut() -> F) {
    let end = Instant::now() + Duration::from_secs(20);
    while !ask().await {
        assert!(Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
