//! When a process may believe the stamps that it reads.
//!
//! A write that could not reach Redis is acknowledged all the same, so whoever reads stamps must know that Redis was
//! not away a moment ago. That is what a *chain* of replies shows: each was received less than [`CHAIN_LIMIT`] after the
//! one before it was sent, so Redis cannot have been silent for longer than that in between, however long ago the chain
//! began. No process gives a connection up as silent before it was silent for longer than that.

use std::time::Duration;

use crate::redis_link::{CALL_PATIENCE, Moment};

/// How long a writer waits for its stamps to be set, while the link is awake. (A request's budget is 250 ms; timers may
/// add a millisecond in each step of patience.)
pub(super) const WRITE_PATIENCE: Duration = Duration::from_millis(235);
/// The longest gap in a chain. Less than [`CALL_PATIENCE`] by more than a command's way to the server: a silence for
/// which a writer gave up is never missed. (Nor is it much less: each shorter pause of Redis that breaks a chain costs
/// a quarantine.)
pub(super) const CHAIN_LIMIT: Duration = Duration::from_millis(190);
const _: () = assert!(CHAIN_LIMIT.as_millis() + 20 <= CALL_PATIENCE.as_millis());
const _: () = assert!(CALL_PATIENCE.as_millis() < WRITE_PATIENCE.as_millis());
/// How long a new chain is not believed: a little over the second within which every process that owes an invalidation
/// delivers it. A link is back at most 500 ms (a trial that hangs) + 300 ms (the pause before the next) after Redis
/// answers; the rest is room for the handshake and for a busy machine.
pub(super) const QUARANTINE: Duration = Duration::from_millis(1250);

/// Replies without a long gap.
#[derive(Debug, Clone, Copy, Hash)]
struct Chain {
    number: u64,
    since: Moment,
    /// When the last call that was answered was sent.
    anchor: Moment,
    trusted: bool,
}

/// What is known of the recent past of Redis.
#[derive(Debug, Default, Clone, Hash)]
pub(super) struct Trust {
    chain: Option<Chain>,
    chains: u64,
}

impl Trust {
    /// A call sent at `sent` was answered at `received`, by the server and with the history that was expected.
    pub(super) fn answered(&mut self, sent: Moment, received: Moment) {
        match &mut self.chain {
            Some(chain) if chain.anchor.gap_to(received) < CHAIN_LIMIT => {
                // Replies may be looked at in another order than their calls were sent in.
                if sent.mono > chain.anchor.mono {
                    chain.anchor = sent;
                }
            }
            _ => {
                self.chains += 1;
                self.chain = Some(Chain {
                    number: self.chains,
                    since: received,
                    anchor: sent,
                    trusted: false,
                });
            }
        }
    }

    /// A call failed, or the connection is another one.
    pub(super) fn broken(&mut self) {
        self.chain = None;
    }

    /// The number of the chain, where it is old enough to be believed once everything was forgotten.
    pub(super) fn ripe(&self, now: Moment) -> Option<u64> {
        let chain = self.chain?;
        let ripe = !chain.trusted && chain.since.surely_to(now) >= QUARANTINE;
        ripe.then_some(chain.number)
    }

    /// Everything was forgotten, by a call that was sent when the chain with this number was ripe.
    pub(super) fn forgotten(&mut self, number: u64) {
        if let Some(chain) = &mut self.chain
            && chain.number == number
        {
            chain.trusted = true;
        }
    }

    /// The number of the chain, where stamps may be believed.
    pub(super) fn believed(&self) -> Option<u64> {
        self.chain
            .filter(|chain| chain.trusted)
            .map(|chain| chain.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(50);

    fn later(moment: Moment, by: Duration) -> Moment {
        Moment {
            mono: moment.mono + by,
            wall: moment.wall + by,
        }
    }

    /// A chain from `now` until it is ripe.
    fn ripen(trust: &mut Trust, mut now: Moment) -> (Moment, u64) {
        loop {
            trust.answered(now, now);
            if let Some(number) = trust.ripe(now) {
                return (now, number);
            }
            assert!(trust.believed().is_none());
            now = later(now, STEP);
        }
    }

    #[test]
    fn a_chain_is_believed_after_the_quarantine_and_once_all_is_forgotten() {
        let mut trust = Trust::default();
        let begun = Moment::now();
        let (now, number) = ripen(&mut trust, begun);
        assert!(begun.surely_to(now) >= QUARANTINE);
        assert!(trust.believed().is_none());
        trust.forgotten(number);
        assert!(trust.believed().is_some());
    }

    #[test]
    fn a_gap_begins_a_new_chain() {
        let mut trust = Trust::default();
        let (now, number) = ripen(&mut trust, Moment::now());
        trust.forgotten(number);
        // Sent in time, answered late: Redis may have been away in between.
        trust.answered(later(now, STEP), later(now, CHAIN_LIMIT));
        assert!(trust.believed().is_none());
        trust.forgotten(number);
        assert!(trust.believed().is_none(), "what an older chain forgot");
    }

    #[test]
    fn a_sleep_that_stopped_the_monotonic_clock_is_a_gap_and_no_quarantine() {
        let mut trust = Trust::default();
        let (now, number) = ripen(&mut trust, Moment::now());
        trust.forgotten(number);
        let woken = Moment {
            mono: now.mono,
            wall: now.wall + Duration::from_secs(600),
        };
        trust.answered(woken, woken);
        assert!(trust.believed().is_none());
        let slept = Moment {
            mono: woken.mono,
            wall: woken.wall + QUARANTINE,
        };
        assert!(trust.ripe(slept).is_none());
    }
}
