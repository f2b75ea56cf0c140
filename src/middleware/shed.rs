//! More requests than can be served in time are refused at once.
//!
//! The router builds one [`Shed`] at start and calls [`Shed::enter`] for each request that is no probe; it holds the
//! [`Permit`] as long as the request is at work (it may move into a streamed body) and answers [`Overloaded`] with
//! the `overloaded` problem.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// At most so many requests at work. Clones share the count.
#[derive(Debug, Clone)]
pub struct Shed {
    at_work: Arc<AtomicUsize>,
    limit: usize,
}

/// One request at work; dropping it makes room.
#[derive(Debug)]
pub struct Permit(Arc<AtomicUsize>);

/// `MAX_IN_FLIGHT` requests are at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many requests at work")]
pub struct Overloaded;

impl Shed {
    /// At most `limit` requests.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            at_work: Arc::default(),
            limit,
        }
    }

    /// Takes a place, where there is one.
    pub fn enter(&self) -> Result<Permit, Overloaded> {
        // Taken first and looked at after: whoever finds itself above the limit gives its place back by the drop.
        let before = self.at_work.fetch_add(1, Ordering::Relaxed);
        let permit = Permit(Arc::clone(&self.at_work));
        if before < self.limit {
            Ok(permit)
        } else {
            Err(Overloaded)
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_and_a_dropped_permit_makes_room() {
        let shed = Shed::new(2);
        let first = shed.enter().unwrap();
        let _second = shed.clone().enter().unwrap();
        assert_eq!(shed.enter().unwrap_err(), Overloaded);
        assert_eq!(shed.enter().unwrap_err(), Overloaded);
        drop(first);
        let _third = shed.enter().unwrap();
        assert_eq!(shed.enter().unwrap_err(), Overloaded);
    }

    #[test]
    fn threads_never_hold_more_than_the_limit() {
        let shed = Shed::new(3);
        let most = AtomicUsize::new(0);
        let held = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        if let Ok(_permit) = shed.enter() {
                            let now = held.fetch_add(1, Ordering::SeqCst) + 1;
                            most.fetch_max(now, Ordering::SeqCst);
                            held.fetch_sub(1, Ordering::SeqCst);
                        }
                    }
                });
            }
        });
        assert!((1..=3).contains(&most.load(Ordering::SeqCst)));
        assert_eq!(shed.at_work.load(Ordering::SeqCst), 0);
    }
}
