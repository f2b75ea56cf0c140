//! A world in which every step is taken by hand: processes, a store, a server of stamps, and the calls between them.
//!
//! The processes run the very [`Core`] that the adapter runs. Time only passes when a test lets it.

use std::{collections::BTreeMap, time::Duration};

use super::{
    core::{Call, Core, Order, Reply},
    debts::Writer,
    model_steps::{Reader, Reading, Written},
    stamp_server::Server,
    trust::{CHAIN_LIMIT, QUARANTINE, WRITE_PATIENCE},
};
use crate::{
    cache::{Change, Key, Stamp},
    redis_link::Moment,
};

/// How long the link lets a call be silent: it is the adapter that carries this out, not the core.
const CALL_PATIENCE: Duration = crate::redis_link::CALL_PATIENCE;

/// A write that waits.
#[derive(Debug, Clone, Hash)]
pub(super) struct Ticket(usize);

impl Writer for Ticket {
    fn waits(&self) -> bool {
        true
    }
}

/// A call on its way there or back.
#[derive(Debug, Clone, Hash)]
pub(super) struct Message {
    pub(super) process: usize,
    number: u64,
    id: u64,
    call: Call,
    sent: Moment,
    /// The reply, once the server has worked.
    pub(super) reply: Option<Reply>,
}

/// One process.
#[derive(Clone, Hash)]
pub(super) struct Process {
    core: Core<usize, Ticket>,
    shelf: BTreeMap<Key, (Stamp, u32)>,
    flights: BTreeMap<(Key, Stamp), Vec<usize>>,
    /// The number of its connection, while it has one, and the last number that it had.
    pub(super) number: Option<u64>,
    numbers: u64,
    /// Whether only this process cannot reach the server.
    pub(super) cut_off: bool,
    pub(super) crashed: bool,
    /// When a lost connection is back, at the earliest.
    pub(super) back_after: Duration,
    reachable_since: Option<Moment>,
    lost_at: Option<Moment>,
}

/// Everything.
#[derive(Clone, Hash)]
pub(super) struct World {
    pub(super) now: Moment,
    /// How often processes look at their clocks.
    pub(super) tick: Duration,
    pub(super) server: Server,
    pub(super) processes: Vec<Process>,
    pub(super) messages: Vec<Message>,
    pub(super) readers: Vec<Reader>,
    pub(super) writers: Vec<Written>,
    version: u32,
    acknowledged: u32,
}

impl World {
    /// Processes that believe, over a server in its first life.
    pub(super) fn trusting(processes: usize, tick: Duration) -> Self {
        let process = Process {
            core: Core::new(true),
            shelf: BTreeMap::new(),
            flights: BTreeMap::new(),
            number: None,
            numbers: 0,
            cut_off: false,
            crashed: false,
            back_after: Duration::ZERO,
            reachable_since: None,
            lost_at: None,
        };
        let mut world = Self {
            now: Moment::now(),
            tick,
            server: Server::default(),
            processes: vec![process; processes],
            messages: Vec::new(),
            readers: Vec::new(),
            writers: Vec::new(),
            version: 0,
            acknowledged: 0,
        };
        world.pass(QUARANTINE + CHAIN_LIMIT);
        assert!(
            world
                .processes
                .iter()
                .all(|process| process.core.believes())
        );
        world
    }

    /// Lets time pass, everything that can arrive arriving at once.
    pub(super) fn pass(&mut self, time: Duration) {
        let ticks = time.as_millis().div_ceil(self.tick.as_millis());
        for _ in 0..ticks {
            self.now.mono += self.tick;
            self.now.wall += self.tick;
            self.look();
        }
    }

    fn look(&mut self) {
        for index in 0..self.processes.len() {
            self.connect(index);
        }
        self.settle();
        self.time_out();
        for index in 0..self.processes.len() {
            self.flush(index);
        }
        self.settle();
    }

    /// Lost connections come back, a while after the server can be reached.
    pub(super) fn connect(&mut self, index: usize) {
        let (now, frozen) = (self.now, self.server.frozen);
        let process = &mut self.processes[index];
        if frozen || process.cut_off || process.crashed {
            process.reachable_since = None;
            return;
        }
        let since = *process.reachable_since.get_or_insert(now);
        if process.number.is_none() && since.surely_to(now) >= process.back_after {
            process.numbers += 1;
            process.number = Some(process.numbers);
            let history = self.server.history.to_string();
            process.core.session(Some((process.numbers, &history)));
            self.flush(index);
        }
    }

    /// Calls that were silent for too long end the connection; writes that waited for too long are acknowledged.
    fn time_out(&mut self) {
        let now = self.now;
        let silent: Vec<_> = self
            .messages
            .iter()
            .filter(|message| message.sent.surely_to(now) >= CALL_PATIENCE)
            .map(|message| (message.process, message.number))
            .collect();
        for (process, number) in silent {
            self.lose(process, number);
        }
        for writer in 0..self.writers.len() {
            let written = &self.writers[writer];
            if !written.acknowledged && written.committed.surely_to(now) >= WRITE_PATIENCE {
                self.acknowledge(writer);
            }
        }
    }

    pub(super) fn lose(&mut self, index: usize, number: u64) {
        if self.processes[index].number != Some(number) {
            return;
        }
        self.processes[index].number = None;
        self.processes[index].lost_at = Some(self.now);
        self.processes[index].core.session(None);
        let (lost, kept) = self
            .messages
            .drain(..)
            .partition(|message| message.process == index && message.number == number);
        self.messages = kept;
        let lost: Vec<Message> = lost;
        for message in lost {
            self.processes[index]
                .core
                .replied(message.id, None, self.now);
        }
        self.flush(index);
    }

    fn acknowledge(&mut self, writer: usize) {
        let written = &mut self.writers[writer];
        if !written.acknowledged && !self.processes[written.process].crashed {
            written.acknowledged = true;
            self.acknowledged = self.acknowledged.max(written.version);
        }
    }

    /// Lets all calls go there and back, as far as the server answers.
    pub(super) fn settle(&mut self) {
        while let Some(index) = self.next_executable().or_else(|| self.next_returnable()) {
            if self.messages[index].reply.is_none() {
                self.execute(index);
            } else {
                self.deliver(index);
            }
            while let Some(reader) = self.next_active() {
                self.go_on(reader);
            }
        }
    }

    fn next_executable(&self) -> Option<usize> {
        (0..self.messages.len()).find(|index| self.may_execute(*index))
    }

    fn next_returnable(&self) -> Option<usize> {
        (0..self.messages.len()).find(|index| self.may_deliver(*index))
    }

    /// Whether the server could work on this call next: calls of one connection keep their order.
    pub(super) fn may_execute(&self, index: usize) -> bool {
        let message = &self.messages[index];
        let first = |other: &Message| other.process == message.process && other.reply.is_none();
        !self.server.frozen
            && !self.processes[message.process].cut_off
            && self.messages.iter().position(first) == Some(index)
    }

    /// Whether this reply could arrive next.
    pub(super) fn may_deliver(&self, index: usize) -> bool {
        let message = &self.messages[index];
        let first = |other: &Message| other.process == message.process;
        message.reply.is_some() && self.messages.iter().position(first) == Some(index)
    }

    pub(super) fn execute(&mut self, index: usize) {
        let reply = self.server.execute(&self.messages[index].call);
        self.messages[index].reply = Some(reply);
    }

    pub(super) fn deliver(&mut self, index: usize) {
        let message = self.messages.remove(index);
        let core = &mut self.processes[message.process].core;
        core.replied(message.id, message.reply, self.now);
        self.flush(message.process);
    }

    pub(super) fn flush(&mut self, index: usize) {
        if self.processes[index].crashed {
            return;
        }
        let orders = self.processes[index].core.flush(self.now);
        for order in orders {
            match order {
                Order::Send { id, number, call } => self.messages.push(Message {
                    process: index,
                    number,
                    id,
                    call,
                    sent: self.now,
                    reply: None,
                }),
                Order::Answer(reader, stamp) => self.answered(reader, stamp),
                Order::Written(Ticket(writer)) => self.acknowledge(writer),
                Order::Settled(_) => {}
                Order::Lose(number) => self.lose(index, number),
            }
        }
    }

    /// A write is committed; from now on its process sets the stamps.
    pub(super) fn commit(&mut self, process: usize, change: Change) {
        self.version += 1;
        self.writers.push(Written {
            process,
            version: self.version,
            committed: self.now,
            acknowledged: false,
        });
        let writer = self.writers.len() - 1;
        if self.knows_it_is_down(process) {
            self.processes[process].core.owe_unwaited(1);
            self.acknowledge(writer);
        } else {
            let core = &mut self.processes[process].core;
            core.write(&[change], vec![Ticket(writer)], self.now);
        }
        self.flush(process);
    }

    /// Whether trials to connect have failed for a while, so that writes do not wait.
    fn knows_it_is_down(&self, process: usize) -> bool {
        let Process {
            number, lost_at, ..
        } = &self.processes[process];
        let long = |lost: &Moment| lost.surely_to(self.now) >= WRITE_PATIENCE;
        number.is_none() && lost_at.as_ref().is_some_and(long)
    }

    /// A read begins; gives its number.
    pub(super) fn read(&mut self, process: usize, key: Key) -> usize {
        let reader = self.readers.len();
        self.readers.push(Reader {
            process,
            key,
            floor: self.acknowledged,
            reading: Reading::Waits,
            from_cache: false,
        });
        self.processes[process].core.read(key, reader);
        self.flush(process);
        reader
    }

    fn answered(&mut self, reader: usize, stamp: Option<Stamp>) {
        let Reader { process, key, .. } = self.readers[reader];
        let Some(stamp) = stamp else {
            self.readers[reader].reading = Reading::Reads(None);
            return;
        };
        let [a, b, c, d, _] = stamp.0;
        let local = self.processes[process].shelf.get(&key);
        let local = local
            .filter(|(under, _)| *under == stamp)
            .map(|(_, version)| *version);
        let found = local.or_else(|| self.server.shared.get(&(key, [a, b, c, d])).copied());
        if let Some(version) = found {
            self.readers[reader].from_cache = true;
            self.finish(reader, version);
            return;
        }
        let flights = &mut self.processes[process].flights;
        if let Some(joined) = flights.get_mut(&(key, stamp)) {
            joined.push(reader);
        } else {
            flights.insert((key, stamp), Vec::new());
            self.readers[reader].reading = Reading::Reads(Some(stamp));
        }
    }

    /// The readers that have a step of their own to take.
    fn next_active(&self) -> Option<usize> {
        (0..self.readers.len()).find(|reader| self.is_active(*reader))
    }

    pub(super) fn is_active(&self, reader: usize) -> bool {
        matches!(
            self.readers[reader].reading,
            Reading::Reads(_) | Reading::Keeps(..)
        )
    }

    /// Reads the store, or keeps and returns what was read.
    pub(super) fn go_on(&mut self, reader: usize) {
        match self.readers[reader].reading.clone() {
            Reading::Reads(stamp) => {
                self.readers[reader].reading = Reading::Keeps(stamp, self.version);
            }
            Reading::Keeps(stamp, version) => {
                let Reader { process, key, .. } = self.readers[reader];
                let joined = stamp.and_then(|stamp| {
                    self.processes[process].shelf.insert(key, (stamp, version));
                    let [a, b, c, d, _] = stamp.0;
                    self.server
                        .shared
                        .entry((key, [a, b, c, d]))
                        .or_insert(version);
                    self.processes[process].flights.remove(&(key, stamp))
                });
                for reader in joined.into_iter().flatten().chain([reader]) {
                    self.finish(reader, version);
                }
            }
            Reading::Waits | Reading::Done(_) => {}
        }
    }

    fn finish(&mut self, reader: usize, version: u32) {
        let floor = self.readers[reader].floor;
        assert!(
            version >= floor,
            "a stale read: version {version}, but {floor} was acknowledged before it began"
        );
        self.readers[reader].reading = Reading::Done(version);
    }

    /// Reads at once, and says whether the cache answered.
    pub(super) fn read_now(&mut self, process: usize, key: Key) -> bool {
        let reader = self.read(process, key);
        self.settle();
        while let Some(active) = self.next_active() {
            self.go_on(active);
        }
        self.readers[reader].from_cache
    }
}
