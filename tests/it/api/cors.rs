//! Calls from pages of other origins.

use std::collections::BTreeSet;

use crate::support::{
    backend::Backend,
    http::{Reply, Request},
    problem,
};

const ORIGIN: &str = "https://expenses.example.com";
const EXPOSED: &[&str] = &[
    "location",
    "link",
    "etag",
    "retry-after",
    "x-correlation-id",
    "idempotent-replayed",
    "ratelimit",
    "ratelimit-policy",
];

fn words(reply: &Reply, header: &str) -> BTreeSet<String> {
    reply
        .all(header)
        .iter()
        .flat_map(|value| value.split(','))
        .map(|word| word.trim().to_ascii_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

fn preflight(target: &str, headers: Option<&str>) -> Request {
    let request = Request::new("OPTIONS", target)
        .header("Origin", ORIGIN)
        .header("Access-Control-Request-Method", "POST");
    match headers {
        Some(headers) => request.header("Access-Control-Request-Headers", headers),
        None => request,
    }
}

#[test]
fn a_preflight_is_answered_as_the_old_application_did() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    for target in ["/transaction", "/v1/transactions/1", "/health"] {
        let reply = server.send(&preflight(target, Some("content-type, X-API-Key")));
        assert_eq!((reply.status, reply.body.len()), (204, 0), "{target}");
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        assert_eq!(
            reply.header("access-control-allow-methods"),
            Some("GET,HEAD,PUT,PATCH,POST,DELETE")
        );
        assert_eq!(
            reply.header("access-control-allow-headers"),
            Some("content-type, X-API-Key")
        );
        assert!(words(&reply, "vary").contains("access-control-request-headers"));
    }
    let bare = server.send(&preflight("/transaction", None));
    assert_eq!(bare.status, 204);
    assert_eq!(bare.header("access-control-allow-headers"), None);
}

#[test]
fn every_reply_may_be_read_from_everywhere() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    for (target, status) in [
        ("/transaction", 200),
        ("/v1/transactions", 200),
        ("/v1/transactions/9", 404),
        ("/transaction?limit=0", 422),
        ("/nothing", 404),
        ("/livez", 200),
    ] {
        let reply = server.send(&Request::new("GET", target).header("Origin", ORIGIN));
        assert_eq!(reply.status, status, "{target}");
        assert_eq!(
            reply.header("access-control-allow-origin"),
            Some("*"),
            "{target}"
        );
        let exposed = words(&reply, "access-control-expose-headers");
        for name in EXPOSED {
            assert!(
                exposed.contains(*name),
                "{target}: {name} is missing in {exposed:?}"
            );
        }
        assert_eq!(reply.header("access-control-allow-credentials"), None);
    }
}

#[test]
fn a_listed_origin_is_compared_whole_and_mirrored() {
    let backend = Backend::sqlite();
    let listed = "https://a.example.com,https://b.example.com:8443";
    let server = backend.serve_with(&[("CORS_ALLOWED_ORIGINS", listed)]);
    for origin in ["https://a.example.com", "https://b.example.com:8443"] {
        for target in ["/transaction", "/nothing"] {
            let reply = server.send(&Request::new("GET", target).header("Origin", origin));
            assert_eq!(reply.header("access-control-allow-origin"), Some(origin));
            assert!(words(&reply, "vary").contains("origin"));
        }
        let mut request = preflight("/transaction", Some("content-type"));
        request.headers[0].1 = origin.to_owned();
        let reply = server.send(&request);
        assert_eq!(reply.status, 204);
        assert_eq!(reply.header("access-control-allow-origin"), Some(origin));
        assert!(words(&reply, "vary").contains("origin"));
    }
    for origin in [
        "https://a.example.com.evil.example",
        "https://evil-a.example.com",
        "http://a.example.com",
        "https://a.example.com:443",
        "https://b.example.com",
        "null",
        "*",
    ] {
        let reply = server.send(&Request::new("GET", "/transaction").header("Origin", origin));
        assert_eq!(reply.status, 200, "{origin}");
        assert_eq!(
            reply.header("access-control-allow-origin"),
            None,
            "{origin}"
        );
        // A cache between must not give this reply to a listed origin.
        assert!(words(&reply, "vary").contains("origin"), "{origin}");
    }
    let none = server.get("/transaction");
    assert!(words(&none, "vary").contains("origin"));
}

#[test]
fn options_without_an_origin_tells_the_methods() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    for (target, allow) in [
        (
            "/transaction",
            &["get", "head", "post", "delete", "options"][..],
        ),
        ("/transaction/id", &["get", "head", "delete", "options"]),
        ("/transaction/1", &["get", "head", "delete", "options"]),
        (
            "/v1/transactions",
            &["get", "head", "post", "delete", "options"],
        ),
        (
            "/v1/transactions/1",
            &["get", "head", "put", "patch", "delete", "options"],
        ),
        ("/v1/summary", &["get", "head", "options"]),
        ("/health", &["get", "head", "options"]),
        ("/openapi.json", &["get", "head", "options"]),
    ] {
        let reply = server.send(&Request::new("OPTIONS", target));
        assert_eq!((reply.status, reply.body.len()), (204, 0), "{target}");
        let wanted: BTreeSet<_> = allow.iter().map(ToString::to_string).collect();
        assert_eq!(words(&reply, "allow"), wanted, "{target}");
    }
    problem::check(
        &server.send(&Request::new("OPTIONS", "/nothing")),
        404,
        "no_route",
        &[],
    );
}
