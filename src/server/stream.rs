//! One process's side of the protocol, without sockets, clocks and tasks: events go in, [`Order`]s come out.
//!
//! The adapter carries out the orders against Redis; the tests carry them out, step by step and in every order, against
//! a server of their own (`model.rs`).

use std::{collections::BTreeMap, time::Duration};

use super::{
    debts::{Debts, Writer},
    subject::{Subject, proving, stamp, touched},
    trust::Trust,
};
use crate::{
    cache::{Change, Key, Stamp},
    redis_link::Moment,
};

/// How often Redis is called where nobody reads: often enough that a delayed reply or two break no chain.
const BEAT: Duration = Duration::from_millis(50);
/// The same where lookups are off: only to find a dead connection before a write does.
const SLOW_BEAT: Duration = Duration::from_secs(1);

/// A call to Redis. Every reply names the history that the server is in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Call {
    /// Reads these stamps, and makes those that are missing.
    Ask(Vec<Subject>),
    /// Sets these stamps anew.
    Set(Vec<Subject>),
}

/// What Redis answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Reply {
    /// The history that it was in after the call.
    pub(super) history: String,
    /// The stamps in the order in which they were asked for; `None` for one that vanished within the call.
    pub(super) stamps: Vec<Option<[u64; 2]>>,
}

/// What is to be done.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(super) enum Order<R, W> {
    /// Send this on the connection with this number; its reply comes back as [`Core::replied`], once.
    Send { id: u64, number: u64, call: Call },
    /// Tell a reader the stamp of its key, or that nothing can be proved.
    Answer(R, Option<Stamp>),
    /// Tell a writer that its stamps are set.
    Written(W),
    /// As many invalidations that nobody waits for are delivered.
    Settled(u64),
    /// The connection with this number is of no use any more.
    Lose(u64),
}

#[cfg_attr(test, derive(Clone, Hash))]
struct Known {
    number: u64,
    history: String,
}

/// A call under way.
#[cfg_attr(test, derive(Clone, Hash))]
struct Flight<R, W> {
    number: u64,
    sent: Moment,
    what: What<R, W>,
}

#[cfg_attr(test, derive(Clone, Hash))]
enum What<R, W> {
    Ask(Vec<Subject>, Vec<(Key, R)>),
    Set(Vec<W>),
    /// All lists and rows: pays what is owed, and lets a ripe chain be believed.
    Forget {
        ripe: Option<u64>,
        debts: Debts<W>,
    },
}

/// One process's side of the protocol. `R` reads, `W` writes.
#[cfg_attr(test, derive(Clone, Hash))]
pub(super) struct Core<R, W> {
    reads: bool,
    session: Option<Known>,
    /// The last connection that was found to be of no use: it is not taken again.
    ended: u64,
    trust: Trust,
    /// Reads that came since the last call for stamps was sent.
    waiting: Vec<(Key, R)>,
    debts: Debts<W>,
    flights: BTreeMap<u64, Flight<R, W>>,
    next_id: u64,
    asking: bool,
    forgetting: bool,
    asked: Option<Moment>,
    orders: Vec<Order<R, W>>,
}

impl<R, W: Writer> Core<R, W> {
    pub(super) fn new(reads: bool) -> Self {
        Self {
            reads,
            session: None,
            ended: 0,
            trust: Trust::default(),
            waiting: Vec::new(),
            debts: Debts::none(),
            flights: BTreeMap::new(),
            next_id: 0,
            asking: false,
            forgetting: false,
            asked: None,
            orders: Vec::new(),
        }
    }

    /// Whether a read has a chance of being proved.
    pub(super) fn believes(&self) -> bool {
        self.reads && self.trust.believed().is_some()
    }

    /// The connection is this one now, or there is none.
    pub(super) fn session(&mut self, session: Option<(u64, &str)>) {
        let session = session.filter(|(number, _)| *number > self.ended);
        if self.session.as_ref().map(|known| known.number) == session.map(|(number, _)| number) {
            return;
        }
        self.trust.broken();
        self.session = session.map(|(number, history)| Known {
            number,
            history: history.to_owned(),
        });
        self.asked = None;
    }

    /// Redis is too slow to be of use: nothing is believed until a chain of replies has ripened anew.
    pub(super) fn doubt(&mut self) {
        self.trust.broken();
    }

    /// A read wants the stamp of its key. Goes out with the next [`Core::flush`], never with a call already sent.
    pub(super) fn read(&mut self, key: Key, reader: R) {
        self.waiting.push((key, reader));
    }

    /// Writes were committed, and touched all this.
    pub(super) fn write(&mut self, changes: &[Change], writers: Vec<W>, now: Moment) {
        match &self.session {
            Some(session) => {
                let number = session.number;
                let call = Call::Set(touched(changes));
                self.send(number, call, What::Set(writers), now);
            }
            None => self.owe(writers),
        }
    }

    /// Writes were committed that nobody could wait for.
    pub(super) fn owe_unwaited(&mut self, count: u64) {
        self.debts.gone += count;
    }

    fn owe(&mut self, writers: Vec<W>) {
        self.debts.add(Debts {
            waiting: writers,
            gone: 0,
        });
    }

    /// The reply to a call, `None` where it failed.
    pub(super) fn replied(&mut self, id: u64, reply: Option<Reply>, now: Moment) {
        let Some(flight) = self.flights.remove(&id) else {
            return;
        };
        let reply = self.judged(&flight, reply, now);
        match flight.what {
            What::Ask(subjects, readers) => {
                self.asking = false;
                self.answer(&subjects, readers, reply.as_ref());
            }
            What::Set(writers) if reply.is_some() => self.written(writers),
            What::Set(writers) => self.owe(writers),
            What::Forget { ripe, debts } => {
                self.forgetting = false;
                if reply.is_none() {
                    self.debts.add(debts);
                    return;
                }
                if let Some(number) = ripe {
                    self.trust.forgotten(number);
                }
                self.written(debts.waiting);
                self.orders.push(Order::Settled(debts.gone));
            }
        }
    }

    /// The reply, where it comes from the server and the history that this process knows.
    fn judged(
        &mut self,
        flight: &Flight<R, W>,
        reply: Option<Reply>,
        now: Moment,
    ) -> Option<Reply> {
        let known = self.session.as_ref();
        let known = known.filter(|known| known.number == flight.number)?;
        let sound = reply.filter(|reply| reply.history == known.history);
        if sound.is_some() {
            self.trust.answered(flight.sent, now);
        } else {
            self.orders.push(Order::Lose(known.number));
            self.ended = known.number;
            self.session = None;
            self.trust.broken();
        }
        sound
    }

    fn written(&mut self, writers: Vec<W>) {
        self.orders.extend(writers.into_iter().map(Order::Written));
    }

    fn answer(&mut self, subjects: &[Subject], readers: Vec<(Key, R)>, reply: Option<&Reply>) {
        let believed = self.trust.believed().zip(reply);
        for (key, reader) in readers {
            let stamp = believed.and_then(|(chain, reply)| {
                let of = |subject| {
                    let place = subjects.binary_search(&subject).ok()?;
                    reply.stamps.get(place).copied().flatten()
                };
                stamp(key, of, chain)
            });
            self.orders.push(Order::Answer(reader, stamp));
        }
    }

    /// Sends what is due, and gives out all orders. To be called after events, and at [`Core::due`].
    pub(super) fn flush(&mut self, now: Moment) -> Vec<Order<R, W>> {
        if !self.believes() {
            for (_, reader) in self.waiting.drain(..) {
                self.orders.push(Order::Answer(reader, None));
            }
        }
        if let Some(number) = self.session.as_ref().map(|known| known.number) {
            self.forget(number, now);
            if !self.asking && (!self.waiting.is_empty() || self.beat_due(now)) {
                self.ask(number, now);
            }
        }
        std::mem::take(&mut self.orders)
    }

    fn forget(&mut self, number: u64, now: Moment) {
        let ripe = self.trust.ripe(now).filter(|_| self.reads);
        if self.forgetting || (ripe.is_none() && self.debts.is_empty()) {
            return;
        }
        self.forgetting = true;
        let debts = std::mem::replace(&mut self.debts, Debts::none());
        let call = Call::Set(vec![Subject::Lists, Subject::Rows]);
        self.send(number, call, What::Forget { ripe, debts }, now);
    }

    fn ask(&mut self, number: u64, now: Moment) {
        let readers = std::mem::take(&mut self.waiting);
        let mut subjects: Vec<_> = readers.iter().flat_map(|(key, _)| proving(*key)).collect();
        if subjects.is_empty() {
            subjects.push(Subject::Lists);
        }
        subjects.sort_unstable();
        subjects.dedup();
        self.asking = true;
        self.asked = Some(now);
        let call = Call::Ask(subjects.clone());
        self.send(number, call, What::Ask(subjects, readers), now);
    }

    fn send(&mut self, number: u64, call: Call, what: What<R, W>, now: Moment) {
        let id = self.next_id;
        self.next_id += 1;
        let flight = Flight {
            number,
            sent: now,
            what,
        };
        self.flights.insert(id, flight);
        self.orders.push(Order::Send { id, number, call });
    }

    fn beat_due(&self, now: Moment) -> bool {
        self.asked
            .is_none_or(|asked| asked.gap_to(now) >= self.beat())
    }

    const fn beat(&self) -> Duration {
        if self.reads { BEAT } else { SLOW_BEAT }
    }

    /// How long until something is due though nothing happens.
    pub(super) fn due(&self, now: Moment) -> Option<Duration> {
        let idle = self.session.is_some() && !self.asking;
        idle.then(|| {
            self.asked.map_or(Duration::ZERO, |asked| {
                self.beat().saturating_sub(asked.gap_to(now))
            })
        })
    }
}
