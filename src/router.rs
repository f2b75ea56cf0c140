//! The table of routes, then the order of the layers and why.

mod layers;

use std::sync::Arc;

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::StatusCode,
    middleware::from_fn_with_state,
    routing::{MethodRouter, get},
};

pub use layers::Edge;

use crate::{
    handlers::{AppState, error::ApiError, health, metrics, old, summary, transactions},
    middleware::base_path::BasePath,
    openapi, ui,
};

/// A route: its template and every method that it takes.
struct Route {
    template: &'static str,
    allow: &'static str,
    methods: fn() -> MethodRouter<AppState>,
}

const READ: &str = "GET, HEAD, OPTIONS";

/// Every route but the two that are a choice: `/metrics` and the page.
const ROUTES: &[Route] = &[
    Route {
        template: "/health",
        allow: READ,
        methods: || get(health::health),
    },
    Route {
        template: "/livez",
        allow: READ,
        methods: || get(health::livez),
    },
    Route {
        template: "/readyz",
        allow: READ,
        methods: || get(health::readyz),
    },
    Route {
        template: "/transaction",
        allow: "GET, HEAD, POST, DELETE, OPTIONS",
        methods: || get(old::list).post(old::create).delete(old::delete_all),
    },
    Route {
        template: "/transaction/id",
        allow: "GET, HEAD, DELETE, OPTIONS",
        methods: || get(old::find).delete(old::delete),
    },
    Route {
        template: "/transaction/{id}",
        allow: "GET, HEAD, DELETE, OPTIONS",
        methods: || get(old::find_by_path).delete(old::delete_by_path),
    },
    Route {
        template: "/v1/transactions",
        allow: "GET, HEAD, POST, DELETE, OPTIONS",
        methods: || {
            get(transactions::list)
                .post(transactions::create)
                .delete(transactions::delete_range)
        },
    },
    Route {
        template: "/v1/transactions/{id}",
        allow: "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
        methods: || {
            get(transactions::find)
                .put(transactions::replace)
                .patch(transactions::amend)
                .delete(transactions::delete)
        },
    },
    Route {
        template: "/v1/summary",
        allow: READ,
        methods: || get(summary::summary),
    },
    Route {
        template: "/openapi.json",
        allow: READ,
        methods: || get(openapi::openapi),
    },
    Route {
        template: "/docs",
        allow: READ,
        methods: || get(openapi::docs),
    },
];

const METRICS: Route = Route {
    template: "/metrics",
    allow: READ,
    methods: || get(metrics::metrics),
};

const PAGE: Route = Route {
    template: "/",
    allow: READ,
    methods: || get(ui::page),
};

/// Every template that a request can match: what the metrics are prepared for.
#[must_use]
pub fn templates() -> Vec<&'static str> {
    let chosen = [METRICS.template, PAGE.template];
    ROUTES
        .iter()
        .map(|route| route.template)
        .chain(chosen)
        .collect()
}

/// Which of the chosen routes the main router has, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    /// `/metrics` on the main port.
    pub metrics: bool,
    /// The page at `/`.
    pub page: bool,
    /// `API_BASE_PATH`
    pub base_path: &'a str,
}

/// The whole API behind its layers.
pub fn build(state: AppState, edge: Arc<Edge>, shape: Shape<'_>) -> Router {
    let mut routes = Router::new();
    for route in ROUTES {
        routes = routes.route(route.template, methods(route));
    }
    if shape.metrics {
        routes = routes.route(METRICS.template, methods(&METRICS));
    }
    if shape.page {
        routes = routes.route(PAGE.template, methods(&PAGE));
    }
    let routes = routes
        .fallback(async || ApiError::NoRoute)
        .with_state(state)
        .layer(from_fn_with_state(edge, layers::layers));
    if shape.base_path.is_empty() {
        return routes;
    }
    Router::new().fallback_service(BasePath::new(shape.base_path, routes))
}

/// `/metrics` alone: the router of the second port.
pub fn metrics_only(state: AppState, edge: Arc<Edge>) -> Router {
    Router::new()
        .route(METRICS.template, methods(&METRICS))
        .fallback(async || ApiError::NoRoute)
        .with_state(state)
        .layer(from_fn_with_state(edge, layers::metrics_layers))
}

fn methods(route: &Route) -> MethodRouter<AppState> {
    let allow = route.allow;
    // OPTIONS is answered by the layers; as a method of its own here, so that axum adds no `Allow` of its own to it.
    let routes = (route.methods)().options(async || StatusCode::NO_CONTENT);
    routes.fallback(async move || ApiError::MethodNotAllowed(allow))
}

fn allow_of(template: Option<&str>) -> Option<&'static str> {
    let mut all = ROUTES.iter().chain([&METRICS, &PAGE]);
    all.find(|route| Some(route.template) == template)
        .map(|route| route.allow)
}

fn matched(request: &Request) -> Option<&'static str> {
    let path = request.extensions().get::<MatchedPath>()?.as_str();
    let mut all = ROUTES.iter().chain([&METRICS, &PAGE]);
    all.find(|route| route.template == path)
        .map(|route| route.template)
}
