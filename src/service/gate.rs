//! Whether data requests may go to the store yet.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::timeout};

use super::{ServiceError, health::Health};
use crate::store::{Schema, StoreError};

/// What is known of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It was never reached.
    Starting,
    /// It was reached; its tables are not as this program needs them.
    NotMigrated,
    /// It was reached with its tables. Later outages are seen by the calls themselves.
    Open,
}

/// Holds data requests back until the store was first reached, and while its tables are missing.
#[derive(Debug, Clone)]
pub struct Gate {
    state: Arc<watch::Sender<State>>,
    patience: Duration,
}

impl Gate {
    /// Closed: somebody will report the first contact. Requests wait `patience` for it.
    #[must_use]
    pub fn closed(patience: Duration) -> Self {
        Self {
            state: Arc::new(watch::Sender::new(State::Starting)),
            patience,
        }
    }

    /// Open from the start: where nothing may be connected before the first request (Lambda).
    #[must_use]
    pub fn open() -> Self {
        Self {
            state: Arc::new(watch::Sender::new(State::Open)),
            patience: Duration::ZERO,
        }
    }

    /// Reports what a probe saw.
    pub fn reached(&self, schema: Schema) {
        let seen = match schema {
            Schema::Ready => State::Open,
            Schema::NotMigrated => State::NotMigrated,
        };
        self.state.send_if_modified(|state| {
            // Once open it stays open: a table that vanishes later is told by the statement that misses it.
            let changes = *state != State::Open && *state != seen;
            if changes {
                *state = seen;
            }
            changes
        });
    }

    /// Waits until the store may be asked.
    pub async fn pass(&self, health: &Health) -> Result<(), ServiceError> {
        let state = *self.state.borrow();
        match state {
            State::Open => Ok(()),
            State::Starting => self.first_contact().await,
            State::NotMigrated => match health.store().await.schema() {
                Some(Schema::Ready) => Ok(()),
                Some(Schema::NotMigrated) | None => Err(StoreError::NotMigrated.into()),
            },
        }
    }

    async fn first_contact(&self) -> Result<(), ServiceError> {
        let mut state = self.state.subscribe();
        let seen = timeout(
            self.patience,
            state.wait_for(|state| *state != State::Starting),
        )
        .await;
        match seen {
            Ok(Ok(state)) if *state == State::Open => Ok(()),
            Ok(Ok(_)) => Err(StoreError::NotMigrated.into()),
            Ok(Err(_)) | Err(_) => Err(ServiceError::Starting),
        }
    }
}
