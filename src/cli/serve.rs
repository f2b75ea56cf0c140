//! `expense-backend serve`

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use tokio::{task::JoinHandle, time::timeout};

use super::{Exit, report};
use crate::{
    app::{self, App, StartError},
    config::{Config, Entrance},
    server::{self, Listeners, Outcome, Signals},
    telemetry::Telemetry,
};

/// For connections to the store to be closed in where requests took all of the drain time.
const LEAST_CLOSING: Duration = Duration::from_millis(250);

pub(super) async fn run(config: &Config, telemetry: Telemetry) -> Exit {
    let signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => {
            tracing::error!(%error, "signals cannot be listened to");
            return Exit::Internal;
        }
    };
    let listeners = match Listeners::bind(&config.server) {
        Ok(listeners) => listeners,
        Err(error) => {
            tracing::error!(%error, "cannot start");
            return Exit::from(&error);
        }
    };
    announce(config, &listeners);
    let exit = tokio::select! {
        exit = serve(config, &telemetry, listeners, &signals) => exit,
        () = signals.nth(2) => {
            tracing::error!("asked to stop a second time: ending at once");
            return Exit::Internal;
        }
    };
    telemetry.shutdown().await;
    exit
}

/// The first line: where the service listens, and what about it is unsafe.
fn announce(config: &Config, listeners: &Listeners) {
    let address = listeners.address().map(|address| address.to_string());
    let metrics = listeners.metrics_address().ok().flatten();
    let open_files = server::raise_open_files();
    tracing::info!(
        address = address.unwrap_or_default(),
        metrics_address = metrics.map(|address| address.to_string()),
        unsafe_choices = config.risks().join("; "),
        version = env!("CARGO_PKG_VERSION"),
        open_files = open_files.as_ref().ok().copied().flatten(),
        "listening"
    );
    if let Err(error) = open_files {
        tracing::warn!(%error, "the limit on open files cannot be raised");
    }
}

async fn serve(
    config: &Config,
    telemetry: &Telemetry,
    listeners: Listeners,
    signals: &Signals,
) -> Exit {
    let app = tokio::select! {
        app = app::build(config, Entrance::Server, telemetry.metrics()) => match app {
            Ok(app) => app,
            Err(error) => return report(&error),
        },
        () = signals.nth(1) => return Exit::Done,
    };
    app.start();
    let mut reached = reach(&app, config);
    let stopped = Cell::new(None);
    let serving = server::serve(
        listeners,
        app.router.clone(),
        app.metrics_router.clone(),
        app.lifecycle.clone(),
        &config.server,
        async {
            signals.nth(1).await;
            stopped.set(Some(Instant::now()));
        },
    );
    let outcome = tokio::select! {
        outcome = serving => outcome,
        Err(error) = unreached(&mut reached) => return report(&error),
    };
    reached.abort();
    let took = stopped.get().map_or(Duration::ZERO, |at| at.elapsed());
    let left = config.server.drain_timeout.saturating_sub(took);
    let closed = timeout(left.max(LEAST_CLOSING), app.close()).await;
    match (outcome, closed) {
        (Outcome::Drained, Ok(())) => Exit::Done,
        (Outcome::Drained, Err(_)) => {
            tracing::error!("writes or connections were not finished in time and are cut off");
            Exit::Internal
        }
        (Outcome::CutOff(_), _) => Exit::Internal,
    }
}

/// Reaches the store, and migrates it where that is wanted, while requests already wait at the gate.
fn reach(app: &App, config: &Config) -> JoinHandle<Result<(), StartError>> {
    let first = app.first_contact();
    let config = config.clone();
    tokio::spawn(async move {
        if config.migrate_on_start {
            let done = app::migrate(&config).await?;
            if !done.run.is_empty() {
                tracing::info!(migrations = done.run.join(", "), "migrated");
            }
        }
        first.reach(config.startup_timeout).await.map(drop)
    })
}

/// Resolves with the failure; never where the store was reached.
async fn unreached(reached: &mut JoinHandle<Result<(), StartError>>) -> Result<(), StartError> {
    match reached.await {
        Ok(Err(error)) => Err(error),
        Ok(Ok(())) => std::future::pending().await,
        Err(lost) => Err(StartError::Internal(lost.to_string())),
    }
}
