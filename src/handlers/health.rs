//! Probes. They answer within a second whatever hangs, and are no problem documents: probes and the old page read them.

use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::json;

use super::{AppState, reply};
use crate::{
    cache,
    domain::Timestamp,
    service::{Schema, health::StoreHealth},
};

/// `GET /health`: every dependency, as measured.
#[utoipa::path(
    get, path = "/health", tag = "operations",
    responses(
        (status = 200, body = super::docs::HealthBody, description = "healthy, or degraded without the cache"),
        (status = 503, body = super::docs::HealthBody, description = "unhealthy: the store cannot be reached"),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn health(State(state): State<AppState>) -> Response {
    let (store, cache) = tokio::join!(state.health.store(), state.health.cache());
    let (status, word) = match (store, cache) {
        (StoreHealth::Disconnected, _) => (StatusCode::SERVICE_UNAVAILABLE, "unhealthy"),
        (StoreHealth::Connected(_), cache::Health::Disconnected) => (StatusCode::OK, "degraded"),
        (StoreHealth::Connected(_), _) => (StatusCode::OK, "healthy"),
    };
    let database = match store {
        StoreHealth::Connected(_) => "connected",
        StoreHealth::Disconnected => "disconnected",
    };
    let redis = match cache {
        cache::Health::Connected => "connected",
        cache::Health::Disconnected => "disconnected",
        cache::Health::Disabled => "disabled",
    };
    let timestamp = Timestamp::now().to_seconds_text();
    // Written by hand: the keys come in this order.
    let body = format!(
        "{{\"status\":\"{word}\",\"timestamp\":\"{timestamp}\",\"database\":\"{database}\",\"redis\":\"{redis}\"}}"
    );
    reply::body(status, reply::OLD_JSON, body)
}

/// `GET /livez`: the process only.
#[utoipa::path(
    get, path = "/livez", tag = "operations",
    responses(
        (status = 200, body = super::docs::Status),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn livez() -> Response {
    reply::body(StatusCode::OK, reply::JSON, "{\"status\":\"live\"}")
}

/// `GET /readyz`: whether requests should be sent here. The cache does not matter to it.
#[utoipa::path(
    get, path = "/readyz", tag = "operations",
    responses(
        (status = 200, body = super::docs::Status),
        (status = 503, body = super::docs::Unready),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn readyz(State(state): State<AppState>) -> Response {
    let mut missing = Vec::new();
    match state.health.store().await {
        StoreHealth::Disconnected => missing.push("store"),
        StoreHealth::Connected(Schema::NotMigrated) => missing.push("migrations"),
        StoreHealth::Connected(Schema::Ready) => {}
    }
    if state.lifecycle.draining() {
        missing.push("draining");
    }
    if missing.is_empty() {
        return reply::body(StatusCode::OK, reply::JSON, "{\"status\":\"ready\"}");
    }
    let body = format!("{{\"status\":\"unready\",\"missing\":{}}}", json!(missing));
    reply::body(StatusCode::SERVICE_UNAVAILABLE, reply::JSON, body)
}
