//! The port to the table, and the one way in which it fails.
//!
//! Adapters: [`sqlite`] and [`mysql`], held to one contract suite. `measured` wraps either
//! with metrics and spans. Only `app` names an adapter.

pub mod error;
pub mod idempotency;
pub mod measured;
pub mod migrate;
pub mod mysql;
mod pool;
pub mod sqlite;
mod statement;

use std::time::Duration;

use async_trait::async_trait;

pub use self::{
    error::{ErrorKind, StoreError},
    idempotency::{Claim, Inserted, RenderReply, StoredReply},
};
use crate::domain::{
    Filter, NewTransaction, Order, Period, SummaryItem, TimeRange, Timestamp, Total, Transaction,
    TransactionId,
};

/// [`Store::probe`] answers within this time, whatever hangs: `/readyz` and `/health` have a second.
const PROBE_LIMIT: Duration = Duration::from_millis(900);

/// What becomes of a row that was read under its lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Leave it as it is: the change would make no difference.
    Keep,
    /// Leave it as it is: a precondition does not hold.
    Refuse,
    /// Write amount, description and `updated_at` of this.
    Write(Transaction),
}

/// Decides on a row under its lock. May be called again where the transaction is repeated.
pub type Decide<'a> = &'a (dyn Fn(&Transaction) -> Decision + Send + Sync);

/// Whether a row, read under its lock, may be deleted. May be called again where the transaction is repeated.
pub type Allow<'a> = &'a (dyn Fn(&Transaction) -> bool + Send + Sync);

/// How a change of one row ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed<T> {
    /// There is no such row.
    Missing,
    /// The decision was to refuse.
    Refused,
    /// Done, or nothing to do.
    Done(T),
}

/// The whole table in two figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Rows.
    pub count: u64,
    /// The exact sum of their amounts.
    pub amount: Total,
}

/// Whether the tables are as this program needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Every migration that this program knows was run (newer ones do not matter).
    Ready,
    /// At least one is missing.
    NotMigrated,
}

/// Connections of the pool, by what they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolState {
    /// Waiting for work.
    pub idle: u32,
    /// At work.
    pub in_use: u32,
}

/// The table of transactions. Absence is `None`; an error means that the store failed.
///
/// Each write is one transaction of the store, durable when the call returns `Ok`. A call that is dropped half-way
/// leaves either all of its write or nothing.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Records `new`, stamped `now`; with a `claim`, at most once for its key, the reply kept beside the row.
    async fn insert(
        &self,
        new: &NewTransaction,
        now: Timestamp,
        claim: Option<(&Claim, RenderReply<'_>)>,
    ) -> Result<Inserted, StoreError>;

    /// One row.
    async fn find(&self, id: TransactionId) -> Result<Option<Transaction>, StoreError>;

    /// At most `limit` rows that match `filter`, by id in `order`, beginning after the id `after`
    /// (ascending: ids above it; descending: ids below it). One statement: a snapshot.
    async fn list(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Transaction>, StoreError>;

    /// Changes one row as `decide` says of it, under its lock. `Done` holds the row as it is afterwards.
    async fn update(
        &self,
        id: TransactionId,
        decide: Decide<'_>,
    ) -> Result<Changed<Transaction>, StoreError>;

    /// Deletes one row if `allow` says so of it, under its lock.
    async fn delete(&self, id: TransactionId, allow: Allow<'_>) -> Result<Changed<()>, StoreError>;

    /// Deletes the rows recorded in `range`, all rows where it is open; says how many.
    async fn delete_many(&self, range: &TimeRange) -> Result<u64, StoreError>;

    /// Counts and sums of the periods that have rows within `range`, ascending, the rows without a time first.
    async fn summary(
        &self,
        period: Period,
        range: &TimeRange,
    ) -> Result<Vec<SummaryItem>, StoreError>;

    /// The table's totals.
    async fn totals(&self) -> Result<Totals, StoreError>;

    /// Reaches the store by a connection of its own, never queueing for the pool, and looks at its tables.
    async fn probe(&self) -> Result<Schema, StoreError>;

    /// Forgets at most `limit` idempotency records made before `before`; says how many. Takes no lock for long.
    async fn sweep_claims(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Connections by state.
    fn pool(&self) -> PoolState;

    /// Closes all connections, those in use when they are given back.
    async fn close(&self);
}
