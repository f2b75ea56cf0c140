//! Secrets: a type that never shows its value, and credentials that change while the program runs.

mod login;
mod manager;

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use tokio::sync::{Mutex, watch};

pub use self::{login::Needs, manager::SecretsManager};

/// A value that prints as `[redacted]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    #[must_use]
    pub const fn new(value: String) -> Self {
        Self(value)
    }

    /// The value: for the one place that hands it to a server.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A login to a server, and where the secret says that server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user; Redis knows logins without one.
    pub username: Option<String>,
    /// The password or token.
    pub password: Option<Secret>,
    /// The host, where the secret names it.
    pub host: Option<String>,
    /// The port, where the secret names it.
    pub port: Option<u16>,
    /// The database, where the secret names it.
    pub database: Option<String>,
}

/// Why a secret could not be had or read. Never carries a value.
#[derive(Debug, Clone, thiserror::Error)]
#[error("secret {id}: {problem}")]
pub struct SecretError {
    /// The id or ARN that was asked for.
    pub id: String,
    /// What went wrong, in words.
    pub problem: String,
}

type Fetch<T> =
    Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<T, SecretError>> + Send>> + Send + Sync>;

/// A value that may change while the program runs: the present one, and a way to ask for a newer one.
pub struct Rotating<T> {
    present: watch::Sender<Arc<T>>,
    fetch: Option<Fetch<T>>,
    /// Held during a fetch: those who ask meanwhile get its result.
    fetching: Mutex<()>,
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Rotating<T> {
    /// A value that never changes.
    #[must_use]
    pub fn fixed(value: T) -> Self {
        Self {
            present: watch::Sender::new(Arc::new(value)),
            fetch: None,
            fetching: Mutex::new(()),
        }
    }

    /// `value`, and where newer ones come from.
    pub fn refreshed<F, R>(value: T, fetch: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<T, SecretError>> + Send + 'static,
    {
        Self {
            present: watch::Sender::new(Arc::new(value)),
            fetch: Some(Box::new(move || Box::pin(fetch()))),
            fetching: Mutex::new(()),
        }
    }

    /// The present value.
    #[must_use]
    pub fn current(&self) -> Arc<T> {
        self.present.borrow().clone()
    }

    /// Wakes whenever the value has changed.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Arc<T>> {
        self.present.subscribe()
    }

    /// Asks for a newer value than `refused`: one fetch for all who ask together.
    ///
    /// Returns the present value, which may still be `refused` where the source has no newer one.
    pub async fn renew(&self, refused: &Arc<T>) -> Result<Arc<T>, SecretError> {
        let Some(fetch) = &self.fetch else {
            return Ok(self.current());
        };
        let _alone = self.fetching.lock().await;
        let current = self.current();
        if !Arc::ptr_eq(&current, refused) {
            return Ok(current);
        }
        let fresh = fetch().await?;
        self.present.send_if_modified(|present| {
            let changed = **present != fresh;
            if changed {
                *present = Arc::new(fresh);
            }
            changed
        });
        Ok(self.current())
    }
}

impl<T> fmt::Debug for Rotating<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rotating")
            .field("refreshed", &self.fetch.is_some())
            .finish_non_exhaustive()
    }
}
