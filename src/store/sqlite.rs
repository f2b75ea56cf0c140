//! The table in one SQLite file: for a laptop and for one small server.
//!
//! WAL with `synchronous=FULL`: readers see the last commit while one writes, and a commit has reached the disk when
//! it is acknowledged. One connection writes, so writers of this process never meet; those of other processes
//! (`migrate`) are waited for. Amounts are minor units, times microseconds since 1970.

mod claims;
mod connect;
mod failure;
mod rows;

use std::{path::PathBuf, time::Instant};

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, SqliteConnection};
use tokio::{sync::Mutex, time::timeout};

use self::{
    claims::{Begun, begin_claim, keep_reply},
    connect::{Files, Role},
    rows::Sqlite,
};
pub(super) use self::{
    connect::{connect_to_migrate, connect_to_read},
    failure::failure,
};
use super::{
    Allow, Changed, Claim, Decide, Decision, ErrorKind, Inserted, PoolState, RenderReply, Schema,
    Store, StoreError, Totals, migrate,
    pool::{Lease, Pool},
    statement::Built,
};
use crate::{
    config::PoolConfig,
    domain::{
        Filter, NewTransaction, Order, Period, SummaryItem, TimeRange, Timestamp, Transaction,
        TransactionId,
    },
};

/// The adapter. Opening it touches nothing: folders and file are made for the first call.
pub struct SqliteStore {
    writer: Pool<Files>,
    readers: Pool<Files>,
    /// The connection of [`Store::probe`], which never queues behind requests.
    probe: Mutex<Option<SqliteConnection>>,
    limits: PoolConfig,
}

impl SqliteStore {
    /// A store in the file `path`, read by at most `limits.max` connections at a time.
    #[must_use]
    pub fn open(path: PathBuf, limits: PoolConfig) -> Self {
        let one = PoolConfig {
            min: 1,
            max: 1,
            ..limits
        };
        Self {
            writer: Pool::new(Files::new(path.clone(), Role::Write, limits), one),
            readers: Pool::new(Files::new(path, Role::Read, limits), limits),
            probe: Mutex::new(None),
            limits,
        }
    }

    async fn reader(&self) -> Result<Lease<Files>, StoreError> {
        self.readers.acquire(self.deadline()).await
    }

    async fn writer(&self) -> Result<Lease<Files>, StoreError> {
        self.writer.acquire(self.deadline()).await
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.limits.acquire_timeout
    }
}

/// Gives the connection back after success; after a failure it is closed, whatever state it is in.
fn settle<T>(lease: Lease<Files>, outcome: Result<T, sqlx::Error>) -> Result<T, StoreError> {
    match outcome {
        Ok(value) => {
            lease.give_back();
            Ok(value)
        }
        Err(error) => Err(failure(error)),
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn insert(
        &self,
        new: &NewTransaction,
        now: Timestamp,
        claim: Option<(&Claim, RenderReply<'_>)>,
    ) -> Result<Inserted, StoreError> {
        let mut lease = self.writer().await?;
        let outcome = match claim {
            None => rows::insert(&mut lease, new, now)
                .await
                .map(Inserted::Created),
            Some((claim, render)) => insert_once(&mut lease, new, now, claim, render).await,
        };
        settle(lease, outcome)
    }

    async fn find(&self, id: TransactionId) -> Result<Option<Transaction>, StoreError> {
        let mut lease = self.reader().await?;
        let outcome = rows::find(&mut lease, id).await;
        settle(lease, outcome)
    }

    async fn list(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Transaction>, StoreError> {
        let built = Built::list::<Sqlite>(filter, order, after, limit);
        let mut lease = self.reader().await?;
        let outcome = rows::list(&mut lease, built).await;
        settle(lease, outcome)
    }

    async fn update(
        &self,
        id: TransactionId,
        decide: Decide<'_>,
    ) -> Result<Changed<Transaction>, StoreError> {
        let mut lease = self.writer().await?;
        let outcome = update(&mut lease, id, decide).await;
        settle(lease, outcome)
    }

    async fn delete(&self, id: TransactionId, allow: Allow<'_>) -> Result<Changed<()>, StoreError> {
        let mut lease = self.writer().await?;
        let outcome = delete(&mut lease, id, allow).await;
        settle(lease, outcome)
    }

    async fn delete_many(&self, range: &TimeRange) -> Result<u64, StoreError> {
        let mut lease = self.writer().await?;
        let outcome = rows::delete_many(&mut lease, range).await;
        settle(lease, outcome)
    }

    async fn summary(
        &self,
        period: Period,
        range: &TimeRange,
    ) -> Result<Vec<SummaryItem>, StoreError> {
        let mut lease = self.reader().await?;
        let outcome = rows::summary(&mut lease, period, range).await;
        settle(lease, outcome)
    }

    async fn totals(&self) -> Result<Totals, StoreError> {
        let mut lease = self.reader().await?;
        let outcome = rows::totals(&mut lease).await;
        settle(lease, outcome)
    }

    async fn probe(&self) -> Result<Schema, StoreError> {
        let asked = timeout(super::PROBE_LIMIT, async {
            let mut slot = self.probe.lock().await;
            // Taken out meanwhile: one that fails, or whose caller goes away, is closed.
            let mut connection = match slot.take() {
                Some(connection) => connection,
                None => self.readers.connector().probe_connection().await?,
            };
            let schema = migrate::sqlite::schema(&mut connection)
                .await
                .map_err(failure)?;
            *slot = Some(connection);
            Ok(schema)
        });
        asked
            .await
            .unwrap_or_else(|late| Err(StoreError::unavailable(ErrorKind::Timeout, late)))
    }

    async fn sweep_claims(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut lease = self.writer().await?;
        let outcome = claims::sweep(&mut lease, before, limit).await;
        settle(lease, outcome)
    }

    fn pool(&self) -> PoolState {
        let (writer, readers) = (self.writer.state(), self.readers.state());
        PoolState {
            idle: writer.idle + readers.idle,
            in_use: writer.in_use + readers.in_use,
        }
    }

    async fn close(&self) {
        self.readers.close().await;
        self.probe.lock().await.take();
        // Last: the connection that closes last folds the log back into the file.
        self.writer.close().await;
    }
}

async fn insert_once(
    connection: &mut SqliteConnection,
    new: &NewTransaction,
    now: Timestamp,
    claim: &Claim,
    render: RenderReply<'_>,
) -> Result<Inserted, sqlx::Error> {
    begin(connection).await?;
    let inserted = match begin_claim(connection, claim).await? {
        Begun::Known(known) => known,
        Begun::Free => {
            let row = rows::insert(connection, new, now).await?;
            keep_reply(connection, claim, now, &render(&row)).await?;
            Inserted::Created(row)
        }
    };
    commit(connection).await?;
    Ok(inserted)
}

async fn update(
    connection: &mut SqliteConnection,
    id: TransactionId,
    decide: Decide<'_>,
) -> Result<Changed<Transaction>, sqlx::Error> {
    begin(connection).await?;
    let changed = match rows::find(connection, id).await? {
        None => Changed::Missing,
        Some(row) => match decide(&row) {
            Decision::Keep => Changed::Done(row),
            Decision::Refuse => Changed::Refused,
            Decision::Write(row) => {
                rows::write(connection, &row).await?;
                Changed::Done(row)
            }
        },
    };
    commit(connection).await?;
    Ok(changed)
}

async fn delete(
    connection: &mut SqliteConnection,
    id: TransactionId,
    allow: Allow<'_>,
) -> Result<Changed<()>, sqlx::Error> {
    begin(connection).await?;
    let changed = match rows::find(connection, id).await? {
        None => Changed::Missing,
        Some(row) if !allow(&row) => Changed::Refused,
        Some(_) => {
            rows::delete(connection, id).await?;
            Changed::Done(())
        }
    };
    commit(connection).await?;
    Ok(changed)
}

/// Takes the write lock at once: a transaction that reads first could not get it later without starting again.
async fn begin(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    execute(connection, "BEGIN IMMEDIATE").await
}

async fn commit(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    execute(connection, "COMMIT").await
}

async fn execute(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::query(sql).execute(connection).await.map(drop)
}

/// Binds the values of a built statement. Its SQL is made of fixed parts only.
fn bound(built: Built) -> sqlx::query::Query<'static, sqlx::Sqlite, sqlx::sqlite::SqliteArguments> {
    use super::statement::Value;
    let mut query = sqlx::query(AssertSqlSafe(built.sql));
    for value in built.values {
        query = match value {
            Value::Whole(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
        };
    }
    query
}
