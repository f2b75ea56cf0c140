//! Successful replies, in the few shapes that there are.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use bytes::Bytes;

use crate::{cache::Ready, service::StoredReply};

/// What the old application's replies said.
pub const OLD_JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
/// JSON of the new routes.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// A row may be kept by the client, but asked for anew each time.
pub const ROW_CACHING: HeaderValue = HeaderValue::from_static("private, no-cache");

/// A body of `content_type` with a status.
pub fn body(status: StatusCode, content_type: HeaderValue, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}

/// 200 as the old application said it.
pub fn old(bytes: impl Into<Body>) -> Response {
    body(StatusCode::OK, OLD_JSON, bytes)
}

/// 200 of the new routes.
pub fn json(bytes: Bytes) -> Response {
    body(StatusCode::OK, JSON, bytes)
}

/// One row of `/v1`, with its entity tag.
pub fn row(ready: Ready) -> Response {
    let mut response = json(ready.body);
    tag(&mut response, ready.etag);
    response
}

/// 304: the client's copy is still right.
pub fn not_modified(etag: Option<Bytes>) -> Response {
    let mut response = empty(StatusCode::NOT_MODIFIED);
    tag(&mut response, etag);
    response
}

/// A status without a body.
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// The reply to an insert, first or again.
pub fn stored(reply: StoredReply, replayed: bool) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let content_type = HeaderValue::from_str(&reply.content_type).unwrap_or(JSON);
    let mut response = body(status, content_type, reply.body);
    if let Some(location) = reply
        .location
        .and_then(|text| HeaderValue::from_str(&text).ok())
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    tag(&mut response, reply.etag.map(Bytes::from));
    if replayed {
        let replayed = HeaderValue::from_static("true");
        response
            .headers_mut()
            .insert("idempotent-replayed", replayed);
    }
    response
}

fn tag(response: &mut Response, etag: Option<Bytes>) {
    if let Some(etag) = etag.and_then(|etag| HeaderValue::from_maybe_shared(etag).ok()) {
        let headers = response.headers_mut();
        headers.insert(header::ETAG, etag);
        headers.insert(header::CACHE_CONTROL, ROW_CACHING);
    }
}
