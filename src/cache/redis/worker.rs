//! The task between the requests and the connection: it gathers what waits, and carries out the core's orders.

use std::sync::{Arc, atomic::Ordering};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::{
    select,
    sync::{mpsc::UnboundedReceiver, oneshot},
    time::sleep,
};

use super::{
    Shared,
    commands::Commands,
    core::{Call, Core, Order, Reply},
    debts::Writer,
};
use crate::{
    cache::{Change, Key, Stamp},
    redis_link::{CALL_PATIENCE, Moment, Session},
};

/// What requests tell the task.
pub(super) enum Message {
    /// A read wants the stamp of its key.
    Read(Key, Reader),
    /// A write was committed; its request waits.
    Write(Change, Write),
    /// A write was committed while Redis was known to be away; it was counted as owed, and its request has gone.
    Owed,
    /// A lookup was not answered in time.
    TooSlow,
}

impl Writer for Write {
    fn waits(&self) -> bool {
        !self.is_closed()
    }
}

type Reader = oneshot::Sender<Option<Stamp>>;
type Write = oneshot::Sender<()>;

/// Runs until the adapter is gone.
pub(super) async fn run(shared: Arc<Shared>, mut queue: UnboundedReceiver<Message>) {
    let mut status = shared.link.status();
    let mut core = Core::new(shared.reads);
    let mut calls = FuturesUnordered::new();
    loop {
        // First of all, because the connection may be older than this task.
        let session = status.borrow_and_update().session.clone();
        core.session(session.as_ref().map(known));
        let orders = core.flush(Moment::now());
        // Before anybody is answered: whoever comes after that must find it.
        shared.believes.store(core.believes(), Ordering::SeqCst);
        for order in orders {
            match order {
                Order::Send { id, number, call } => {
                    let session = session.clone().filter(|session| session.number() == number);
                    calls.push(send(shared.clone(), session, id, call));
                }
                other => shared.carry_out(other),
            }
        }
        let due = core.due(Moment::now());
        select! {
            message = queue.recv() => match message {
                Some(message) => gather(&mut core, message, &mut queue),
                None => return,
            },
            Some(done) = calls.next() => {
                let (id, reply): (u64, Option<Reply>) = done;
                core.replied(id, reply, Moment::now());
            }
            // Its sender lives in the link, and the link in `shared`.
            _ = status.changed() => {}
            () = sleep(due.unwrap_or_default()), if due.is_some() => {}
        }
    }
}

fn known(session: &Session) -> (u64, &str) {
    (session.number(), &session.identity().history)
}

/// Takes all that waits: it will share the next call.
fn gather(core: &mut Core<Reader, Write>, first: Message, queue: &mut UnboundedReceiver<Message>) {
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
            Message::TooSlow => core.doubt(),
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
) -> (u64, Option<Reply>) {
    let Some(session) = session else {
        return (id, None);
    };
    let pipeline = shared.commands.pipeline(session.identity(), &call);
    let replies = shared.link.call(&session, &pipeline, CALL_PATIENCE).await;
    let reply = replies
        .ok()
        .and_then(|replies| Commands::reply(&call, replies));
    (id, reply)
}

impl Shared {
    fn carry_out(&self, order: Order<Reader, Write>) {
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
