//! Connections that are kept and lent out, one caller each.
//!
//! Not the pool of `sqlx`, which pings on every return (a second round trip for each statement, and a permit lost for
//! ever to a server that swallows packets) and cannot say why no connection came. Here a connection comes back only
//! when its caller says that it is clean; whatever else becomes of a lease (an error, a dropped request), the
//! connection is closed, and the server undoes what was not committed.

mod lease;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout_at},
};

use self::lease::Kept;
pub(super) use self::lease::Lease;
use super::{ErrorKind, PoolState, StoreError};
use crate::config::PoolConfig;

/// A connection unused for longer is asked whether it still answers.
const TRUSTED_IDLE: Duration = Duration::from_secs(5);
/// Connections beyond the least number that nobody used for so long are closed.
const IDLE_LIMIT: Duration = Duration::from_secs(600);
/// How long the answer to that question, or a goodbye, may take.
const PING_LIMIT: Duration = Duration::from_secs(1);
/// With less time left no further attempt is made.
const LAST_ATTEMPT: Duration = Duration::from_millis(40);
/// First and longest pause between attempts to connect.
const PAUSE: (Duration, Duration) = (Duration::from_millis(25), Duration::from_millis(400));

/// How connections are made, asked and ended.
#[async_trait]
pub(super) trait Connector: Send + Sync + 'static {
    /// A connection; dropping one closes it hard.
    type Connection: Send + 'static;

    /// Makes one: one attempt. The pool tries again until the caller's deadline, unless the failure is lasting.
    async fn connect(&self) -> Result<Self::Connection, Refusal>;

    /// Whether it still answers.
    async fn answers(&self, connection: &mut Self::Connection) -> bool;

    /// Ends it in good order.
    async fn close(&self, connection: Self::Connection);

    /// Connections made under another number are not lent out again.
    fn generation(&self) -> u64;
}

/// Why no connection was made.
pub(super) enum Refusal {
    /// May pass: worth another attempt.
    Passing(StoreError),
    /// Will be the same until somebody changes something.
    Lasting(StoreError),
}

impl Refusal {
    /// The failure itself.
    pub(super) fn into_error(self) -> StoreError {
        match self {
            Self::Passing(error) | Self::Lasting(error) => error,
        }
    }
}

/// See the module.
pub(super) struct Pool<C: Connector>(Arc<Shared<C>>);

struct Shared<C: Connector> {
    connector: C,
    limits: PoolConfig,
    permits: Arc<Semaphore>,
    /// The one used last at the end: the others may grow old and be closed.
    idle: Mutex<Vec<Kept<C::Connection>>>,
    in_use: AtomicU32,
    /// Set while connections up to the least number are made.
    filling: AtomicBool,
    /// When one was last found broken: those unused since then are asked before use.
    suspect_since: Mutex<Option<Instant>>,
    /// The last attempt to connect, where it failed.
    failure: Mutex<Option<(Instant, StoreError)>>,
}

#[derive(Debug, thiserror::Error)]
enum NoConnection {
    #[error("no connection came free in time")]
    Exhausted,
    #[error("the pool is closed")]
    Closed,
    #[error("no connection could be made in time")]
    Slow,
}

impl<C: Connector> Pool<C> {
    /// A pool without connections: the first is made for the first caller.
    pub(super) fn new(connector: C, limits: PoolConfig) -> Self {
        let max = usize::try_from(limits.max.max(1)).unwrap_or(usize::MAX);
        Self(Arc::new(Shared {
            connector,
            limits,
            permits: Arc::new(Semaphore::new(max.min(Semaphore::MAX_PERMITS))),
            idle: Mutex::new(Vec::new()),
            in_use: AtomicU32::new(0),
            filling: AtomicBool::new(false),
            suspect_since: Mutex::new(None),
            failure: Mutex::new(None),
        }))
    }

    /// How connections are made.
    pub(super) fn connector(&self) -> &C {
        &self.0.connector
    }

    /// Lends a connection, or says by `deadline` why there is none.
    pub(super) async fn acquire(&self, deadline: Instant) -> Result<Lease<C>, StoreError> {
        let permit = self.permit(deadline).await?;
        let kept = match self.0.reusable(deadline).await {
            Some(kept) => kept,
            None => self.0.fresh(deadline).await?,
        };
        Ok(self.lend(kept, permit))
    }

    /// Lends a connection that nobody used before: for work that a kept one failed.
    pub(super) async fn acquire_new(&self, deadline: Instant) -> Result<Lease<C>, StoreError> {
        let permit = self.permit(deadline).await?;
        // In the place of a kept one, so that there are never more than the most allowed.
        let oldest = {
            let mut idle = lock(&self.0.idle);
            (!idle.is_empty()).then(|| idle.remove(0))
        };
        if let Some(oldest) = oldest {
            self.0.end(oldest.connection).await;
        }
        let kept = self.0.fresh(deadline).await?;
        Ok(self.lend(kept, permit))
    }

    async fn permit(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, StoreError> {
        let begun = Instant::now();
        match timeout_at(deadline.into(), self.0.permits.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(unavailable(ErrorKind::Pool, NoConnection::Closed)),
            Err(_) => Err(self.0.why_none(begun)),
        }
    }

    fn lend(&self, kept: Kept<C::Connection>, permit: OwnedSemaphorePermit) -> Lease<C> {
        let lease = Lease::new(kept, Arc::clone(&self.0), permit);
        self.0.fill();
        lease
    }

    /// One was found broken: those that lay unused meanwhile are asked before they are lent out.
    pub(super) fn suspect(&self) {
        *lock(&self.0.suspect_since) = Some(Instant::now());
    }

    /// Connections by state.
    pub(super) fn state(&self) -> PoolState {
        PoolState {
            idle: u32::try_from(lock(&self.0.idle).len()).unwrap_or(u32::MAX),
            in_use: self.0.in_use.load(Ordering::Relaxed),
        }
    }

    /// Lends out no more and closes what lies unused; what is lent out is closed when it comes back.
    pub(super) async fn close(&self) {
        self.0.permits.close();
        let idle = std::mem::take(&mut *lock(&self.0.idle));
        for kept in idle {
            self.0.end(kept.connection).await;
        }
    }
}

impl<C: Connector> Shared<C> {
    /// The connection used last that may be used again.
    async fn reusable(&self, deadline: Instant) -> Option<Kept<C::Connection>> {
        loop {
            let mut kept = lock(&self.idle).pop()?;
            if !self.usable(&kept) {
                self.end(kept.connection).await;
                continue;
            }
            let suspect = lock(&self.suspect_since).is_some_and(|since| kept.used < since);
            if !suspect && kept.used.elapsed() < TRUSTED_IDLE {
                return Some(kept);
            }
            let limit = deadline.min(Instant::now() + PING_LIMIT);
            let answer = self.connector.answers(&mut kept.connection);
            if timeout_at(limit.into(), answer).await == Ok(true) {
                return Some(kept);
            }
            tracing::debug!("a kept connection does not answer: closed");
        }
    }

    fn usable(&self, kept: &Kept<C::Connection>) -> bool {
        kept.generation == self.connector.generation()
            && kept.made.elapsed() < self.limits.max_lifetime
    }

    /// A new connection: attempts with growing pauses until one succeeds, fails for good, or the deadline is there.
    async fn fresh(&self, deadline: Instant) -> Result<Kept<C::Connection>, StoreError> {
        let mut pause = PAUSE.0;
        // What is told where the last attempt is cut off: an earlier one knew more.
        let mut reason = unavailable(ErrorKind::Connect, NoConnection::Slow);
        loop {
            let generation = self.connector.generation();
            match timeout_at(deadline.into(), self.connector.connect()).await {
                Ok(Ok(connection)) => {
                    *lock(&self.failure) = None;
                    return Ok(Kept::new(connection, generation));
                }
                Ok(Err(Refusal::Passing(failure))) => reason = self.note(failure),
                Ok(Err(Refusal::Lasting(failure))) => return Err(self.note(failure)),
                Err(_) => return Err(self.note(reason)),
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left < LAST_ATTEMPT {
                return Err(reason);
            }
            // Never so long that the time left is slept away.
            sleep(pause.min(left / 2).mul_f64(rand::random_range(0.5..1.0))).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }

    fn note(&self, failure: StoreError) -> StoreError {
        *lock(&self.failure) = Some((Instant::now(), failure.clone()));
        failure
    }

    /// Why a caller who waited since `begun` got no turn: the server is away, or the pool is too small.
    fn why_none(&self, begun: Instant) -> StoreError {
        match &*lock(&self.failure) {
            Some((when, failure)) if *when >= begun => failure.clone(),
            // Turns that are taken, but not by anybody who has a connection.
            _ if self.in_use.load(Ordering::Relaxed) < self.limits.max => {
                unavailable(ErrorKind::Connect, NoConnection::Slow)
            }
            _ => unavailable(ErrorKind::Pool, NoConnection::Exhausted),
        }
    }

    /// Keeps a connection that came back clean, and closes one that nobody needed for long.
    fn keep(self: &Arc<Self>, mut kept: Kept<C::Connection>) {
        kept.used = Instant::now();
        let ended = if self.permits.is_closed() || !self.usable(&kept) {
            Some(kept)
        } else {
            let mut idle = lock(&self.idle);
            idle.push(kept);
            let spare = idle.len() > usize::try_from(self.limits.min).unwrap_or(usize::MAX);
            let old = idle
                .first()
                .is_some_and(|first| first.used.elapsed() > IDLE_LIMIT);
            (spare && old).then(|| idle.remove(0))
        };
        if let Some(kept) = ended {
            let shared = Arc::clone(self);
            tokio::spawn(async move { shared.end(kept.connection).await });
        }
    }

    /// Makes connections up to the least number, beside the caller.
    fn fill(self: &Arc<Self>) {
        if self.missing() == 0 || self.filling.swap(true, Ordering::AcqRel) {
            return;
        }
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            while shared.missing() > 0 && !shared.permits.is_closed() {
                let Ok(permit) = shared.permits.clone().try_acquire_owned() else {
                    break;
                };
                let deadline = Instant::now() + shared.limits.acquire_timeout;
                let Ok(kept) = shared.fresh(deadline).await else {
                    break;
                };
                shared.keep(kept);
                drop(permit);
            }
            shared.filling.store(false, Ordering::Release);
        });
    }

    fn missing(&self) -> u32 {
        let idle = u32::try_from(lock(&self.idle).len()).unwrap_or(u32::MAX);
        let there = idle.saturating_add(self.in_use.load(Ordering::Relaxed));
        self.limits.min.saturating_sub(there)
    }

    async fn end(&self, connection: C::Connection) {
        let limit = Instant::now() + PING_LIMIT;
        // One that does not even take the goodbye is dropped, which closes it hard.
        let _ = timeout_at(limit.into(), self.connector.close(connection)).await;
    }
}

fn unavailable(kind: ErrorKind, cause: NoConnection) -> StoreError {
    StoreError::unavailable(kind, cause)
}

/// Never held across an await, so it cannot stall the runtime; what it guards is whole at every moment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
