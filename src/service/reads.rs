//! Reads: from the cache where it can prove what it has, else from the store.

use bytes::Bytes;
use metrics::counter;

use super::{Ledger, ServiceError, list::ListReply};
use crate::{
    cache::{
        Key, Lookup, Ready, Stamp,
        coalesce::{Batched, SingleFlight},
    },
    domain::{Filter, Order, PageSize, Period, SummaryItem, TimeRange, Transaction, TransactionId},
    store::StoreError,
    telemetry::names,
    wire,
};

type Row = Result<Option<Ready>, StoreError>;
type List = Result<ListReply, StoreError>;

/// Reads of the store that several requests may wait for together.
pub(super) struct Flights {
    rows: SingleFlight<(Key, Stamp), Row>,
    lists: SingleFlight<Stamp, List>,
    /// What the cache has nothing to prove with: who comes during one shares the next.
    unproved_rows: Batched<Key, Row>,
    unproved_lists: Batched<(), List>,
}

impl Default for Flights {
    fn default() -> Self {
        Self {
            rows: SingleFlight::default(),
            lists: SingleFlight::default(),
            unproved_rows: Batched::new(Result::is_err),
            unproved_lists: Batched::new(Result::is_err),
        }
    }
}

/// One page of `/v1/transactions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its rows.
    pub rows: Vec<Transaction>,
    /// Whether rows follow.
    pub more: bool,
}

impl Ledger {
    /// One row as the old routes show it.
    pub async fn old_row(&self, id: TransactionId) -> Result<Ready, ServiceError> {
        self.row(Key::OldRow(id), id, |row| Ready {
            body: wire::old_row(row),
            etag: None,
        })
        .await
    }

    /// One row as `/v1` shows it, with its entity tag.
    pub async fn resource(&self, id: TransactionId) -> Result<Ready, ServiceError> {
        self.row(Key::Resource(id), id, ready_resource).await
    }

    async fn row(
        &self,
        key: Key,
        id: TransactionId,
        show: fn(&Transaction) -> Ready,
    ) -> Result<Ready, ServiceError> {
        self.gate.pass(&self.health).await?;
        let shown = match self.looked_up(key).await {
            Lookup::Hit(ready) => {
                counter!(names::CACHE_HITS).increment(1);
                return Ok(ready);
            }
            Lookup::Miss(stamp) => {
                counter!(names::CACHE_MISSES).increment(1);
                let (store, cache) = (self.store.clone(), self.cache.clone());
                let fill = move || async move {
                    let shown = store.find(id).await?.as_ref().map(show);
                    if let Some(ready) = &shown {
                        cache.keep(key, stamp, Some(ready));
                    }
                    Ok(shown)
                };
                let filled = self.flights.rows.run((key, stamp), fill).await;
                filled.ok_or(ServiceError::Lost)??
            }
            Lookup::TooLarge | Lookup::Bypass => {
                let store = self.store.clone();
                let read = move || async move { Ok(store.find(id).await?.as_ref().map(show)) };
                let found = self.flights.unproved_rows.run(key, read).await;
                found.ok_or(ServiceError::Lost)??
            }
        };
        shown.ok_or(ServiceError::NotFound)
    }

    /// The old list of all rows.
    pub async fn list(&self) -> Result<ListReply, ServiceError> {
        self.gate.pass(&self.health).await?;
        match self.looked_up(Key::List).await {
            Lookup::Hit(ready) => {
                counter!(names::CACHE_HITS).increment(1);
                Ok(ListReply::whole(ready.body))
            }
            Lookup::Miss(stamp) => {
                counter!(names::CACHE_MISSES).increment(1);
                let (store, cache) = (self.store.clone(), self.cache.clone());
                let fill = move || async move {
                    let reply = ListReply::read(store.as_ref(), 0).await?;
                    let ready = reply.whole_body().map(|body| Ready { body, etag: None });
                    cache.keep(Key::List, stamp, ready.as_ref());
                    Ok(reply)
                };
                let filled = self.flights.lists.run(stamp, fill).await;
                Ok(filled.ok_or(ServiceError::Lost)??)
            }
            Lookup::TooLarge | Lookup::Bypass => {
                let store = self.store.clone();
                let read = move || async move { ListReply::read(store.as_ref(), 0).await };
                let reply = self.flights.unproved_lists.run((), read).await;
                Ok(reply.ok_or(ServiceError::Lost)??)
            }
        }
    }

    /// The old list from the id `after` on.
    pub async fn list_after(&self, after: i64) -> Result<ListReply, ServiceError> {
        self.gate.pass(&self.health).await?;
        Ok(ListReply::read(self.store.as_ref(), after).await?)
    }

    /// One page of the old list: its body, and the id after which the next one begins.
    pub async fn old_page(
        &self,
        after: i64,
        size: PageSize,
    ) -> Result<(Bytes, Option<TransactionId>), ServiceError> {
        let page = self
            .page(&Filter::default(), Order::Ascending, Some(after), size)
            .await?;
        let next = page.rows.last().filter(|_| page.more).map(|row| row.id);
        let mut list = wire::OldList::default();
        list.extend(&page.rows);
        Ok((list.finish(), next))
    }

    /// One page of a list.
    pub async fn page(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<i64>,
        size: PageSize,
    ) -> Result<Page, ServiceError> {
        self.gate.pass(&self.health).await?;
        // One row more than shown tells whether a page follows.
        let mut rows = self
            .store
            .list(filter, order, after, size.rows() + 1)
            .await?;
        let more = rows.len() > size.rows();
        rows.truncate(size.rows());
        Ok(Page { rows, more })
    }

    /// Counts and sums by period.
    pub async fn summary(
        &self,
        period: Period,
        range: &TimeRange,
    ) -> Result<Vec<SummaryItem>, ServiceError> {
        self.gate.pass(&self.health).await?;
        Ok(self.store.summary(period, range).await?)
    }

    /// The rest of a list that was begun.
    #[must_use]
    pub fn rest(&self, after: i64) -> super::list::Rest {
        super::list::Rest::new(self.store.clone(), after)
    }
}

/// A row as `/v1` shows it, with its entity tag.
#[must_use]
pub(super) fn ready_resource(row: &Transaction) -> Ready {
    let body = wire::resource(row);
    let etag = wire::etag(&body);
    Ready {
        body,
        etag: Some(etag),
    }
}
