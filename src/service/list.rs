//! The old list: whole where it is small, else begun here and continued page by page while the client reads.
//!
//! A connection held for the time in which a slow client reads would let few readers take the whole pool, so each page
//! is a short statement of its own, beginning after the last id. Up to `SNAPSHOT_ROWS` rows are one snapshot; beyond,
//! each row that exists throughout comes exactly once.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use futures_util::{Stream, stream};

use crate::{
    domain::{Filter, Order, Transaction},
    store::{Store, StoreError},
    wire::OldList,
};

/// Rows of one statement.
const SNAPSHOT_ROWS: usize = 1000;
/// A list beyond this is not gathered (nor cached), but streamed.
const GATHERED_BYTES: usize = 1024 * 1024;

/// The reply to a list of all rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListReply {
    /// The body, or its beginning.
    pub head: Bytes,
    /// The id after which the rest begins, where `head` is not all.
    pub rest_after: Option<i64>,
}

impl ListReply {
    /// A body that is complete.
    #[must_use]
    pub const fn whole(body: Bytes) -> Self {
        Self {
            head: body,
            rest_after: None,
        }
    }

    /// The body, if it is complete.
    #[must_use]
    pub fn whole_body(&self) -> Option<Bytes> {
        self.rest_after.is_none().then(|| self.head.clone())
    }

    /// Reads from the row after `after` on, until the end or until too much is gathered.
    pub(super) async fn read(store: &dyn Store, after: i64) -> Result<Self, StoreError> {
        let mut list = OldList::default();
        let mut after = after;
        loop {
            let (rows, last) = read_page(store, after).await?;
            list.extend(&rows);
            let Some(last) = last else {
                return Ok(Self::whole(list.finish()));
            };
            after = last;
            if list.len() > GATHERED_BYTES {
                return Ok(Self {
                    head: list.take(),
                    rest_after: Some(after),
                });
            }
        }
    }
}

/// What follows the beginning of a list.
#[derive(Clone)]
pub struct Rest {
    store: Arc<dyn Store>,
    after: i64,
}

impl Rest {
    pub(super) fn new(store: Arc<dyn Store>, after: i64) -> Self {
        Self { store, after }
    }

    /// The bytes, page by page. An error ends the stream: the reply must break off, never look complete.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, StoreError>> + Send + 'static {
        // The beginning ended behind a row: the list goes on with a comma.
        let begun = Some((self, OldList::continued()));
        stream::try_unfold(begun, |state| async move {
            let Some((mut rest, mut list)) = state else {
                return Ok(None);
            };
            let (rows, last) = read_page(rest.store.as_ref(), rest.after).await?;
            list.extend(&rows);
            match last {
                Some(last) => {
                    rest.after = last;
                    Ok(Some((list.take(), Some((rest, list)))))
                }
                None => Ok(Some((list.finish(), None))),
            }
        })
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest")
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}

/// One page, and its last id where more may follow. One row more than a page tells that none does.
async fn read_page(
    store: &dyn Store,
    after: i64,
) -> Result<(Vec<Transaction>, Option<i64>), StoreError> {
    let rows = store
        .list(
            &Filter::default(),
            Order::Ascending,
            Some(after),
            SNAPSHOT_ROWS + 1,
        )
        .await?;
    let last = rows
        .last()
        .filter(|_| rows.len() > SNAPSHOT_ROWS)
        .map(|row| row.id.get());
    Ok((rows, last))
}
