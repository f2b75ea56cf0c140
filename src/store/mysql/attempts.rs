//! How often a call is tried, and how long it may take.
//!
//! - A conflict (deadlock, lock wait) is tried again a few times: the server undid the transaction.
//! - A read-only server (after a failover) or a forgotten statement did not run it: again on a new connection.
//! - A broken connection: again, if nothing was sent that may have committed; after that never, since the write
//!   may be stored already.

use std::{
    future::Future,
    ops::{Deref, DerefMut},
    pin::pin,
    time::{Duration, Instant},
};

use sqlx::MySqlConnection;
use tokio::time::{sleep, timeout, timeout_at};

use super::{
    MySqlStore, Server,
    failure::{Class, class, failure},
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
    committing: bool,
}

impl Session {
    pub(super) fn new(lease: Lease<Server>) -> Self {
        Self {
            lease,
            committing: false,
        }
    }

    /// From now on the write may be stored, whatever is heard of it.
    pub(super) fn committing(&mut self) {
        self.committing = true;
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
        let again = match class(&error) {
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
                !session.committing && self.start_afresh()
            }
            Class::Missing | Class::Refused | Class::Fault => false,
        };
        if again {
            tracing::debug!(cause = %failure_text(&error), "a call of the store is repeated");
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

/// The class alone: the server's words may quote a row.
fn failure_text(error: &sqlx::Error) -> String {
    format!("{:?}", class(error))
}
