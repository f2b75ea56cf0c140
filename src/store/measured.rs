//! A store whose calls are counted, timed and traced; what it wraps does not know.

use std::{future::Future, time::Instant};

use async_trait::async_trait;
use metrics::{counter, histogram};
use tracing::{Instrument as _, field};

use super::{
    Allow, Changed, Claim, Decide, Inserted, PoolState, RenderReply, Schema, Store, StoreError,
    Totals,
};
use crate::{
    domain::{
        Filter, NewTransaction, Order, Period, SummaryItem, TimeRange, Timestamp, Transaction,
        TransactionId,
    },
    telemetry::names,
};

/// Records each call of `S` under a fixed word.
pub struct Measured<S>(S);

impl<S: Store> Measured<S> {
    /// Wraps a store.
    pub const fn new(store: S) -> Self {
        Self(store)
    }
}

/// Records the time of a call when it ends, also where it is cut off.
struct Timer {
    query: &'static str,
    begun: Instant,
}

impl Drop for Timer {
    fn drop(&mut self) {
        histogram!(names::DB_DURATION, "query" => self.query).record(self.begun.elapsed());
    }
}

async fn measured<T>(
    query: &'static str,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let span = tracing::debug_span!(
        target: "expense_backend::store",
        "store_query",
        query,
        otel.kind = "client",
        otel.status_code = field::Empty,
    );
    let timer = Timer {
        query,
        begun: Instant::now(),
    };
    let outcome = call.instrument(span.clone()).await;
    drop(timer);
    if let Err(error) = &outcome {
        counter!(names::DB_ERRORS, "kind" => error.kind().as_str()).increment(1);
        span.record("otel.status_code", "ERROR");
    }
    outcome
}

#[async_trait]
impl<S: Store> Store for Measured<S> {
    async fn insert(
        &self,
        new: &NewTransaction,
        now: Timestamp,
        claim: Option<(&Claim, RenderReply<'_>)>,
    ) -> Result<Inserted, StoreError> {
        measured("insert", self.0.insert(new, now, claim)).await
    }

    async fn find(&self, id: TransactionId) -> Result<Option<Transaction>, StoreError> {
        measured("find", self.0.find(id)).await
    }

    async fn list(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Transaction>, StoreError> {
        measured("list", self.0.list(filter, order, after, limit)).await
    }

    async fn update(
        &self,
        id: TransactionId,
        decide: Decide<'_>,
    ) -> Result<Changed<Transaction>, StoreError> {
        measured("update", self.0.update(id, decide)).await
    }

    async fn delete(&self, id: TransactionId, allow: Allow<'_>) -> Result<Changed<()>, StoreError> {
        measured("delete", self.0.delete(id, allow)).await
    }

    async fn delete_many(&self, range: &TimeRange) -> Result<u64, StoreError> {
        measured("delete_many", self.0.delete_many(range)).await
    }

    async fn summary(
        &self,
        period: Period,
        range: &TimeRange,
    ) -> Result<Vec<SummaryItem>, StoreError> {
        measured("summary", self.0.summary(period, range)).await
    }

    async fn totals(&self) -> Result<Totals, StoreError> {
        measured("totals", self.0.totals()).await
    }

    async fn probe(&self) -> Result<Schema, StoreError> {
        measured("probe", self.0.probe()).await
    }

    async fn sweep_claims(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        measured("sweep_claims", self.0.sweep_claims(before, limit)).await
    }

    fn pool(&self) -> PoolState {
        self.0.pool()
    }

    async fn close(&self) {
        self.0.close().await;
    }
}

#[cfg(test)]
mod tests {
    use metrics::with_local_recorder;
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;
    use crate::store::ErrorKind;

    #[derive(Debug, thiserror::Error)]
    #[error("on purpose")]
    struct OnPurpose;

    /// What a scrape shows after `call`.
    fn scraped<T>(call: impl Future<Output = Result<T, StoreError>>) -> String {
        let recorder = PrometheusBuilder::new()
            .set_buckets(&names::BUCKETS)
            .unwrap()
            .build_recorder();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        with_local_recorder(&recorder, || {
            let _ = runtime.block_on(measured("find", call));
        });
        recorder.handle().render()
    }

    #[test]
    fn a_call_is_timed_and_its_failure_counted() {
        let timed = "db_query_duration_seconds_count{query=\"find\"} 1\n";
        let failed = "db_errors_total{kind=\"pool\"} 1\n";
        let text = scraped(async { Ok(()) });
        assert!(
            text.contains(timed) && !text.contains("db_errors_total"),
            "{text}"
        );
        let text =
            scraped(async { Err::<(), _>(StoreError::unavailable(ErrorKind::Pool, OnPurpose)) });
        assert!(text.contains(timed) && text.contains(failed), "{text}");
    }

    #[test]
    fn every_kind_has_its_word_in_the_list_of_words() {
        assert_eq!(ErrorKind::ALL.map(ErrorKind::as_str), names::DB_ERROR_KINDS);
    }
}
