//! One owned connection to Redis: no reconnect goes unseen. A leaf.
//!
//! A *keeper* task connects, and connects again whenever the connection was lost; callers take the present
//! [`Session`], and whoever sees a call fail or time out has thereby ended that session for all. Each connection has a
//! number of its own, so that nobody mistakes a new connection for the one that they knew. Nothing waits for Redis at
//! the start of the program.
//!
//! The link has a thread of its own, which sleeps most of the time: a process that is busy with requests must not
//! mistake its own delay for the server's silence.

mod awake;
mod connect;
mod keeper;
mod moment;
mod session;
mod thread;
mod tls;

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use metrics::counter;
use redis::{Pipeline, Value};
use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
    task::AbortHandle,
};

pub use awake::within;
pub use moment::Moment;
pub use session::{CallError, Identity, Session};

use crate::{
    config::RedisConfig,
    secrets::{Login, Rotating},
    telemetry::names,
};

/// How long a call may be silent until the connection counts as lost. The cache's argument rests on this: nothing less
/// may end a connection that still stands.
pub const CALL_PATIENCE: Duration = Duration::from_millis(210);
/// How long a failed trial is thought to tell of the present. Trials are at most 800 ms apart while the program is
/// awake, so an older one means that it slept (a Lambda sandbox between invocations).
const FAILURE_FRESH: Duration = Duration::from_millis(1000);

/// Why a link cannot be set up at all. Never carries a secret.
#[derive(Debug, Clone, thiserror::Error)]
#[error("redis: {0}")]
pub struct LinkError(String);

/// What callers see of the link.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// The connection, while there is one.
    pub session: Option<Session>,
    /// The last trial that failed in this outage, once the quick ones are used up.
    failed: Option<Moment>,
}

impl Status {
    /// Whether Redis is known to be away: trials have failed for a while, the last of them less than a second ago.
    #[must_use]
    pub fn is_down(&self, now: Moment) -> bool {
        self.session.is_none()
            && self
                .failed
                .is_some_and(|failed| failed.gap_to(now) < FAILURE_FRESH)
    }
}

/// A handle to the link. Clones share it; the last one to go ends the connection.
#[derive(Clone)]
pub struct Link {
    shared: Arc<Shared>,
    keeper: Arc<Keeper>,
    thread: Arc<thread::Thread>,
}

struct Keeper(AbortHandle);

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What the handles and the keeper share.
struct Shared {
    status: watch::Sender<Status>,
    /// Ends the work on the present session's socket. A std mutex: never held across an await.
    driver: Mutex<Option<AbortHandle>>,
    numbers: AtomicU64,
    doubted: AtomicBool,
    wanted: Notify,
}

impl Link {
    /// A link to the server that `config` and `login` name. Connects when it is first wanted ([`Link::want`],
    /// [`Link::current`]), in the background.
    ///
    /// Fails where the certificates that are to be trusted cannot be read.
    pub fn new(config: &RedisConfig, login: Arc<Rotating<Login>>) -> Result<Self, LinkError> {
        let connector = connect::Connector::new(config)?;
        let shared = Arc::new(Shared {
            status: watch::Sender::default(),
            driver: Mutex::default(),
            numbers: AtomicU64::new(0),
            doubted: AtomicBool::new(false),
            wanted: Notify::new(),
        });
        let thread = thread::Thread::start()?;
        let keeper = keeper::keep(shared.clone(), connector, login);
        let keeper = thread.handle().spawn(keeper).abort_handle();
        Ok(Self {
            shared,
            keeper: Arc::new(Keeper(keeper)),
            thread: Arc::new(thread),
        })
    }

    /// The runtime of the link's thread: for tasks that must not wait behind requests.
    #[must_use]
    pub fn runtime(&self) -> &Handle {
        self.thread.handle()
    }

    /// Says that the connection will be needed: the keeper begins, if it has not.
    pub fn want(&self) {
        self.shared.wanted.notify_one();
    }

    /// The present connection, if there is one. Does not wait.
    #[must_use]
    pub fn current(&self) -> Option<Session> {
        let session = self.shared.status.borrow().session.clone();
        if session.is_none() {
            self.want();
        }
        session
    }

    /// Wakes whenever a session begins or ends, or a trial fails after the first quick ones.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.shared.status.subscribe()
    }

    /// Whether Redis is known to be away.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.shared.status.borrow().is_down(Moment::now())
    }

    /// Ends the session with this number, if it is still the present one: it was answered by another server or from
    /// another history than the one that it began with. Its calls fail; the keeper connects anew.
    ///
    /// (A call that fails ends its session by itself.)
    pub fn lost(&self, number: u64) {
        self.shared.end(number, "another server or history");
    }

    /// Sends a pipeline and waits for all replies, at most `patience` of the time in which this process is awake.
    ///
    /// Whatever goes wrong is counted and ends the session, but for a script that the server does not know
    /// ([`CallError::is_unknown_script`]), and silence that was shorter than [`CALL_PATIENCE`]: that has the connection
    /// looked at in the background.
    pub async fn call(
        &self,
        session: &Session,
        pipeline: &Pipeline,
        patience: Duration,
    ) -> Result<Vec<Value>, CallError> {
        let error = match within(patience, session.query(pipeline)).await {
            Some(Ok(replies)) => return Ok(replies),
            Some(Err(error)) => CallError::from(error),
            None => CallError::Silent,
        };
        if error.is_unknown_script() {
            return Err(error);
        }
        counter!(names::REDIS_ERRORS).increment(1);
        if matches!(error, CallError::Silent) && patience < CALL_PATIENCE {
            self.doubt(session);
        } else {
            self.shared.end(session.number(), &error);
        }
        Err(error)
    }

    /// Asks a connection for a sign of life, once at a time. Its silence ends it.
    fn doubt(&self, session: &Session) {
        if self.shared.doubted.swap(true, Ordering::SeqCst) {
            return;
        }
        let (link, session) = (self.clone(), session.clone());
        self.runtime().clone().spawn(async move {
            let mut ping = redis::pipe();
            ping.cmd("PING").ignore();
            drop(link.call(&session, &ping, CALL_PATIENCE).await);
            link.shared.doubted.store(false, Ordering::SeqCst);
        });
    }

    /// Ends the connection for good.
    pub fn close(&self) {
        self.keeper.0.abort();
        let number = self
            .shared
            .status
            .borrow()
            .session
            .as_ref()
            .map(Session::number);
        if let Some(number) = number {
            self.shared.end(number, "closed");
        }
    }
}

impl Shared {
    fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn begin(&self, session: Session, driver: AbortHandle) {
        let mut present = self.driver.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = present.replace(driver) {
            old.abort();
        }
        self.status.send_replace(Status {
            session: Some(session),
            failed: None,
        });
    }

    fn end(&self, number: u64, why: impl fmt::Display) {
        let mut driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = self.status.send_if_modified(|status| {
            status
                .session
                .take_if(|session| session.number() == number)
                .is_some()
        });
        if ended {
            tracing::warn!(connection = number, cause = %why, "the cache server was lost");
            if let Some(driver) = driver.take() {
                driver.abort();
            }
        }
    }

    fn failed(&self, moment: Moment) {
        self.status
            .send_modify(|status| status.failed = Some(moment));
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("status", &*self.shared.status.borrow())
            .finish_non_exhaustive()
    }
}
