//! The page at `/`: one file that needs nothing from another host, and the API below the place it came from.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use crate::{handlers::reply, openapi::PAGE_POLICY};

/// `GET /`
pub async fn page() -> Response {
    const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
    let mut response = reply::body(StatusCode::OK, HTML, include_str!("page.html"));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
