//! The cache that processes share through Redis. The protocol and its argument are in `docs/CACHE.md`.

mod commands;
mod core;
mod debts;
#[cfg(test)]
mod model;
#[cfg(test)]
mod model_steps;
#[cfg(test)]
mod schedules;
#[cfg(test)]
mod stamp_server;
mod subject;
mod trust;
mod worker;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use metrics::gauge;
use tokio::{
    sync::{Notify, Semaphore, mpsc, oneshot},
    task::AbortHandle,
};

use self::{commands::Commands, trust::WRITE_PATIENCE, worker::Message};
use super::{
    Cache, Change, Health, Key, Lookup, MAX_VALUE_BYTES, Ready, Stamp,
    coalesce::SingleFlight,
    shelf::{Kept, Shelf},
};
use crate::{
    redis_link::{CALL_PATIENCE, Link, within},
    telemetry::names,
};

/// How long a lookup may take, stamps and bytes together. (A request's budget is 250 ms.)
const READ_PATIENCE: Duration = Duration::from_millis(230);
/// How long a health check waits for a connection that is being made for the first time.
const FIRST_CONTACT: Duration = Duration::from_millis(500);
/// How many fills are shared at a time; those beyond stay in the process that made them.
const PUBLISHING: usize = 8;

/// The adapter for processes that share a Redis.
pub struct RedisCache {
    shared: Arc<Shared>,
    queue: mpsc::UnboundedSender<Message>,
    worker: AbortHandle,
}

/// What requests and the worker share.
struct Shared {
    link: Link,
    reads: bool,
    commands: Commands,
    shelf: Shelf,
    fetches: SingleFlight<(Key, Stamp), Option<Ready>>,
    publishing: Arc<Semaphore>,
    /// Whether lookups have a chance of being proved.
    believes: AtomicBool,
    owed: AtomicU64,
    settled: Notify,
}

impl RedisCache {
    /// Over `link`. Entries live `ttl` at most. Without `reads` every lookup is told to ask the store, and writes
    /// still invalidate. Processes that read the same table use the same `prefix`, and no others do.
    #[must_use]
    pub fn new(link: Link, prefix: &str, reads: bool, ttl: Duration) -> Self {
        let shared = Arc::new(Shared {
            link,
            reads,
            commands: Commands::new(prefix, ttl),
            shelf: Shelf::new(ttl),
            fetches: SingleFlight::default(),
            publishing: Arc::new(Semaphore::new(PUBLISHING)),
            believes: AtomicBool::new(false),
            owed: AtomicU64::new(0),
            settled: Notify::new(),
        });
        let (queue, messages) = mpsc::unbounded_channel();
        let work = worker::run(shared.clone(), messages);
        let worker = shared.link.runtime().spawn(work).abort_handle();
        Self {
            shared,
            queue,
            worker,
        }
    }

    async fn look(&self, key: Key) -> Lookup {
        let (reader, stamp) = oneshot::channel();
        if self.queue.send(Message::Read(key, reader)).is_err() {
            return Lookup::Bypass;
        }
        let Ok(Some(stamp)) = stamp.await else {
            return Lookup::Bypass;
        };
        match self.shared.shelf.get(key, stamp) {
            Some(Kept::Ready(ready)) => Lookup::Hit(ready),
            Some(Kept::TooLarge) => Lookup::TooLarge,
            None => match self.shared.fetch(key, stamp).await {
                Some(ready) => Lookup::Hit(ready),
                None => Lookup::Miss(stamp),
            },
        }
    }
}

impl Shared {
    /// Bytes that another process made under this stamp. Those who look for the same share one call.
    async fn fetch(self: &Arc<Self>, key: Key, stamp: Stamp) -> Option<Ready> {
        let shared = self.clone();
        let fetch = move || async move {
            let session = shared.link.current()?;
            let pipeline = shared.commands.fetch(key, stamp);
            let replies = shared.link.call(&session, &pipeline, CALL_PATIENCE).await;
            let (ready, left) = Commands::fetched(replies.ok()?)?;
            // No longer than the bytes were to live where they were made.
            shared
                .shelf
                .put(key, stamp, Kept::Ready(ready.clone()), Some(left));
            Some(ready)
        };
        self.fetches.run((key, stamp), fetch).await.flatten()
    }

    async fn publish(&self, key: Key, stamp: Stamp, ready: &Ready) {
        if let Some(session) = self.link.current() {
            let pipeline = self.commands.publish(key, stamp, ready);
            // A failure was counted, and costs no more than a fill elsewhere.
            drop(self.link.call(&session, &pipeline, CALL_PATIENCE).await);
        }
    }

    fn owe(&self) {
        let before = self.owed.fetch_add(1, Ordering::SeqCst);
        self.show_owed(before + 1);
    }

    fn settle(&self, count: u64) {
        if count > 0 {
            let before = self.owed.fetch_sub(count, Ordering::SeqCst);
            self.show_owed(before.saturating_sub(count));
            self.settled.notify_waiters();
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a gauge is a float; the count is far below 2^53"
    )]
    fn show_owed(&self, owed: u64) {
        gauge!(names::CACHE_OWED).set(owed as f64);
    }
}

/// A write that waits for its stamps. Where it goes without having seen them set, they are owed.
struct Waiting {
    shared: Arc<Shared>,
    written: oneshot::Receiver<()>,
    seen: bool,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.seen {
            // Stamps that are still on their way are set before this process asks for any: one connection keeps order.
            // In this order: the worker takes one off where it finds that nobody waits any more.
            self.shared.owe();
            self.written.close();
            if self.written.try_recv().is_ok() {
                self.shared.settle(1);
            }
        }
    }
}

#[async_trait]
impl Cache for RedisCache {
    async fn lookup(&self, key: Key) -> Lookup {
        if !self.shared.reads {
            return Lookup::Bypass;
        }
        if !self.shared.believes.load(Ordering::SeqCst) {
            self.shared.link.want();
            return Lookup::Bypass;
        }
        match within(READ_PATIENCE, self.look(key)).await {
            Some(found) => found,
            None => {
                drop(self.queue.send(Message::TooSlow));
                Lookup::Bypass
            }
        }
    }

    fn keep(&self, key: Key, stamp: Stamp, ready: Option<&Ready>) {
        if !self.shared.reads {
            return;
        }
        self.shared.shelf.put(key, stamp, Kept::of(ready), None);
        let small = ready.filter(|ready| ready.body.len() <= MAX_VALUE_BYTES);
        if let Some(ready) = small.cloned()
            && let Ok(permit) = self.shared.publishing.clone().try_acquire_owned()
        {
            let shared = self.shared.clone();
            tokio::spawn(async move {
                shared.publish(key, stamp, &ready).await;
                drop(permit);
            });
        }
    }

    async fn invalidate(&self, change: Change) {
        if self.shared.link.is_down() {
            self.shared.owe();
            drop(self.queue.send(Message::Owed));
            return;
        }
        let (writer, written) = oneshot::channel();
        let mut waiting = Waiting {
            shared: self.shared.clone(),
            written,
            seen: false,
        };
        drop(self.queue.send(Message::Write(change, writer)));
        // Patience is counted where the calls are made: a link that is kept from running has not heard silence.
        let wait = async move {
            let written = within(WRITE_PATIENCE, &mut waiting.written).await;
            waiting.seen = matches!(written, Some(Ok(())));
            drop(waiting);
        };
        // Goes on where this request is cut off, so that what is owed is counted.
        drop(self.shared.link.runtime().spawn(wait).await);
    }

    async fn probe(&self) -> Health {
        let mut status = self.shared.link.status();
        self.shared.link.want();
        let first = !self.shared.link.is_down();
        if first {
            let connected = status.wait_for(|status| status.session.is_some());
            // Its end without a connection is what is looked at next.
            drop(within(FIRST_CONTACT, connected).await);
        }
        let Some(session) = self.shared.link.current() else {
            return Health::Disconnected;
        };
        let mut ping = redis::pipe();
        ping.cmd("PING").ignore();
        match self.shared.link.call(&session, &ping, CALL_PATIENCE).await {
            Ok(_) => Health::Connected,
            Err(_) => Health::Disconnected,
        }
    }

    fn owed(&self) -> u64 {
        self.shared.owed.load(Ordering::SeqCst)
    }

    async fn close(&self) {
        let paid = async {
            loop {
                let settled = self.shared.settled.notified();
                if self.owed() == 0 {
                    return;
                }
                settled.await;
            }
        };
        if self.owed() > 0 && within(WRITE_PATIENCE, paid).await.is_none() {
            tracing::warn!(
                owed = self.owed(),
                "invalidations are lost with this process"
            );
        }
        self.worker.abort();
        self.shared.link.close();
    }
}

impl Drop for RedisCache {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

impl fmt::Debug for RedisCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisCache")
            .field("link", &self.shared.link)
            .field("owed", &self.owed())
            .finish_non_exhaustive()
    }
}
