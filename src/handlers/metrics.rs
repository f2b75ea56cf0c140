//! `/metrics`: Prometheus text.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode},
    response::Response,
};

use super::{AppState, error::ApiError, reply};
use crate::{service::PoolState, telemetry::names};

const EXPOSITION: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// `GET /metrics`
pub async fn metrics(State(state): State<AppState>) -> Result<Response, ApiError> {
    let Some(handle) = state.metrics.clone() else {
        return Err(ApiError::NoRoute);
    };
    state.totals.refresh(&state.health).await;
    publish(state.ledger.pool());
    Ok(reply::body(StatusCode::OK, EXPOSITION, handle.render()))
}

fn publish(pool: PoolState) {
    metrics::gauge!(names::DB_POOL, "state" => "idle").set(f64::from(pool.idle));
    metrics::gauge!(names::DB_POOL, "state" => "in_use").set(f64::from(pool.in_use));
}
