//! The table on a MySQL server: MySQL 8.4 and later, MariaDB 10.11 and later, Aurora.
//!
//! Every call ends within the acquire timeout and a small margin, whatever the server does: calls on single rows are
//! cut off there, scans go on only while the server answers on another connection. What may be repeated is repeated
//! (see `attempts`). Sessions run `READ COMMITTED`: under the default, looking a missing row up for a change locks
//! the gap in which all new rows are written.

mod attempts;
mod claims;
mod connect;
mod failure;
mod fence;
mod rows;
pub mod users;
mod writes;

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, MySqlConnection};
use tokio::{sync::Mutex, time::timeout};

use self::{
    attempts::{Attempts, Next, Session},
    connect::Wire,
    rows::MySql,
};
pub(super) use self::{
    connect::{Server, Settings},
    failure::{failure, number},
};
use super::{
    Allow, Changed, Claim, Decide, ErrorKind, Inserted, PoolState, RenderReply, Schema, Store,
    StoreError, Totals, migrate,
    pool::{Connector as _, Pool, Refusal},
    statement::Built,
};
use crate::{
    config::MySqlConfig,
    domain::{
        Filter, NewTransaction, Order, Period, SummaryItem, TimeRange, Timestamp, Transaction,
        TransactionId,
    },
    secrets::{Login, Rotating},
};

/// The adapter. Making it connects nothing.
pub struct MySqlStore {
    pool: Pool<Server>,
    /// The connection of [`Store::probe`], which never queues behind requests, and the generation it was made in.
    probe: Mutex<Option<(u64, Wire)>>,
    config: MySqlConfig,
}

impl MySqlStore {
    /// A store on the server that `config` and `login` name (`login` wins), verified by the certificates in `ca_pem`
    /// (PEM) besides the public ones, where `config.tls` verifies at all.
    #[must_use]
    pub fn new(config: MySqlConfig, login: Arc<Rotating<Login>>, ca_pem: Vec<u8>) -> Self {
        let server = Server::new(config.clone(), login, ca_pem, Settings::Serve);
        Self {
            pool: Pool::new(server, config.pool),
            probe: Mutex::new(None),
            config,
        }
    }

    async fn session(&self, attempts: &mut Attempts) -> Result<Session, StoreError> {
        let deadline = attempts.deadline();
        let lease = if attempts.distrust() {
            self.pool.acquire_new(deadline).await
        } else {
            self.pool.acquire(deadline).await
        };
        lease.map(|lease| attempts.session(lease))
    }

    fn attempts(&self) -> Attempts {
        Attempts::new(Instant::now() + self.config.pool.acquire_timeout)
    }

    async fn look(&self) -> Result<Schema, StoreError> {
        let mut slot = self.probe.lock().await;
        let server = self.pool.connector();
        let generation = server.generation();
        // Taken out meanwhile: one that fails, or whose caller goes away, is closed.
        if let Some((_, mut kept)) = slot.take().filter(|(made, _)| *made == generation)
            && let Ok(schema) = migrate::mysql::schema(&mut kept).await
        {
            *slot = Some((generation, kept));
            return Ok(schema);
        }
        let mut fresh = server.connect().await.map_err(Refusal::into_error)?;
        let schema = migrate::mysql::schema(&mut fresh).await.map_err(failure)?;
        *slot = Some((generation, fresh));
        Ok(schema)
    }
}

/// Runs `$work` on a session as often as it may be repeated. `$bound` is `point` or `scan`.
macro_rules! attempt {
    ($store:ident, $bound:ident, |$session:ident| $work:expr) => {{
        let mut attempts = $store.attempts();
        loop {
            let mut $session = $store.session(&mut attempts).await?;
            let outcome = attempts.$bound($store, $work).await;
            match attempts.settle(&$store.pool, $session, outcome).await {
                Next::Done(result) => break result,
                Next::Again => {}
            }
        }
    }};
}

#[async_trait]
impl Store for MySqlStore {
    async fn insert(
        &self,
        new: &NewTransaction,
        now: Timestamp,
        claim: Option<(&Claim, RenderReply<'_>)>,
    ) -> Result<Inserted, StoreError> {
        match claim {
            None => attempt!(self, point, |session| writes::insert(
                &mut session,
                new,
                now
            )),
            Some((claim, render)) => {
                let mut lost = None;
                attempt!(self, point, |session| writes::insert_once(
                    &mut session,
                    new,
                    now,
                    (claim, render),
                    &mut lost
                ))
            }
        }
    }

    async fn find(&self, id: TransactionId) -> Result<Option<Transaction>, StoreError> {
        attempt!(self, point, |session| rows::find(
            &mut session,
            id,
            rows::FIND
        ))
    }

    async fn list(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Transaction>, StoreError> {
        let built = Built::list::<MySql>(filter, order, after, limit);
        attempt!(self, scan, |session| rows::list(&mut session, &built))
    }

    async fn update(
        &self,
        id: TransactionId,
        decide: Decide<'_>,
    ) -> Result<Changed<Transaction>, StoreError> {
        let mut lost = None;
        attempt!(self, point, |session| writes::update(
            &mut session,
            id,
            decide,
            &mut lost
        ))
    }

    async fn delete(&self, id: TransactionId, allow: Allow<'_>) -> Result<Changed<()>, StoreError> {
        attempt!(self, point, |session| writes::delete(
            &mut session,
            id,
            allow
        ))
    }

    async fn delete_many(&self, range: &TimeRange) -> Result<u64, StoreError> {
        attempt!(self, scan, |session| async {
            session.committing();
            rows::delete_many(&mut session, range).await
        })
    }

    async fn summary(
        &self,
        period: Period,
        range: &TimeRange,
    ) -> Result<Vec<SummaryItem>, StoreError> {
        attempt!(self, scan, |session| rows::summary(
            &mut session,
            period,
            range
        ))
    }

    async fn totals(&self) -> Result<Totals, StoreError> {
        attempt!(self, scan, |session| rows::totals(&mut session))
    }

    async fn probe(&self) -> Result<Schema, StoreError> {
        timeout(super::PROBE_LIMIT, self.look())
            .await
            .unwrap_or_else(|late| Err(StoreError::unavailable(ErrorKind::Timeout, late)))
    }

    async fn sweep_claims(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        attempt!(self, scan, |session| async {
            session.committing();
            claims::sweep(&mut session, before, limit).await
        })
    }

    fn pool(&self) -> PoolState {
        self.pool.state()
    }

    async fn close(&self) {
        self.pool.close().await;
        // A probe at work keeps its connection until it ends, within its own limit.
        self.probe.lock().await.take();
    }
}

async fn rollback(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    execute(connection, "ROLLBACK").await
}

/// Sends a statement without values as text: one round trip, also the first time.
async fn execute(connection: &mut MySqlConnection, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(sql).execute(connection).await.map(drop)
}

/// Binds the values of a built statement. Its SQL is made of fixed parts only.
fn bound(built: &Built) -> sqlx::query::Query<'static, sqlx::MySql, sqlx::mysql::MySqlArguments> {
    use super::statement::Value;
    let mut query = sqlx::query(AssertSqlSafe(built.sql.clone()));
    for value in &built.values {
        query = match value {
            Value::Whole(number) => query.bind(*number),
            Value::Text(text) => query.bind(text.clone()),
        };
    }
    query
}
