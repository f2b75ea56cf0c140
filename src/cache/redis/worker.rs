//! The task between the requests and the connection: it gathers what waits, and carries out the core's orders.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::{
    select,
    sync::{mpsc::UnboundedReceiver, oneshot},
    time::sleep,
};

use super::{
    Shared,
    commands::Commands,
    core::{Call, Core, Order, Reply, Writer},
};
use crate::{
    cache::{Change, Key, Stamp},
    redis_link::{CALL_PATIENCE, Moment, Session},
};

/// After this long without a reply the connection is doubted: the process slept.
const SLEPT: Duration = Duration::from_secs(5);
/// The patience of the first call after a sleep. Half a budget: the other half makes a new connection and sets the
/// stamps there, so that a sandbox that wakes on a dead connection does not have to owe.
const DOUBT_PATIENCE: Duration = Duration::from_millis(100);

/// What requests tell the task.
pub(super) enum Message {
    /// A read wants the stamp of its key.
    Read(Key, oneshot::Sender<Option<Stamp>>),
    /// A write was committed; its request waits.
    Write(Change, oneshot::Sender<()>),
    /// A write was committed while Redis was known to be away; it was counted as owed, and its request has gone.
    Owed,
}

impl Writer for oneshot::Sender<()> {
    fn waits(&self) -> bool {
        !self.is_closed()
    }
}

type Work = Core<oneshot::Sender<Option<Stamp>>, oneshot::Sender<()>>;

/// Runs until the adapter is gone.
pub(super) async fn run(shared: Arc<Shared>, mut queue: UnboundedReceiver<Message>) {
    let mut status = shared.link.status();
    let mut core = Work::new(shared.reads);
    let mut calls = FuturesUnordered::new();
    let mut session: Option<Session> = None;
    let mut answered = Moment::now();
    loop {
        let due = core.due(Moment::now());
        select! {
            message = queue.recv() => match message {
                Some(message) => gather(&mut core, message, &mut queue),
                None => return,
            },
            Some(done) = calls.next() => {
                let (id, reply): (u64, Option<Reply>) = done;
                let now = Moment::now();
                if reply.is_some() {
                    answered = now;
                }
                core.replied(id, reply, now);
            }
            changed = status.changed() => {
                // The sender lives in the link, and the link in `shared`.
                if changed.is_err() {
                    return;
                }
            }
            () = sleep(due.unwrap_or_default()), if due.is_some() => {}
        }
        session.clone_from(&status.borrow_and_update().session);
        core.session(
            session
                .as_ref()
                .map(|session| (session.number(), session.identity().history.as_str())),
        );
        let now = Moment::now();
        let orders = core.flush(now);
        // Before anybody is answered: whoever comes after that must find it.
        shared.believes.store(core.believes(), Ordering::SeqCst);
        let patience = if answered.gap_to(now) > SLEPT {
            DOUBT_PATIENCE
        } else {
            CALL_PATIENCE
        };
        for order in orders {
            match order {
                Order::Send { id, number, call } => {
                    let session = session.clone().filter(|session| session.number() == number);
                    calls.push(send(shared.clone(), session, id, call, patience));
                }
                other => shared.carry_out(other),
            }
        }
    }
}

/// Takes all that waits: it will share the next call.
fn gather(core: &mut Work, first: Message, queue: &mut UnboundedReceiver<Message>) {
    let mut changes = Vec::new();
    let mut writers = Vec::new();
    let mut next = Some(first);
    while let Some(message) = next {
        match message {
            Message::Read(key, reader) => core.read(key, reader),
            Message::Write(change, writer) => {
                changes.push(change);
                writers.push(writer);
            }
            Message::Owed => core.owe_unwaited(1),
        }
        next = queue.try_recv().ok();
    }
    if !changes.is_empty() {
        core.write(&changes, writers, Moment::now());
    }
}

async fn send(
    shared: Arc<Shared>,
    session: Option<Session>,
    id: u64,
    call: Call,
    patience: Duration,
) -> (u64, Option<Reply>) {
    let Some(session) = session else {
        return (id, None);
    };
    let pipeline = shared.commands.pipeline(session.identity(), &call);
    let replies = shared.link.call(&session, &pipeline, patience).await;
    let reply = replies
        .ok()
        .and_then(|replies| Commands::reply(&call, replies));
    (id, reply)
}

impl Shared {
    fn carry_out(&self, order: Order<oneshot::Sender<Option<Stamp>>, oneshot::Sender<()>>) {
        match order {
            Order::Send { .. } => {}
            // Whoever has gone needs no answer.
            Order::Answer(reader, stamp) => drop(reader.send(stamp)),
            Order::Written(writer) => {
                if writer.send(()).is_err() {
                    self.settle(1);
                }
            }
            Order::Settled(count) => self.settle(count),
            Order::Lose(number) => self.link.lost(number),
        }
    }
}
