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

mod collector;
pub mod context;
mod emf;
mod line;
pub(crate) mod log;
pub mod names;
pub mod otlp;
mod panic_hook;
pub mod prometheus;
mod registration;
mod sink;

use std::{
    io::IsTerminal as _,
    time::{Duration, SystemTime},
};

use metrics_exporter_prometheus::BuildError;
use tracing_subscriber::{Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

pub use prometheus::MetricsHandle;

use crate::config::{Environment, LogConfig, LogFormat};
use collector::Traces;
use emf::Emf;
use line::Shape;
use sink::Sink;

/// The most that the last spans may cost at the end.
pub const LAST_TRACES: Duration = Duration::from_secs(2);
/// The most that the last lines may cost at the end.
pub const LAST_LINES: Duration = Duration::from_secs(1);

/// What kind of program speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The container server: lines never wait for their reader; metrics are scraped.
    Server,
    /// A command that ends by itself: lines are written at once; metrics lead nowhere.
    Command,
    /// The Lambda handler: lines are written at once, metrics by [`Telemetry::flush`].
    Lambda(Environment),
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
    /// The exporter of traces cannot be made.
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT: {0}")]
    Traces(String),
    /// A thread cannot be started.
    #[error("a thread for telemetry: {0}")]
    Thread(#[from] std::io::Error),
}

/// Keeps telemetry going; dropping it writes the last lines.
#[must_use = "dropping it ends the log"]
pub struct Telemetry {
    sink: Sink,
    metrics: Metrics,
    traces: Option<Traces>,
}

/// Where metrics lead.
enum Metrics {
    /// Nowhere.
    Off,
    /// To whoever scrapes.
    Scraped(MetricsHandle),
    /// Into the log.
    Embedded(Emf),
}

/// Sets up log lines, metrics and panics for the process. For binaries only.
pub fn init(
    log: &LogConfig,
    role: Role,
    otlp_endpoint: Option<&str>,
) -> Result<Telemetry, TelemetryError> {
    let sink = match role {
        Role::Server => Sink::queued()?,
        Role::Command | Role::Lambda(_) => Sink::Direct,
    };
    let lines = log::LineLayer {
        shape: shape(log.format),
        sink: sink.clone(),
    };
    let subscriber =
        tracing_subscriber::registry().with(lines.with_filter(log::filter(&log.filter)?));
    let traces = otlp_endpoint.map(Traces::start).transpose()?;
    // Two ways to the same call: a layer that is there but off would still be asked about every event.
    match &traces {
        Some(traces) => subscriber.with(traces.layer()).try_init(),
        None => subscriber.try_init(),
    }
    .map_err(|_| TelemetryError::Twice)?;
    panic_hook::install();
    let metrics = match role {
        Role::Command => Metrics::Off,
        Role::Server => Metrics::Scraped(prometheus::install()?),
        Role::Lambda(environment) => {
            let emf = Emf::new(word(environment));
            metrics::set_global_recorder(emf.clone()).map_err(|_| TelemetryError::Twice)?;
            Metrics::Embedded(emf)
        }
    };
    Ok(Telemetry {
        sink,
        metrics,
        traces,
    })
}

impl Telemetry {
    /// What `/metrics` shows; a server has it.
    #[must_use]
    pub fn metrics(&self) -> Option<MetricsHandle> {
        match &self.metrics {
            Metrics::Scraped(handle) => Some(handle.clone()),
            Metrics::Off | Metrics::Embedded(_) => None,
        }
    }

    /// Delivers what has gathered so far. The Lambda handler calls it when an invocation ends, after which nothing
    /// runs until the next one: metrics are printed, traces sent.
    pub async fn flush(&self) {
        if let Metrics::Embedded(emf) = &self.metrics {
            let lines = emf.lines(SystemTime::now());
            if !lines.is_empty() {
                self.sink.write(&lines);
            }
        }
        if let Some(traces) = &self.traces {
            traces.flush().await;
        }
        self.sink.flush(LAST_LINES);
    }

    /// Delivers what is left, within [`LAST_TRACES`] and [`LAST_LINES`].
    pub async fn shutdown(self) {
        if let Some(traces) = &self.traces {
            traces.shutdown(LAST_TRACES).await;
        }
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

/// The environment's name, as `ENVIRONMENT` spells it.
const fn word(environment: Environment) -> &'static str {
    match environment {
        Environment::Development => "development",
        Environment::Staging => "staging",
        Environment::Production => "production",
    }
}
