//! Ready bytes in the process, each with the stamp that it was made under: bounded by bytes and by age.

use std::{
    fmt,
    time::{Duration, Instant},
};

use moka::{Expiry, policy::EvictionPolicy, sync::Cache as Moka};

use super::{Key, MAX_VALUE_BYTES, Ready, Stamp};

/// All bytes of one process's cache.
const CAPACITY_BYTES: u64 = 16 * 1024 * 1024;
/// What an entry costs beside its bytes: key, stamp, and the bookkeeping of the map (an estimate, rounded up).
const ENTRY_BYTES: usize = 256;
/// Lives are shortened by up to one part in this many, so that what was filled together does not end together.
const JITTER: u32 = 8;

/// What is on the shelf.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    /// Bytes.
    Ready(Ready),
    /// The knowledge that the reply is too large to keep.
    TooLarge,
}

impl Kept {
    /// What is kept of a reply: nothing of one beyond the limit.
    pub(super) fn of(ready: Option<&Ready>) -> Self {
        match ready {
            Some(ready) if ready.body.len() <= MAX_VALUE_BYTES => Self::Ready(ready.clone()),
            Some(_) | None => Self::TooLarge,
        }
    }
}

#[derive(Clone)]
struct Entry {
    stamp: Stamp,
    kept: Kept,
    life: Duration,
}

/// The map. Holds one entry for each key: the last that was put.
pub(super) struct Shelf {
    entries: Moka<Key, Entry>,
    ttl: Duration,
}

impl Shelf {
    /// Empty; entries live `ttl` at most.
    pub(super) fn new(ttl: Duration) -> Self {
        let weight = |_: &Key, entry: &Entry| {
            let bytes = match &entry.kept {
                Kept::Ready(ready) => {
                    ready.body.len() + ready.etag.as_ref().map_or(0, |tag| tag.len())
                }
                Kept::TooLarge => 0,
            };
            u32::try_from(bytes + ENTRY_BYTES).unwrap_or(u32::MAX)
        };
        let entries = Moka::builder()
            .max_capacity(CAPACITY_BYTES)
            .weigher(weight)
            .expire_after(Life)
            // Not the default, which turns a large entry away as long as it was asked for less than the many small
            // ones that it would replace: the list must come in at once.
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Self { entries, ttl }
    }

    /// What was made under this very stamp.
    pub(super) fn get(&self, key: Key, stamp: Stamp) -> Option<Kept> {
        let entry = self.entries.get(&key)?;
        (entry.stamp == stamp).then_some(entry.kept)
    }

    /// Puts what was made under `stamp`. It lives `life` at most, where that is less than the usual time.
    pub(super) fn put(&self, key: Key, stamp: Stamp, kept: Kept, life: Option<Duration>) {
        let usual = shortened(self.ttl);
        let life = life.map_or(usual, |life| life.min(usual));
        self.entries.insert(key, Entry { stamp, kept, life });
    }
}

fn shortened(ttl: Duration) -> Duration {
    let part = rand::random::<u8>();
    ttl - ttl / JITTER * u32::from(part) / u32::from(u8::MAX)
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf")
            .field("entries", &self.entries.entry_count())
            .finish_non_exhaustive()
    }
}

/// Each entry carries its own life.
struct Life;

impl Expiry<Key, Entry> for Life {
    fn expire_after_create(&self, _: &Key, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.life)
    }

    fn expire_after_update(
        &self,
        _: &Key,
        entry: &Entry,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.life)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn ready(bytes: usize) -> Ready {
        Ready {
            body: Bytes::from(vec![b'x'; bytes]),
            etag: None,
        }
    }

    fn stamp(number: u64) -> Stamp {
        Stamp([number, 0, 0, 0, 1])
    }

    #[test]
    fn only_the_very_stamp_is_served() {
        let shelf = Shelf::new(Duration::from_secs(60));
        shelf.put(Key::List, stamp(1), Kept::of(Some(&ready(1))), None);
        assert!(shelf.get(Key::List, stamp(1)).is_some());
        assert!(shelf.get(Key::List, stamp(2)).is_none());
    }

    #[test]
    fn what_is_too_large_is_known_but_not_kept() {
        let shelf = Shelf::new(Duration::from_secs(60));
        let large = ready(MAX_VALUE_BYTES + 1);
        shelf.put(Key::List, stamp(1), Kept::of(Some(&large)), None);
        assert!(matches!(
            shelf.get(Key::List, stamp(1)),
            Some(Kept::TooLarge)
        ));
    }

    #[test]
    fn lives_end_and_a_given_life_ends_earlier() {
        let shelf = Shelf::new(Duration::from_secs(60));
        let kept = || Kept::of(Some(&ready(1)));
        shelf.put(Key::List, stamp(1), kept(), Some(Duration::ZERO));
        assert!(shelf.get(Key::List, stamp(1)).is_none());
        let ttl = Duration::from_secs(80);
        for _ in 0..1000 {
            let life = shortened(ttl);
            assert!(life <= ttl && life >= Duration::from_secs(70), "{life:?}");
        }
    }

    #[test]
    fn the_shelf_is_bounded_by_bytes() {
        let shelf = Shelf::new(Duration::from_secs(60));
        let id = |number| crate::domain::TransactionId::from_store(number).unwrap();
        for number in 1..=40 {
            let kept = Kept::of(Some(&ready(MAX_VALUE_BYTES)));
            shelf.put(Key::OldRow(id(number)), stamp(1), kept, None);
            shelf.entries.run_pending_tasks();
        }
        assert!(shelf.entries.weighted_size() <= CAPACITY_BYTES);
        assert!(
            shelf.get(Key::OldRow(id(40)), stamp(1)).is_some(),
            "the last came in"
        );
    }
}
