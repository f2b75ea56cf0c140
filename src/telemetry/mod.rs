//! What the service says of itself: log lines, metrics, traces. A leaf.
//!
//! A binary calls [`init`] once, before anything else that may speak, and keeps the guard until its end:
//!
//! ```no_run
//! # async fn run(config: expense_backend::config::Config) -> Result<(), Box<dyn std::error::Error>> {
//! use expense_backend::telemetry::{self, Role};
//!
//! let telemetry = telemetry::init(&config.log, Role::Server, config.otlp_endpoint.as_deref())?;
//! let metrics = telemetry.metrics(); // for `GET /metrics`
//! // … serve …
//! telemetry.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! `std::process::exit` runs no destructors: call [`Telemetry::shutdown`] before it, or the last lines are lost.
//!
//! Spans (`tracing::info_span!`, `debug_span!`) are exported where traces are on, whatever `LOG_LEVEL` says, and cost
//! nothing where they are off; log lines get their ids from [`context`].

pub mod context;
mod line;
pub(crate) mod log;
pub mod names;
mod panic_hook;
pub mod prometheus;
mod registration;
mod sink;

use std::{io::IsTerminal as _, time::Duration};

use metrics_exporter_prometheus::BuildError;
use tracing_subscriber::{Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

pub use prometheus::MetricsHandle;

use crate::config::{LogConfig, LogFormat};
use line::Shape;
use sink::Sink;

/// The most that the last lines may cost at the end.
const LAST_LINES: Duration = Duration::from_secs(1);

/// What kind of program speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The container server: lines never wait for their reader; metrics are scraped.
    Server,
    /// A command that ends by itself: lines are written at once; metrics lead nowhere.
    Command,
}

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter of `LOG_LEVEL` cannot be read.
    #[error("LOG_LEVEL: {0}")]
    Filter(String),
    /// Something was installed before.
    #[error("telemetry is already set up in this process")]
    Twice,
    /// The buckets of the histograms are refused.
    #[error("metrics: {0}")]
    Metrics(#[from] BuildError),
    /// A thread cannot be started.
    #[error("a thread for telemetry: {0}")]
    Thread(#[from] std::io::Error),
}

/// Keeps telemetry going; dropping it writes the last lines.
#[must_use = "dropping it ends the log"]
pub struct Telemetry {
    sink: Sink,
    metrics: Option<MetricsHandle>,
}

/// Sets up log lines, metrics and panics for the process. For binaries only.
pub fn init(
    log: &LogConfig,
    role: Role,
    _otlp_endpoint: Option<&str>,
) -> Result<Telemetry, TelemetryError> {
    let sink = match role {
        Role::Server => Sink::queued()?,
        Role::Command => Sink::Direct,
    };
    let lines = log::LineLayer {
        shape: shape(log.format),
        sink: sink.clone(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(log::filter(&log.filter)?))
        .try_init()
        .map_err(|_| TelemetryError::Twice)?;
    panic_hook::install();
    let metrics = match role {
        Role::Server => Some(prometheus::install()?),
        Role::Command => None,
    };
    Ok(Telemetry { sink, metrics })
}

impl Telemetry {
    /// What `/metrics` shows; a server has it.
    #[must_use]
    pub fn metrics(&self) -> Option<MetricsHandle> {
        self.metrics.clone()
    }

    /// Delivers what is left, within a few seconds.
    #[expect(clippy::unused_async, reason = "traces are delivered here")]
    pub async fn shutdown(self) {
        drop(self);
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        self.sink.flush(LAST_LINES);
    }
}

fn shape(format: LogFormat) -> Shape {
    match format {
        LogFormat::Json => Shape::Json,
        LogFormat::Pretty => Shape::Pretty,
        LogFormat::Auto if std::io::stdout().is_terminal() => Shape::Pretty,
        LogFormat::Auto => Shape::Json,
    }
}
