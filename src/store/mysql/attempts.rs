//! How often a call is tried, and how long it may take.
//!
//! - A conflict (deadlock, lock wait) is tried again a few times: the server undid the transaction.
//! - A read-only server (after a failover) or a forgotten statement did not run it: again on a new connection.
//! - A broken connection: again, if nothing was sent that may have committed. After that only where the new attempt
//!   can tell, once the session is over (see `fence`), whether the write is stored: then it answers as if it had heard
//!   the reply, or begins anew. Where it cannot, the call fails and is never repeated.

use std::{
    future::Future,
    io,
    ops::{Deref, DerefMut},
    pin::pin,
    time::{Duration, Instant},
};

use sqlx::MySqlConnection;
use tokio::time::{sleep, timeout, timeout_at};

use super::{
    MySqlStore, Server,
    failure::{Class, class, failure},
    fence::Fence,
    rollback,
};
use crate::store::{
    ErrorKind, Store as _, StoreError,
    pool::{Lease, Pool},
};

/// How often a call gives way to others before it fails.
const MAX_CONFLICTS: u32 = 5;
/// How often a call begins again on another connection: when sessions are ended one after the other (a rotation, an
/// operator), the next one may be ended too.
const MAX_FRESH_STARTS: u32 = 3;
/// Longest pause before the first further attempt; grows with each.
const CONFLICT_PAUSE: Duration = Duration::from_millis(10);
/// How long after the acquire timeout a call on single rows is cut off.
const MARGIN: Duration = Duration::from_millis(500);
/// No scan takes longer, also while the server answers others: its own connection may be dead.
const SCAN_LIMIT: Duration = Duration::from_secs(60);
/// How long undoing may take before the connection is closed instead.
const ROLLBACK_LIMIT: Duration = Duration::from_millis(500);

/// A connection at work.
pub(super) struct Session {
    lease: Lease<Server>,
    write: Write,
    /// The session of the attempt before, where its write may be stored.
    lost: Option<Fence>,
    deadline: Instant,
}

/// What is known of the write of a session whose last reply does not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Write {
    /// Nothing was sent that may have committed.
    None,
    /// It may be stored; the next attempt can tell.
    Traceable,
    /// It may be stored; nobody can tell.
    Untraceable,
}

#[derive(Debug, thiserror::Error)]
enum Unknown {
    #[error("a session that broke is not over in time: what it wrote is not known")]
    NotOver,
    #[error("a row has changed since a session broke: what that wrote is not known")]
    Changed,
}

impl Session {
    /// From now on the write may be stored, whatever is heard of it.
    pub(super) fn committing(&mut self) {
        self.write = Write::Untraceable;
    }

    /// The same of a write that the next attempt looks up.
    pub(super) fn committing_traceably(&mut self) {
        self.write = Write::Traceable;
    }

    /// Whether the write of the attempt before may be stored. Waits until that is settled: from then on the table says
    /// so.
    pub(super) async fn follows_a_lost_write(&mut self) -> Result<bool, sqlx::Error> {
        let Some(fence) = &self.lost else {
            return Ok(false);
        };
        let patience = self.deadline.saturating_duration_since(Instant::now());
        if fence.is_over(&mut self.lease, patience).await? {
            Ok(true)
        } else {
            Err(sqlx::Error::Io(io::Error::other(Unknown::NotOver)))
        }
    }

    /// The error of an attempt that cannot tell either: the last one.
    pub(super) fn cannot_tell(&mut self) -> sqlx::Error {
        self.write = Write::Untraceable;
        sqlx::Error::Io(io::Error::other(Unknown::Changed))
    }
}

impl Deref for Session {
    type Target = MySqlConnection;

    fn deref(&self) -> &MySqlConnection {
        &self.lease
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut MySqlConnection {
        &mut self.lease
    }
}

/// The attempts of one call.
pub(super) struct Attempts {
    deadline: Instant,
    conflicts: u32,
    fresh_starts: u32,
    /// A session whose write may be stored.
    lost: Option<Fence>,
}

/// What comes after an attempt.
pub(super) enum Next<T> {
    /// Nothing.
    Done(Result<T, StoreError>),
    /// Another attempt.
    Again,
}

/// How an attempt ended.
pub(super) enum Outcome<T> {
    /// By itself.
    Ended(Result<T, sqlx::Error>),
    /// Cut off.
    Late,
}

#[derive(Debug, thiserror::Error)]
#[error("the server did not answer in time")]
struct Late;

impl Attempts {
    pub(super) fn new(deadline: Instant) -> Self {
        Self {
            deadline,
            conflicts: 0,
            fresh_starts: 0,
            lost: None,
        }
    }

    /// The session of the next attempt.
    pub(super) fn session(&mut self, lease: Lease<Server>) -> Session {
        Session {
            lease,
            write: Write::None,
            lost: self.lost.take(),
            deadline: self.deadline,
        }
    }

    /// By when a connection must be there.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether only a new connection will do: a kept one failed, and the others may be in the same state.
    pub(super) fn distrust(&self) -> bool {
        self.fresh_starts > 0
    }

    /// Bounds work on single rows.
    pub(super) async fn point<T>(
        &self,
        _: &MySqlStore,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Outcome<T> {
        match timeout_at((self.deadline + MARGIN).into(), work).await {
            Ok(result) => Outcome::Ended(result),
            Err(_) => Outcome::Late,
        }
    }

    /// Bounds work on many rows, which may rightly take long: it goes on while the server answers others.
    pub(super) async fn scan<T>(
        &self,
        store: &MySqlStore,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Outcome<T> {
        let end = Instant::now() + SCAN_LIMIT;
        let mut work = pin!(work);
        loop {
            if let Ok(result) = timeout(store.config.pool.acquire_timeout, &mut work).await {
                return Outcome::Ended(result);
            }
            if Instant::now() >= end || store.probe().await.is_err() {
                return Outcome::Late;
            }
        }
    }

    /// Decides what comes next. A session that is not known to be clean is closed by being dropped.
    pub(super) async fn settle<T>(
        &mut self,
        pool: &Pool<Server>,
        mut session: Session,
        outcome: Outcome<T>,
    ) -> Next<T> {
        let error = match outcome {
            Outcome::Ended(Ok(value)) => {
                session.lease.give_back();
                return Next::Done(Ok(value));
            }
            Outcome::Late => {
                pool.suspect();
                return Next::Done(Err(StoreError::unavailable(ErrorKind::Timeout, Late)));
            }
            Outcome::Ended(Err(error)) => error,
        };
        let class = class(&error);
        self.lost = match session.write {
            Write::None => session.lost.take(),
            Write::Traceable if class == Class::Broken => session.lease.fence().cloned(),
            Write::Traceable | Write::Untraceable => None,
        };
        let again = match class {
            Class::Conflict => {
                if let Ok(Ok(())) = timeout(ROLLBACK_LIMIT, rollback(&mut session)).await {
                    session.lease.give_back();
                }
                self.give_way().await
            }
            Class::ReadOnly => {
                pool.connector().retire();
                self.start_afresh()
            }
            Class::Forgotten => self.start_afresh(),
            Class::Broken => {
                pool.suspect();
                let open = session.write != Write::None && self.lost.is_none();
                !open && self.start_afresh()
            }
            Class::Missing | Class::Refused | Class::Fault => false,
        };
        if again {
            tracing::debug!(cause = ?class, "a call of the store is repeated");
            Next::Again
        } else {
            Next::Done(Err(failure(error)))
        }
    }

    async fn give_way(&mut self) -> bool {
        self.conflicts += 1;
        let pause = CONFLICT_PAUSE * rand::random_range(1..=self.conflicts);
        if self.conflicts > MAX_CONFLICTS || Instant::now() + pause >= self.deadline {
            return false;
        }
        sleep(pause).await;
        true
    }

    fn start_afresh(&mut self) -> bool {
        self.fresh_starts += 1;
        self.fresh_starts <= MAX_FRESH_STARTS && Instant::now() < self.deadline
    }
}
