//! The container server: listeners, accept loop, limits of connections, stopping.
//!
//! `axum::serve` gives no way to time a silent connection or a slow head, so the loop is our own, on hyper's HTTP/1
//! connection. Knows nothing of routes: it is given a router, and tells it who the peer is.

mod accept;
mod activity;
mod bodies;
mod connection;
mod crowd;
mod door;
mod linger;
mod listeners;
mod open_files;
mod signals;
mod stream;

use std::time::Duration;

use axum::Router;
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep_until, timeout_at},
};
use tokio_util::task::TaskTracker;

use self::accept::Acceptor;
pub use self::{
    listeners::{BindError, Listeners},
    open_files::raise_open_files,
    signals::Signals,
};
use crate::{config::ServerConfig, service::lifecycle::Lifecycle};

/// How long a client may take no byte of a reply before it is cut off.
const WRITE_STALL: Duration = Duration::from_secs(30);

/// Scrapes are few; they must not wait behind the connections of clients, nor take their places.
const METRICS_CONNECTIONS: usize = 64;

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every request that had arrived was finished.
    Drained,
    /// The time was up: this many connections were cut off.
    CutOff(usize),
}

/// Times and numbers of connections.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long a connection may take to deliver a whole request head, from its start or its last reply.
    pub keep_alive: Duration,
    /// How long a client may take no byte of a reply.
    pub write_stall: Duration,
    /// Connections at once.
    pub max_connections: usize,
    /// How long to go on accepting after the stop.
    pub notice: Duration,
    /// From the stop to the end, the notice included.
    pub drain: Duration,
}

impl From<&ServerConfig> for Limits {
    fn from(config: &ServerConfig) -> Self {
        Self {
            keep_alive: config.keep_alive,
            write_stall: WRITE_STALL,
            max_connections: config.max_connections,
            notice: config.shutdown_notice,
            drain: config.drain_timeout,
        }
    }
}

/// What is served, and where.
pub struct Server {
    /// Where connections come from.
    pub listeners: Listeners,
    /// What answers on the main port.
    pub app: Router,
    /// What answers on the metrics port.
    pub metrics: Option<Router>,
    /// Told when the stop comes.
    pub lifecycle: Lifecycle,
    /// Times and numbers of connections.
    pub limits: Limits,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("listeners", &self.listeners)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Serves with the limits of `config` until `stop`, then stops as [`Server::run`] does.
pub async fn serve(
    listeners: Listeners,
    app: Router,
    metrics: Option<Router>,
    lifecycle: Lifecycle,
    config: &ServerConfig,
    stop: impl Future<Output = ()>,
) -> Outcome {
    let limits = Limits::from(config);
    let server = Server {
        listeners,
        app,
        metrics,
        lifecycle,
        limits,
    };
    server.run(stop).await
}

impl Server {
    /// Serves until `stop`; then, within the drain time:
    ///
    /// 1. for the length of the notice goes on accepting, unready, each reply saying `Connection: close`;
    /// 2. takes what waits at the door, closes it, and closes connections on which nothing has arrived;
    /// 3. finishes requests of which the head or a part of the body has arrived.
    ///
    /// The metrics listener goes on to the end, so that the last scrape sees the last requests.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Outcome {
        let (main, metrics) = self.listeners.into_parts();
        let accept = |listener, router, max_connections| {
            let limits = Limits {
                max_connections,
                ..self.limits
            };
            Acceptor::new(listener, router, self.lifecycle.clone(), &limits)
        };
        let metrics = metrics.zip(self.metrics).map(|(listener, router)| {
            let scrapes = accept(listener, router, METRICS_CONNECTIONS);
            tokio::spawn(scrapes.run(std::future::pending()))
        });
        let clients = accept(main, self.app, self.limits.max_connections);
        let connections = clients.connections();
        let (shut, shutting) = oneshot::channel::<()>();
        let accepting = tokio::spawn(clients.run(async {
            // Sent or dropped, it is over.
            let _over = shutting.await;
        }));

        stop.await;
        let stopped = Instant::now();
        self.lifecycle.drain();
        tracing::info!(
            notice_ms = millis(self.limits.notice),
            connections = connections.len(),
            "stopping: unready, and every reply closes its connection"
        );
        sleep_until(stopped + self.limits.notice).await;
        drop(shut);
        let outcome = drained(stopped + self.limits.drain, &connections, accepting).await;
        if let Some(metrics) = metrics {
            metrics.abort();
        }
        match outcome {
            Outcome::Drained => {
                tracing::info!(
                    took_ms = millis(stopped.elapsed()),
                    "every request is finished"
                );
            }
            Outcome::CutOff(connections) => {
                tracing::error!(connections, "the drain time is up: connections are cut off");
            }
        }
        outcome
    }
}

/// Waits for the door to close, then for the connections to end.
async fn drained(
    deadline: Instant,
    connections: &TaskTracker,
    accepting: JoinHandle<()>,
) -> Outcome {
    let all = async {
        // Until the accept loop is over there may be more connections to come.
        let _over = accepting.await;
        connections.wait().await;
    };
    match timeout_at(deadline, all).await {
        Ok(()) => Outcome::Drained,
        Err(_) => Outcome::CutOff(connections.len()),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
