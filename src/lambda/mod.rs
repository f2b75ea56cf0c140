//! The Lambda entrance: event to request, reply to event, commands by direct invocation.
//!
//! Replies are buffered, not streamed: an HTTP API cannot pass a stream on, and only a whole reply can still become a
//! clear problem where it turns out too large to be carried.

mod admin;
mod event;
mod legible;

use std::{convert::Infallible, sync::Arc};

use axum::Router;
use lambda_http::{Adapter, Body, Request, Response, service_fn};
use tower_service::Service as _;

use self::legible::Legible;
use crate::{
    app::{self, App},
    cli::Exit,
    config::{Config, Entrance, LambdaKind},
    telemetry::{self, Role, Telemetry},
};

/// Runs the function until its sandbox is ended.
#[must_use]
#[expect(clippy::print_stderr, reason = "there is no log yet")]
pub fn run() -> Exit {
    let config = match Config::from_env(Entrance::Lambda) {
        Ok(config) => config,
        Err(faults) => {
            eprintln!("expense-backend-lambda: {faults}");
            return Exit::Usage;
        }
    };
    // One invocation at a time: a second thread would cost init time and memory, and have nothing to do.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(Box::pin(start(&config))),
        Err(error) => {
            eprintln!("expense-backend-lambda: {error}");
            Exit::Internal
        }
    }
}

async fn start(config: &Config) -> Exit {
    let role = Role::Lambda(config.environment);
    let telemetry = match telemetry::init(&config.log, role, config.otlp_endpoint.as_deref()) {
        Ok(telemetry) => telemetry,
        Err(error) => {
            tracing::error!(%error, "telemetry cannot be set up");
            return Exit::Usage;
        }
    };
    let ended = match config.lambda_kind {
        LambdaKind::Admin => admin::serve(config, &telemetry).await,
        LambdaKind::Api => match Box::pin(app::build(config, Entrance::Lambda, None)).await {
            Ok(app) => serve(app, Arc::new(telemetry)).await,
            Err(error) => {
                tracing::error!(%error, "cannot start");
                return Exit::from(&error);
            }
        },
    };
    match ended {
        Ok(()) => Exit::Done,
        Err(error) => {
            tracing::error!(%error, "the runtime ended");
            Exit::Internal
        }
    }
}

/// HTTP events, one at a time.
async fn serve(app: App, telemetry: Arc<Telemetry>) -> Result<(), lambda_http::Error> {
    let router = app.router.clone();
    let app = Arc::new(app);
    let handle = move |event: Request| {
        let (app, telemetry, router) = (app.clone(), telemetry.clone(), router.clone());
        async move {
            app.refresh_by_age().await;
            let response = answer(router, event).await;
            // After the reply nothing runs until the next invocation: what has gathered leaves now.
            telemetry.flush().await;
            Ok::<_, Infallible>(response)
        }
    };
    // What `lambda_http::run` does, with events made legible before they are read.
    let reader = Adapter::from(service_fn(handle));
    lambda_runtime::run(Legible(reader)).await
}

async fn answer(mut router: Router, event: Request) -> Response<Body> {
    let request = event::to_request(event);
    let response = match router.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    event::to_reply(response).await
}
