//! What a connection is doing, as far as stopping and crowds need to know; and the word that the door is closed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, futures::OwnedNotified},
    time::Instant,
};

/// What one connection is doing. Its parts (socket, service, reply body) live in one task, which only ever polls one of
/// them at a time: the atomics are there because a future that a runtime may move between threads has to be `Send`, not
/// to order anything.
#[derive(Debug)]
pub(super) struct Activity {
    opened: Instant,
    /// Bytes have come since the last reply was written: a head, or a part of one.
    arrived: AtomicBool,
    /// When the first of them came, in milliseconds since `opened`.
    arrived_at: AtomicU64,
    /// A whole request has come.
    served: AtomicBool,
    /// Requests whose reply is not wholly written yet: one, as HTTP/1 answers one after the other.
    requests: AtomicUsize,
    /// The last request's body was not read to its end: the client may still be sending it.
    unread: AtomicBool,
    /// The door is closed: a read has to ask the socket itself, see `Stream`.
    closing: AtomicBool,
}

impl Default for Activity {
    fn default() -> Self {
        Self {
            opened: Instant::now(),
            arrived: AtomicBool::default(),
            arrived_at: AtomicU64::default(),
            served: AtomicBool::default(),
            requests: AtomicUsize::default(),
            unread: AtomicBool::default(),
            closing: AtomicBool::default(),
        }
    }
}

impl Activity {
    pub(super) fn bytes_arrived(&self) {
        if self.arrived.swap(true, Ordering::Relaxed) || !self.is_idle() {
            return;
        }
        let at = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.arrived_at.store(at, Ordering::Relaxed);
    }

    /// How long a head has been awaited; nothing while a request is at work or the connection rests between two.
    pub(super) fn waited_for_head(&self) -> Option<Duration> {
        if !self.is_idle() {
            return None;
        }
        let since = match (
            self.served.load(Ordering::Relaxed),
            self.arrived.load(Ordering::Relaxed),
        ) {
            (false, _) => Duration::ZERO,
            (true, true) => Duration::from_millis(self.arrived_at.load(Ordering::Relaxed)),
            (true, false) => return None,
        };
        Some(self.opened.elapsed().saturating_sub(since))
    }

    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    pub(super) fn closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// A part of a head is here that is not yet a request.
    ///
    /// A head that was pipelined right behind the previous request, and of which the rest is still missing when that
    /// one's reply is written, is not seen: such a client has to be ready to repeat it (RFC 9112, 9.3.2).
    pub(super) fn has_partial_head(&self) -> bool {
        self.arrived.load(Ordering::Relaxed) && self.is_idle()
    }

    /// The client may be sending what nobody will read: the rest of a body, or of a head that was refused.
    pub(super) fn is_left_unread(&self) -> bool {
        self.unread.load(Ordering::Relaxed) || self.has_partial_head()
    }

    pub(super) fn body_left_unread(&self) {
        self.unread.store(true, Ordering::Relaxed);
    }

    /// The connection waits for a next request, so the rest of the last one was small enough to be thrown away.
    pub(super) fn nothing_left_unread(&self) {
        self.unread.store(false, Ordering::Relaxed);
    }

    pub(super) fn is_idle(&self) -> bool {
        self.requests.load(Ordering::Relaxed) == 0
    }

    /// A request is at work until what this returns is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> InProgress {
        self.unread.store(false, Ordering::Relaxed);
        self.served.store(true, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        InProgress(Arc::clone(self))
    }
}

/// One request at work.
#[derive(Debug)]
pub(super) struct InProgress(Arc<Activity>);

impl Drop for InProgress {
    fn drop(&mut self) {
        // What came until now was this request.
        self.0.arrived.store(false, Ordering::Relaxed);
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The word that the door is closed, for every connection. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Closing(Arc<Door>);

#[derive(Debug, Default)]
struct Door {
    closed: AtomicBool,
    wake: Arc<Notify>,
}

impl Closing {
    pub(super) fn begin(&self) {
        self.0.closed.store(true, Ordering::Release);
        self.0.wake.notify_waiters();
    }

    /// Cheap enough to be asked whenever a connection is polled.
    pub(super) fn begun(&self) -> bool {
        self.0.closed.load(Ordering::Acquire)
    }

    /// Wakes when the door is closed after this call. Ask [`Closing::begun`] afterwards: it may have been before.
    pub(super) fn wait(&self) -> OwnedNotified {
        Arc::clone(&self.0.wake).notified_owned()
    }
}
