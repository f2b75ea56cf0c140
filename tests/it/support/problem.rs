//! Replies that say what went wrong.

use super::http::Reply;

/// Words that no reply may hold: products, drivers, statements, source paths.
const FORBIDDEN: &[&str] = &[
    "mysql",
    "mariadb",
    "sqlite",
    "redis",
    "valkey",
    "sqlx",
    "hyper",
    "axum",
    "serde",
    "127.0.0.1",
    "localhost",
    "select ",
    "insert ",
    ".rs",
    "src/",
    "panicked",
];

/// A problem document as the contract draws it, with exactly these fields at fault (in any order).
#[track_caller]
pub(crate) fn check(reply: &Reply, status: u16, code: &str, fields: &[&str]) {
    let text = reply.text();
    assert_eq!(reply.status, status, "{text}");
    assert_eq!(
        reply.header("content-type"),
        Some("application/problem+json"),
        "{reply:?}"
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"), "{reply:?}");
    let body = reply.json();
    assert_eq!(body["error"], code, "{text}");
    assert_eq!(body["type"], "about:blank", "{text}");
    assert_eq!(body["title"], phrase(status), "{text}");
    assert_eq!(body["status"], status, "{text}");
    assert_eq!(body["message"], body["detail"], "{text}");
    assert!(
        body["detail"]
            .as_str()
            .is_some_and(|detail| !detail.is_empty()),
        "{text}"
    );
    let correlation = reply.header("x-correlation-id");
    assert!(correlation.is_some_and(|id| !id.is_empty()), "{reply:?}");
    assert_eq!(body["correlation_id"].as_str(), correlation, "{text}");
    check_fields(&body, fields);
    let lower = text.to_lowercase();
    for word in FORBIDDEN {
        assert!(!lower.contains(word), "{word:?} in {text}");
    }
    let retried = matches!(status, 429 | 503);
    if retried {
        let seconds: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!(seconds >= 1, "{reply:?}");
    }
}

#[track_caller]
fn check_fields(body: &serde_json::Value, fields: &[&str]) {
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    for error in &errors {
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{body}"
        );
    }
    let mut named: Vec<_> = errors
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    let mut wanted = fields.to_vec();
    named.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(named, wanted, "{body}");
}

fn phrase(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        other => panic!("{other} is no status of a problem"),
    }
}
