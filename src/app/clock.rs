//! The moment that a write is stamped with.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::Timestamp;

/// A clock that was set back by more than this is followed: no process is ever so busy that it runs as far ahead.
const MOST_AHEAD_MICROS: i64 = 1_000_000;

static LAST: AtomicI64 = AtomicI64::new(0);

/// The moment now, a different one for each call in this process: by its moment a row can be told from another one
/// with the same content.
pub(super) fn unique_now() -> Timestamp {
    let now = Timestamp::now().micros();
    let last = LAST
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| {
            Some(next(last, now))
        })
        .unwrap_or_else(|last| last);
    Timestamp::from_micros(next(last, now))
}

fn next(last: i64, now: i64) -> i64 {
    let ahead = last - now;
    if (0..=MOST_AHEAD_MICROS).contains(&ahead) {
        last + 1
    } else {
        now
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, thread};

    use super::*;

    #[test]
    fn no_two_moments_are_the_same() {
        let threads: Vec<_> = (0..4)
            .map(|_| thread::spawn(|| (0..1000).map(|_| unique_now().micros()).collect::<Vec<_>>()))
            .collect();
        let moments: HashSet<_> = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect();
        assert_eq!(moments.len(), 4000);
    }

    #[test]
    fn a_clock_that_was_set_is_followed() {
        assert_eq!(next(10, 11), 11);
        assert_eq!(next(10, 10), 11);
        assert_eq!(next(10, 9), 11);
        assert_eq!(next(10 + MOST_AHEAD_MICROS, 9), 9);
    }
}
