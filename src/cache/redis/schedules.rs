//! Every order of the steps of fills, writes and faults, and every timing of an outage.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use super::{
    model::World,
    model_steps::{Reader, Reading},
    stamp_server::Server,
    trust::QUARANTINE,
};
use crate::{
    cache::{Change, Key},
    domain::TransactionId,
};

const TICK: Duration = Duration::from_millis(50);
const HALF_SECOND: Duration = Duration::from_millis(500);

fn id(number: i64) -> TransactionId {
    TransactionId::from_store(number).unwrap()
}

/// What happens in a scenario, in any order.
#[derive(Clone, Hash)]
struct Plan {
    /// Process and key of each read.
    reads: Vec<(usize, Key)>,
    /// Process and change of each write.
    writes: Vec<(usize, Change)>,
    /// At some moment the server falls back to this older state, its connections staying up.
    fall_back: Option<Server>,
}

/// Worlds that were gone through, and how many schedules lead on from each: orders that come to the same are walked
/// once.
type Walked = HashMap<u64, u128>;

/// Takes every step that is possible from here, each in a world of its own; counts the schedules.
fn explore(world: &World, plan: &Plan, walked: &mut Walked) -> u128 {
    let mut hasher = DefaultHasher::new();
    (world, plan).hash(&mut hasher);
    let place = hasher.finish();
    if let Some(schedules) = walked.get(&place) {
        return *schedules;
    }
    let mut schedules = 0;
    for step in steps(world, plan) {
        let (mut world, mut plan) = (world.clone(), plan.clone());
        step.take(&mut world, &mut plan);
        schedules += explore(&world, &plan, walked);
    }
    if schedules == 0 {
        end(world.clone());
        schedules = 1;
    }
    walked.insert(place, schedules);
    schedules
}

/// One step: at each await point of a fill and of a write there is one before and one after.
#[derive(Clone, Copy)]
enum Step {
    BeginRead(usize),
    Commit(usize),
    FallBack,
    Execute(usize),
    Deliver(usize),
    GoOn(usize),
}

fn steps(world: &World, plan: &Plan) -> Vec<Step> {
    let calls = 0..world.messages.len();
    let readers = 0..world.readers.len();
    (0..plan.reads.len())
        .map(Step::BeginRead)
        .chain((0..plan.writes.len()).map(Step::Commit))
        .chain(plan.fall_back.is_some().then_some(Step::FallBack))
        .chain(
            calls
                .clone()
                .filter(|call| world.may_execute(*call))
                .map(Step::Execute),
        )
        .chain(
            calls
                .filter(|call| world.may_deliver(*call))
                .map(Step::Deliver),
        )
        .chain(
            readers
                .filter(|reader| world.is_active(*reader))
                .map(Step::GoOn),
        )
        .collect()
}

impl Step {
    fn take(self, world: &mut World, plan: &mut Plan) {
        match self {
            Self::BeginRead(index) => {
                let (process, key) = plan.reads.remove(index);
                world.read(process, key);
            }
            Self::Commit(index) => {
                let (process, change) = plan.writes.remove(index);
                world.commit(process, change);
            }
            Self::FallBack => {
                if let Some(old) = plan.fall_back.take() {
                    world.server.take_data_of(&old);
                }
            }
            Self::Execute(call) => world.execute(call),
            Self::Deliver(call) => world.deliver(call),
            Self::GoOn(reader) => world.go_on(reader),
        }
    }
}

/// Where no step is left all reads are done, and what is left of the writes is paid with time.
fn end(mut world: World) {
    let done = |world: &World| {
        let read = |reader: &Reader| matches!(reader.reading, Reading::Done(_));
        assert!(world.readers.iter().all(read), "a reader hangs");
    };
    done(&world);
    world.pass(HALF_SECOND);
    assert!(world.writers.iter().all(|writer| writer.acknowledged));
    for process in 0..world.processes.len() {
        world.read_now(process, Key::List);
        world.read_now(process, Key::OldRow(id(1)));
    }
    done(&world);
}

fn explored(world: &World, plan: &Plan) -> u128 {
    explore(world, plan, &mut Walked::new())
}

#[test]
fn every_order_of_two_reads_and_a_write() {
    let mut schedules = 0;
    for (key, change) in [
        (Key::List, Change::Inserted),
        (Key::OldRow(id(1)), Change::Row(id(1))),
        (Key::OldRow(id(1)), Change::Everything),
    ] {
        for (reader, writer) in [(0, 0), (0, 1)] {
            for warm in [false, true] {
                let mut world = World::trusting(2, TICK);
                if warm {
                    world.read_now(0, key);
                    assert!(world.read_now(0, key), "warm");
                }
                let plan = Plan {
                    reads: vec![(0, key), (reader, key)],
                    writes: vec![(writer, change)],
                    fall_back: None,
                };
                schedules += explored(&world, &plan);
            }
        }
    }
    assert!(schedules > 50_000, "{schedules} schedules");
}

#[test]
fn every_order_of_reads_in_two_processes_and_two_writes() {
    let world = World::trusting(2, TICK);
    let plan = Plan {
        reads: vec![(0, Key::List), (1, Key::List)],
        writes: vec![(0, Change::Inserted), (1, Change::Inserted)],
        fall_back: None,
    };
    let mut warm = world.clone();
    warm.read_now(1, Key::List);
    let schedules = explored(&warm, &plan);
    assert!(schedules > 1_000_000, "{schedules} schedules");
}

/// A server that was made a replica of an older copy and a primary again, its connections untouched: the stamps are
/// those of before the write. Only the history that comes with each reply tells.
#[test]
fn every_order_of_a_fall_back_behind_standing_connections() {
    let mut world = World::trusting(2, TICK);
    world.read_now(1, Key::List);
    let old = world.server.clone();
    let plan = Plan {
        reads: vec![(1, Key::List), (1, Key::List)],
        writes: vec![(0, Change::Inserted)],
        fall_back: Some(old),
    };
    let schedules = explored(&world, &plan);
    assert!(schedules > 1_000, "{schedules} schedules");
}

/// What is cut off in an outage.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outage {
    /// The server stands still; stamps and connections are as before when it goes on.
    Frozen,
    /// The same, and the process that wrote is gone when it goes on.
    FrozenAndWriterCrashed,
    /// Killed, and back from a snapshot of before the write.
    Restored,
    /// Only the writer cannot reach the server.
    WriterCutOff,
}

/// One timing of an outage.
#[derive(Debug, Clone, Copy)]
struct Timing {
    tick: Duration,
    /// Ticks before it.
    early: u32,
    length: Duration,
    /// When process 0 writes, after the outage began.
    written: Duration,
    /// How long after the server lost connections are back.
    back_after: Duration,
    /// Whether process 1 reads only after the outage, and not at each tick.
    idle: bool,
}

fn outage(kind: Outage, timing: Timing) {
    let mut world = World::trusting(2, timing.tick);
    for process in 0..2 {
        world.read_now(process, Key::List);
        world.processes[process].back_after = timing.back_after;
    }
    world.pass(timing.tick * timing.early);
    let snapshot = world.server.clone();
    set_outage(&mut world, kind, true);
    let mut passed = Duration::ZERO;
    while passed < timing.length {
        if passed == timing.written {
            world.commit(0, Change::Inserted);
        }
        if !timing.idle && kind != Outage::WriterCutOff {
            world.read(1, Key::List);
        }
        world.pass(timing.tick);
        passed += timing.tick;
    }
    match kind {
        Outage::FrozenAndWriterCrashed => world.processes[0].crashed = true,
        Outage::Restored => {
            world.server.take_data_of(&snapshot);
            for process in 0..2 {
                let number = world.processes[process].number.unwrap_or_default();
                world.lose(process, number);
            }
        }
        Outage::Frozen | Outage::WriterCutOff => {}
    }
    set_outage(&mut world, kind, false);
    recovery(world, kind, timing);
}

fn set_outage(world: &mut World, kind: Outage, on: bool) {
    if kind == Outage::WriterCutOff {
        world.processes[0].cut_off = on;
    } else {
        world.server.frozen = on;
    }
}

fn recovery(mut world: World, kind: Outage, timing: Timing) {
    if kind == Outage::WriterCutOff {
        // Others may be behind until the writer is back and has paid.
        world.pass(timing.back_after + 2 * timing.tick);
    }
    let mut served = false;
    let mut passed = Duration::ZERO;
    // A writer that has not noticed yet that the server is back goes on writing.
    while world.processes[0].number.is_none() && !world.processes[0].crashed {
        world.commit(0, Change::Inserted);
        if kind != Outage::WriterCutOff {
            world.read_now(1, Key::List);
        }
        world.pass(timing.tick);
    }
    while passed < QUARANTINE + timing.back_after + HALF_SECOND {
        for process in 0..2 {
            if !world.processes[process].crashed {
                served |= world.read_now(process, Key::List);
            }
        }
        world.pass(timing.tick);
        passed += timing.tick;
    }
    assert!(served, "{kind:?} {timing:?}: the cache never came back");
}

const KINDS: [Outage; 4] = [
    Outage::Frozen,
    Outage::FrozenAndWriterCrashed,
    Outage::Restored,
    Outage::WriterCutOff,
];

/// All timings of outages up to `longest` ticks.
fn timings(longest: u32, returns: [u64; 3]) -> impl Iterator<Item = Timing> {
    let written =
        (0..=longest).flat_map(|length| (0..length).map(move |written| (length, written)));
    written.flat_map(move |(length, written)| {
        returns.into_iter().flat_map(move |back| {
            [false, true].map(|idle| Timing {
                tick: TICK,
                early: 0,
                length: TICK * length,
                written: TICK * written,
                back_after: Duration::from_millis(back),
                idle,
            })
        })
    })
}

#[test]
fn every_timing_of_an_outage() {
    for kind in KINDS {
        for timing in timings(30, [0, 300, 800]) {
            outage(kind, timing);
        }
    }
}

/// Around the limits of patience and of chains, where it is decided who notices what: in small steps, beginning
/// anywhere between two calls, with the writer slow to come back.
#[test]
fn every_timing_of_a_short_outage() {
    let tick = Duration::from_millis(10);
    for early in [0, 2, 4] {
        for (length, written) in
            (17..=26).flat_map(|length| [(length, 0), (length, 4), (length, length - 1)])
        {
            for idle in [false, true] {
                let timing = Timing {
                    tick,
                    early,
                    length: tick * length,
                    written: tick * written,
                    back_after: Duration::from_millis(800),
                    idle,
                };
                outage(Outage::Frozen, timing);
            }
        }
    }
}
