//! The task that connects, and connects again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use metrics::counter;
use tokio::{
    select,
    sync::watch,
    task::JoinHandle,
    time::{sleep, sleep_until},
};

use super::{
    Moment, Session, Shared,
    connect::{Connector, Fresh, TrialError},
};
use crate::{
    secrets::{Login, Rotating},
    telemetry::names,
};

/// Trials that follow a loss at once, so that a server that merely dropped the connection is back before a write has
/// used up its budget; only a connection that had stood for a while earns them anew.
const QUICK_TRIALS: u32 = 10;
const QUICK_PAUSE: Duration = Duration::from_millis(25);
const STOOD: Duration = Duration::from_secs(1);
/// The pause after that. With the limit of a trial (500 ms): about one trial a second against a server that does not
/// answer, and back within a second of its return, with room for the handshake.
const PAUSE: Duration = Duration::from_millis(300);
/// Between two requests for a newer login, doubled up to the longest.
const RENEW_SHORTEST: Duration = Duration::from_secs(1);
const RENEW_LONGEST: Duration = Duration::from_secs(30);

/// Keeps a connection until it is aborted.
pub(super) async fn keep(shared: Arc<Shared>, connector: Connector, login: Arc<Rotating<Login>>) {
    shared.wanted.notified().await;
    let mut keeper = Keeper {
        connector,
        changes: login.subscribe(),
        renewals: Renewals::new(),
        login,
        quick: QUICK_TRIALS,
        reported: false,
        shared,
    };
    let mut driver = keeper.connect().await;
    loop {
        let begun = Instant::now();
        let replacement = keeper.hold(driver).await;
        if begun.elapsed() >= STOOD {
            keeper.quick = QUICK_TRIALS;
        }
        driver = match replacement {
            Some(driver) => driver,
            None => keeper.connect().await,
        };
    }
}

struct Keeper {
    shared: Arc<Shared>,
    connector: Connector,
    login: Arc<Rotating<Login>>,
    changes: watch::Receiver<Arc<Login>>,
    renewals: Renewals,
    quick: u32,
    /// Whether this outage was logged: an hour of it is not an hour of warnings.
    reported: bool,
}

impl Keeper {
    /// Tries until there is a connection.
    async fn connect(&mut self) -> JoinHandle<()> {
        loop {
            match self.trial().await {
                Ok(fresh) => return self.publish(fresh),
                Err(error) => self.note(&error),
            }
            if self.quick > 0 {
                self.quick -= 1;
                sleep(QUICK_PAUSE).await;
            } else {
                self.shared.failed(Moment::now());
                sleep(PAUSE).await;
            }
        }
    }

    async fn trial(&mut self) -> Result<Fresh, TrialError> {
        let login = self.changes.borrow_and_update().clone();
        let begun = Instant::now();
        let outcome = self.connector.connect(&login).await;
        if begun.elapsed() > QUICK_PAUSE * QUICK_TRIALS {
            // Silence as long as all the quick ones together.
            self.quick = 0;
        }
        if matches!(outcome, Err(TrialError::Login)) && self.renewals.due() {
            // A newer login is tried at once; a failure to get one is told by the secrets themselves.
            if let Ok(newer) = self.login.renew(&login).await
                && !Arc::ptr_eq(&newer, &login)
            {
                let newest = self.changes.borrow_and_update().clone();
                return self.connector.connect(&newest).await;
            }
        }
        outcome
    }

    fn publish(&mut self, fresh: Fresh) -> JoinHandle<()> {
        self.renewals = Renewals::new();
        self.reported = false;
        let number = self.shared.next_number();
        tracing::info!(connection = number, "the cache server is connected");
        let session = Session::new(number, fresh.identity, fresh.connection);
        self.shared.begin(session, fresh.driver.abort_handle());
        fresh.driver
    }

    fn note(&mut self, error: &TrialError) {
        counter!(names::REDIS_ERRORS).increment(1);
        if !self.reported {
            self.reported = true;
            tracing::warn!(cause = %error, "the cache server cannot be reached");
        }
    }

    /// Waits until the connection is gone. With a newer login a second connection is made first, and replaces it.
    async fn hold(&mut self, mut driver: JoinHandle<()>) -> Option<JoinHandle<()>> {
        let mut status = self.shared.status.subscribe();
        let number = status.borrow_and_update().session.as_ref()?.number();
        // No change of the login is missed: what came after the trial took it is still marked as changed.
        let mut retry = None;
        loop {
            select! {
                _ = &mut driver => {
                    self.shared.end(number, "closed by the server");
                    return None;
                }
                gone = status.wait_for(|status| status.session.is_none()) => {
                    drop(gone);
                    return None;
                }
                changed = self.changes.changed() => {
                    // The source of logins cannot end while this task holds it.
                    changed.ok()?;
                }
                () = sleep_until(retry.unwrap_or_else(tokio::time::Instant::now)), if retry.is_some() => {}
            }
            match self.trial().await {
                Ok(fresh) => return Some(self.publish(fresh)),
                Err(error) => {
                    self.note(&error);
                    retry = Some(tokio::time::Instant::now() + STOOD);
                }
            }
        }
    }
}

/// Limits how often a refused login has its secret read again.
struct Renewals {
    next: Option<Instant>,
    pause: Duration,
}

impl Renewals {
    const fn new() -> Self {
        Self {
            next: None,
            pause: RENEW_SHORTEST,
        }
    }

    fn due(&mut self) -> bool {
        let now = Instant::now();
        if self.next.is_some_and(|next| now < next) {
            return false;
        }
        self.next = Some(now + self.pause);
        self.pause = (self.pause * 2).min(RENEW_LONGEST);
        true
    }
}
