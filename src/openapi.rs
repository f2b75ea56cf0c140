//! The API's own description, generated from the handlers, and a page that shows it.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use utoipa::OpenApi;

use crate::handlers::{docs, health, old, reply, summary, transactions};

/// What every description begins with.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Expense API",
        description = "Records expenses. `/transaction` serves the clients of the old application, `/v1` new ones. \
                       Failures are problem documents (RFC 9457).",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        health::health, health::livez, health::readyz,
        old::list, old::create, old::delete_all, old::find, old::delete, old::find_by_path, old::delete_by_path,
        transactions::create, transactions::list, transactions::delete_range, transactions::find,
        transactions::replace, transactions::amend, transactions::delete,
        summary::summary
    ),
    components(
        responses(docs::ProblemReply),
        // What parameters and shared replies name: the derive gathers only what bodies name.
        schemas(docs::AmountParameter, docs::CursorParameter, docs::FieldFault, docs::OrderParameter)
    ),
    tags(
        (name = "v1", description = "For new clients"),
        (name = "old", description = "For the clients of the old application"),
        (name = "operations", description = "For probes")
    )
)]
struct Description;

/// The document, pretty-printed, with a newline at its end: what `docs/openapi.json` holds.
#[must_use]
pub fn document() -> String {
    let mut text = Description::openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// `GET /openapi.json`
pub async fn openapi() -> Response {
    static DOCUMENT: std::sync::LazyLock<String> = std::sync::LazyLock::new(document);
    cacheable(reply::body(StatusCode::OK, reply::JSON, DOCUMENT.as_str()))
}

/// `GET /docs`: needs nothing from another host, and is the same each time.
pub async fn docs() -> Response {
    const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
    let mut response = reply::body(StatusCode::OK, HTML, include_str!("openapi.html"));
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    cacheable(response)
}

/// What our own pages may do: their inline parts, and requests to where they came from.
pub const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'unsafe-inline' 'self'; style-src 'unsafe-inline' 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

fn cacheable(mut response: Response) -> Response {
    let caching = HeaderValue::from_static("public, max-age=300");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, caching);
    response
}
