//! Decode, one call of the service, encode. Never imports the store.

pub mod create;
pub mod docs;
pub mod error;
pub mod extract;
pub mod health;
pub mod metrics;
pub mod old;
pub mod reply;
pub mod summary;
pub mod transactions;

use std::{convert::Infallible, sync::Arc};

use axum::{extract::FromRequestParts, http::request::Parts};

use crate::{
    auth::Caller,
    config::Rules,
    middleware::base_path,
    service::{Ledger, health::Health, lifecycle::Lifecycle, totals::TableTotals},
    telemetry::MetricsHandle,
};

/// What handlers need.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The rules.
    pub ledger: Ledger,
    /// What is known of the dependencies.
    pub health: Arc<Health>,
    /// The table's totals as gauges.
    pub totals: Arc<TableTotals>,
    /// Whether the process is on its way out.
    pub lifecycle: Lifecycle,
    /// Rules of the API that are a choice.
    pub rules: Rules,
    /// `BODY_LIMIT_BYTES`
    pub body_limit: usize,
    /// Where metrics are read from, on a server.
    pub metrics: Option<MetricsHandle>,
}

/// The path below which the request came, such as `/api`: what `Location` and `Link` begin with.
#[derive(Debug, Clone, Default)]
pub struct Prefix(Option<base_path::Prefix>);

impl Prefix {
    /// The prefix; empty where there was none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_ref().map_or("", |prefix| &prefix.0)
    }
}

impl<S: Sync> FromRequestParts<S> for Prefix {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get().cloned()))
    }
}

/// Put there by the outermost layer; without it nobody in particular calls, who may nothing.
impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let caller = parts.extensions.get::<Self>().cloned();
        Ok(caller.unwrap_or(Self {
            subject: None,
            scopes: Vec::new(),
        }))
    }
}
