//! The issuer's keys, kept at hand and read again when it is worth it.
//!
//! Whoever names an unknown key may have the keys read again, but all together no more often than [`Timing`] says:
//! a flood of made-up key ids is one reading each few seconds. Only requests that name an unknown key wait for one,
//! and only a few of them; known keys are served from memory meanwhile. Keys stay in use while the issuer is away.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use arc_swap::ArcSwapOption;
use reqwest::{StatusCode, header::ACCEPT, redirect::Policy};
use tokio::{
    fs::File,
    io::AsyncReadExt as _,
    sync::{Semaphore, watch},
};

pub use super::schedule::Timing;
use super::{
    jwk::{KeySet, KeySetError},
    schedule::{Cause, Schedule, Turn},
};
use crate::config::JwksSource;

/// Largest set that is read, in bytes.
pub const MAX_SET_LEN: usize = 256 * 1024;
/// Most requests that wait together for an unknown key: the others are refused at once, so that a flood of them
/// cannot hold all places of requests in flight.
pub const MAX_WAITING: usize = 64;

/// Why the keys could not be read. Names no address.
#[derive(Debug, thiserror::Error)]
pub enum JwksError {
    /// The address did not answer, or not in time.
    #[error("the issuer's keys cannot be reached: {0}")]
    Unreachable(String),
    /// It answered with something else than 200.
    #[error("the issuer's keys were answered with status {0}")]
    Status(StatusCode),
    /// The file cannot be read.
    #[error("the file of the issuer's keys cannot be read: {0}")]
    File(std::io::Error),
    /// There is more of it than [`MAX_SET_LEN`].
    #[error("the issuer's keys are larger than {MAX_SET_LEN} bytes")]
    TooLarge,
    /// It is no usable set.
    #[error("the issuer's keys: {0}")]
    Set(#[from] KeySetError),
    /// No client for https can be made here.
    #[error("no https client: {0}")]
    Client(String),
}

impl From<reqwest::Error> for JwksError {
    fn from(error: reqwest::Error) -> Self {
        // The cause says more than reqwest's own line, and the address may hold more than a host.
        let error = error.without_url();
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        Self::Unreachable(cause.unwrap_or_else(|| error.to_string()))
    }
}

/// The issuer's keys. Clones share them.
#[derive(Debug, Clone)]
pub struct Jwks(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    source: Source,
    timing: Timing,
    keys: ArcSwapOption<KeySet>,
    // A std mutex: never held across an await.
    schedule: Mutex<Schedule>,
    /// The number of the reading that ended last.
    ended: watch::Sender<u64>,
    waiting: Semaphore,
}

#[derive(Debug)]
enum Source {
    Address {
        client: reqwest::Client,
        url: String,
    },
    File(PathBuf),
}

impl Jwks {
    /// The keys at `source`, none of them read yet.
    pub fn new(source: &JwksSource) -> Result<Self, JwksError> {
        let timing = match source {
            JwksSource::Url(_) => Timing::ADDRESS,
            JwksSource::File(_) => Timing::FILE,
        };
        Self::with_timing(source, timing)
    }

    /// The same with other bounds of how often the keys are read.
    pub fn with_timing(source: &JwksSource, timing: Timing) -> Result<Self, JwksError> {
        let source = match source {
            JwksSource::Url(url) => Source::Address {
                client: https_client(url)?,
                url: url.clone(),
            },
            JwksSource::File(path) => Source::File(path.clone()),
        };
        Ok(Self(Arc::new(Shared {
            source,
            timing,
            keys: ArcSwapOption::empty(),
            schedule: Mutex::default(),
            ended: watch::Sender::new(0),
            waiting: Semaphore::new(MAX_WAITING),
        })))
    }

    /// Reads the keys before the first request needs them, and says why where they cannot be had. Later requests try
    /// again all the same.
    pub async fn preload(&self) -> Result<(), JwksError> {
        match self.0.turn(Cause::None) {
            Turn::Read(number) => Reading::new(&self.0, number).run().await,
            Turn::Join(_) | Turn::Leave => Ok(()),
        }
    }

    /// The keys at hand. Waits only while there never were any; old ones are read again beside the request.
    pub async fn current(&self) -> Option<Arc<KeySet>> {
        if let Some(keys) = self.0.keys.load_full() {
            self.begin(Cause::Use);
            return Some(keys);
        }
        let number = self.begin(Cause::None)?;
        self.0.ended(number).await;
        self.0.keys.load_full()
    }

    /// Keys that were read after `known`, for a token that none of those fits; `None`: there are none, or it is not
    /// time to look.
    pub async fn newer(&self, known: &Arc<KeySet>) -> Option<Arc<KeySet>> {
        let number = self.begin(Cause::Unknown)?;
        let _place = self.0.waiting.try_acquire().ok()?;
        self.0.ended(number).await;
        let keys = self.0.keys.load_full()?;
        (!Arc::ptr_eq(&keys, known)).then_some(keys)
    }

    /// Has the keys read if it is time: in a task of its own, so that a caller who hangs up cannot undo that it was
    /// begun. The number of the reading to wait for, if one runs.
    fn begin(&self, cause: Cause) -> Option<u64> {
        match self.0.turn(cause) {
            Turn::Read(number) => {
                let reading = Reading::new(&self.0, number);
                tokio::spawn(async move {
                    if let Err(error) = reading.run().await {
                        tracing::warn!(%error, "jwks_unavailable");
                    }
                });
                Some(number)
            }
            Turn::Join(number) => Some(number),
            Turn::Leave => None,
        }
    }
}

impl Shared {
    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, cause: Cause) -> Turn {
        self.schedule().turn(cause, &self.timing, Instant::now())
    }

    async fn ended(&self, number: u64) {
        // The sender lives as long as `self`: there is no error to see.
        let _ = self
            .ended
            .subscribe()
            .wait_for(|ended| *ended >= number)
            .await;
    }
}

/// A reading that was begun. However it ends, even before it could run, those who wait are woken and the next one may begin.
struct Reading {
    shared: Arc<Shared>,
    number: u64,
    success: bool,
}

impl Reading {
    fn new(shared: &Arc<Shared>, number: u64) -> Self {
        Self {
            shared: Arc::clone(shared),
            number,
            success: false,
        }
    }

    async fn run(mut self) -> Result<(), JwksError> {
        let timeout = self.shared.timing.timeout;
        let json = tokio::time::timeout(timeout, self.shared.source.load())
            .await
            .map_err(|_| JwksError::Unreachable(format!("nothing within {timeout:?}")))??;
        let keys = KeySet::parse(&json)?;
        self.shared.keys.store(Some(Arc::new(keys)));
        self.success = true;
        Ok(())
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.shared.schedule().ended(self.success, Instant::now());
        self.shared.ended.send_replace(self.number);
    }
}

impl Source {
    async fn load(&self) -> Result<Vec<u8>, JwksError> {
        match self {
            Self::Address { client, url } => fetch(client, url).await,
            Self::File(path) => {
                let file = File::open(path).await.map_err(JwksError::File)?;
                let mut json = Vec::new();
                let limit = MAX_SET_LEN as u64 + 1;
                file.take(limit)
                    .read_to_end(&mut json)
                    .await
                    .map_err(JwksError::File)?;
                within_limit(json)
            }
        }
    }
}

async fn fetch(client: &reqwest::Client, url: &str) -> Result<Vec<u8>, JwksError> {
    let mut response = client
        .get(url)
        .header(ACCEPT, "application/json")
        .send()
        .await?;
    if response.status() != StatusCode::OK {
        return Err(JwksError::Status(response.status()));
    }
    let mut json = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        json.extend_from_slice(&chunk);
        json = within_limit(json)?;
    }
    Ok(json)
}

fn within_limit(json: Vec<u8>) -> Result<Vec<u8>, JwksError> {
    if json.len() > MAX_SET_LEN {
        return Err(JwksError::TooLarge);
    }
    Ok(json)
}

fn https_client(url: &str) -> Result<reqwest::Client, JwksError> {
    reqwest::Client::builder()
        // Plain http is for a loopback address, which the configuration has looked at.
        .https_only(url.starts_with("https:"))
        // A redirect could lead to an address that nobody vouched for.
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .map_err(|error| JwksError::Client(error.to_string()))
}
