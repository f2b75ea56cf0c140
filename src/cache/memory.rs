//! The cache of one process: stamps are counters. Right for one process only.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use async_trait::async_trait;

use super::{
    Cache, Change, Health, Key, Lookup, Ready, Stamp,
    shelf::{Kept, Shelf},
};
use crate::domain::TransactionId;

/// Counters for rows. Rows share them by number, so a write to one row also ends the entries of every 1024th other;
/// in return the memory for stamps is fixed.
const SHARDS: usize = 1024;

/// Counts writes: of the lists, of all rows, of each row.
struct Generations {
    lists: AtomicU64,
    all: AtomicU64,
    rows: [AtomicU64; SHARDS],
}

impl Generations {
    fn row(&self, id: TransactionId) -> &AtomicU64 {
        &self.rows[usize::try_from(id.get()).unwrap_or_default() % SHARDS]
    }

    fn stamp(&self, key: Key) -> Stamp {
        // The strongest order: a reader that begins after a write was acknowledged must see its count.
        let read = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        match key {
            Key::List => Stamp([read(&self.lists), 0, 0, 0, 0]),
            Key::OldRow(id) | Key::Resource(id) => {
                Stamp([read(&self.all), 0, read(self.row(id)), 0, 0])
            }
        }
    }

    fn advance(&self, change: Change) {
        let count = |counter: &AtomicU64| {
            counter.fetch_add(1, Ordering::SeqCst);
        };
        count(&self.lists);
        match change {
            Change::Inserted => {}
            Change::Row(id) => count(self.row(id)),
            Change::Everything => count(&self.all),
        }
    }
}

/// The adapter for one process.
pub struct MemoryCache {
    reads: bool,
    generations: Generations,
    shelf: Shelf,
}

impl MemoryCache {
    /// Entries live `ttl` at most. Without `reads` every lookup is told to ask the store.
    #[must_use]
    pub fn new(reads: bool, ttl: Duration) -> Self {
        Self {
            reads,
            generations: Generations {
                lists: AtomicU64::new(0),
                all: AtomicU64::new(0),
                rows: std::array::from_fn(|_| AtomicU64::new(0)),
            },
            shelf: Shelf::new(ttl),
        }
    }
}

#[async_trait]
impl Cache for MemoryCache {
    async fn lookup(&self, key: Key) -> Lookup {
        if !self.reads {
            return Lookup::Bypass;
        }
        let stamp = self.generations.stamp(key);
        match self.shelf.get(key, stamp) {
            Some(Kept::Ready(ready)) => Lookup::Hit(ready),
            Some(Kept::TooLarge) => Lookup::TooLarge,
            None => Lookup::Miss(stamp),
        }
    }

    fn keep(&self, key: Key, stamp: Stamp, ready: Option<&Ready>) {
        // What was overtaken by a write would never be served: it must not push out what would.
        if self.reads && self.generations.stamp(key) == stamp {
            self.shelf.put(key, stamp, Kept::of(ready), None);
        }
    }

    async fn invalidate(&self, change: Change) {
        self.generations.advance(change);
    }

    async fn probe(&self) -> Health {
        Health::Disabled
    }

    fn owed(&self) -> u64 {
        0
    }

    async fn close(&self) {}
}

impl fmt::Debug for MemoryCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCache")
            .field("reads", &self.reads)
            .field("shelf", &self.shelf)
            .finish_non_exhaustive()
    }
}
