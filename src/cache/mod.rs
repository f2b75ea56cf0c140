//! The port to the cache: ready reply bytes, each proved by stamps before it is served.
//!
//! A *stamp* names a state of the rows that a reply was made from. A write that is committed changes the stamps of
//! all that it touched before it is acknowledged. A reader asks for the stamps of its key first; bytes are served only
//! where they were made under the very stamps that were asked for after the read began. The protocol and its argument
//! are in `docs/CACHE.md`.
//!
//! A cache never fails a request: what goes wrong is counted, and the store answers.

pub mod coalesce;
pub mod memory;
pub mod redis;
mod shelf;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::domain::TransactionId;

/// The largest body that is kept, in bytes. Beyond it a reply is read from the store each time.
pub const MAX_VALUE_BYTES: usize = 1024 * 1024;

/// What a reply shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The old list of all rows.
    List,
    /// One row as the old routes show it.
    OldRow(TransactionId),
    /// One row as `/v1` shows it.
    Resource(TransactionId),
}

/// A reply that needs no more work: the same bytes for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// The body.
    pub body: Bytes,
    /// A strong entity tag with its quotes, for [`Key::Resource`].
    pub etag: Option<Bytes>,
}

/// The state that a key's rows were in when the stamps were asked for. Equal stamps: the same acknowledged state.
///
/// 128 bits from the cache's stamps (and, in the Redis adapter, the connection's number).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub [u64; 5]);

/// What the cache says of a key.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// Proved bytes.
    Hit(Ready),
    /// Nothing under the present stamp: fill under it from a store read that begins now, or join one.
    Miss(Stamp),
    /// Too large to be cached, under this very stamp: read the store, do not try to fill.
    TooLarge,
    /// The cache cannot prove anything now (off, away, or back for too short a time): the store answers.
    Bypass,
}

/// What a committed write touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// A row was added: the lists.
    Inserted,
    /// One row was changed or deleted: it and the lists.
    Row(TransactionId),
    /// Many were deleted: everything.
    Everything,
}

/// How the cache is, measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answers.
    Connected,
    /// It does not.
    Disconnected,
    /// No Redis is configured.
    Disabled,
}

/// Ready bytes under stamps. No method fails; each returns within 250 ms, all that one request calls together.
#[async_trait]
pub trait Cache: Send + Sync + 'static {
    /// Asks for the stamps of `key`, and for bytes that were made under them.
    async fn lookup(&self, key: Key) -> Lookup;

    /// Keeps bytes that were made from a store read begun after `stamp` was asked for; `None`: too large to keep.
    fn keep(&self, key: Key, stamp: Stamp, ready: Option<&Ready>);

    /// Changes the stamps of what a committed write touched. Where that cannot be done now it is owed, and delivered
    /// within a second of the cache's return.
    async fn invalidate(&self, change: Change);

    /// Measures how the cache is; at most 800 ms.
    async fn probe(&self) -> Health;

    /// Invalidations that could not be delivered yet.
    fn owed(&self) -> u64;

    /// Lets the connection go; what is owed is tried once more.
    async fn close(&self);
}

/// A cache shared between the parts of the service.
pub type SharedCache = Arc<dyn Cache>;
