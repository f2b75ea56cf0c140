//! Writes: commit, make the caches forget, then acknowledge.

use std::sync::Arc;

use metrics::counter;

use super::{Ledger, ServiceError, precondition::Precondition, reads::ready_resource};
use crate::{
    cache::{Change, Ready},
    domain::{Changes, NewTransaction, TimeRange, Timestamp, Transaction, TransactionId},
    store::{Changed, Claim, Decision, Inserted, StoreError, StoredReply},
    telemetry::names,
    wire,
};

/// Writes the reply to an insert; kept beside the row where the request had an idempotency key.
pub type Reply = Arc<dyn Fn(&Transaction) -> StoredReply + Send + Sync>;

/// The reply to an insert, and whether it was given before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What to answer.
    pub reply: StoredReply,
    /// The number of the new row, where it was made now.
    pub id: Option<TransactionId>,
}

impl Ledger {
    /// Records a transaction; with a `claim` at most once for its key.
    pub async fn create(
        &self,
        new: NewTransaction,
        claim: Option<Claim>,
        reply: Reply,
    ) -> Result<Recorded, ServiceError> {
        self.gate.pass(&self.health).await?;
        let ledger = self.clone();
        self.detached(async move { ledger.insert(&new, claim, &reply).await })
            .await
    }

    async fn insert(
        &self,
        new: &NewTransaction,
        claim: Option<Claim>,
        reply: &Reply,
    ) -> Result<Recorded, ServiceError> {
        let _running = match &claim {
            Some(claim) => {
                let entered = self.in_progress.enter(&claim.caller, &claim.key).await;
                entered.ok_or(ServiceError::InProgress)?
            }
            None => None,
        };
        let once = claim.as_ref().map(|claim| (claim, reply.as_ref() as _));
        let inserted = self.store.insert(new, (self.now)(), once).await;
        match self.settle(inserted, Change::Inserted).await? {
            Inserted::Created(row) => {
                self.changed(Change::Inserted).await;
                counter!(names::CREATED).increment(1);
                Ok(Recorded {
                    reply: reply(&row),
                    id: Some(row.id),
                })
            }
            Inserted::Replayed(reply) => {
                // The first process may have died between its commit and its invalidation.
                self.changed(Change::Inserted).await;
                Ok(Recorded { reply, id: None })
            }
            Inserted::KeyReused => Err(ServiceError::KeyReused),
            Inserted::InProgress => Err(ServiceError::InProgress),
        }
    }

    /// Changes one row, if its state is what the caller expects; the row as it is afterwards.
    pub async fn update(
        &self,
        id: TransactionId,
        changes: Changes,
        condition: Precondition,
    ) -> Result<Ready, ServiceError> {
        self.gate.pass(&self.health).await?;
        let ledger = self.clone();
        let now = (self.now)();
        self.detached(async move {
            let decide = move |row: &Transaction| decide(row, &changes, &condition, now);
            let updated = ledger.store.update(id, &decide).await;
            match ledger.settle(updated, Change::Row(id)).await? {
                Changed::Missing => Err(ServiceError::NotFound),
                Changed::Refused => Err(ServiceError::PreconditionFailed),
                Changed::Done(row) => {
                    ledger.changed(Change::Row(id)).await;
                    Ok(ready_resource(&row))
                }
            }
        })
        .await
    }

    /// Deletes one row, if its state is what the caller expects.
    pub async fn delete(
        &self,
        id: TransactionId,
        condition: Precondition,
    ) -> Result<(), ServiceError> {
        self.gate.pass(&self.health).await?;
        let ledger = self.clone();
        self.detached(async move {
            let allow = move |row: &Transaction| {
                condition.is_empty() || condition.allows_write(&wire::etag(&wire::resource(row)))
            };
            let deleted = ledger.store.delete(id, &allow).await;
            match ledger.settle(deleted, Change::Row(id)).await? {
                Changed::Missing => {
                    // As with a replay: whoever deleted it may have died before its invalidation, and this reply says
                    // that the row is gone.
                    ledger.changed(Change::Row(id)).await;
                    Err(ServiceError::NotFound)
                }
                Changed::Refused => Err(ServiceError::PreconditionFailed),
                Changed::Done(()) => {
                    ledger.changed(Change::Row(id)).await;
                    counter!(names::DELETED).increment(1);
                    Ok(())
                }
            }
        })
        .await
    }

    /// Deletes the rows recorded in `range`, all where it is open; says how many.
    pub async fn delete_many(&self, range: TimeRange) -> Result<u64, ServiceError> {
        self.gate.pass(&self.health).await?;
        let ledger = self.clone();
        self.detached(async move {
            let deleted = ledger.store.delete_many(&range).await;
            let deleted = ledger.settle(deleted, Change::Everything).await?;
            ledger.changed(Change::Everything).await;
            counter!(names::DELETED).increment(deleted);
            Ok(deleted)
        })
        .await
    }

    /// A write whose connection broke may have been committed all the same: the caches forget what it touched.
    async fn settle<T>(
        &self,
        written: Result<T, StoreError>,
        change: Change,
    ) -> Result<T, ServiceError> {
        if matches!(written, Err(StoreError::Unavailable { .. })) {
            self.changed(change).await;
        }
        Ok(written?)
    }
}

fn decide(
    row: &Transaction,
    changes: &Changes,
    condition: &Precondition,
    now: Timestamp,
) -> Decision {
    if !condition.is_empty() && !condition.allows_write(&wire::etag(&wire::resource(row))) {
        return Decision::Refuse;
    }
    changes
        .apply(row, now)
        .map_or(Decision::Keep, Decision::Write)
}
