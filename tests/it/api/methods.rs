//! HEAD, and methods that a route does not have.

use std::collections::BTreeSet;

use crate::support::{backend::Backend, http::Request, json, problem};

#[test]
fn head_is_get_without_the_body() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    server.post("/v1/transactions", json::transaction("1", "a"));
    for target in [
        "/transaction",
        "/transaction?limit=1",
        "/transaction/1",
        "/transaction/id?id=1",
        "/v1/transactions",
        "/v1/transactions/1",
        "/v1/transactions/9",
        "/v1/summary?by=day",
        "/livez",
        "/readyz",
        "/openapi.json",
        "/docs",
        "/nothing",
    ] {
        let get = server.get(target);
        // One connection: a body that came all the same would be read as the next reply.
        let mut connection = server.connect();
        let head = connection.send(&Request::new("HEAD", target)).unwrap();
        assert_eq!(head.status, get.status, "{target}");
        for name in ["content-type", "etag", "link", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{target} {name}");
        }
        if let Some(length) = head.header("content-length") {
            assert_eq!(Some(length), get.header("content-length"), "{target}");
        }
        let next = connection.send(&Request::new("GET", "/livez")).unwrap();
        assert_eq!(next.status, 200, "{target}");
    }
}

#[test]
fn a_method_that_a_route_does_not_have_is_405_with_a_complete_allow() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            "/transaction",
            &["PUT", "PATCH"],
            &["GET", "HEAD", "POST", "DELETE", "OPTIONS"],
        ),
        (
            "/transaction/id",
            &["POST", "PUT", "PATCH"],
            &["GET", "HEAD", "DELETE", "OPTIONS"],
        ),
        (
            "/transaction/7",
            &["POST", "PUT"],
            &["GET", "HEAD", "DELETE", "OPTIONS"],
        ),
        (
            "/v1/transactions",
            &["PUT", "PATCH"],
            &["GET", "HEAD", "POST", "DELETE", "OPTIONS"],
        ),
        (
            "/v1/transactions/7",
            &["POST"],
            &["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"],
        ),
        (
            "/v1/summary",
            &["POST", "DELETE"],
            &["GET", "HEAD", "OPTIONS"],
        ),
        ("/health", &["POST"], &["GET", "HEAD", "OPTIONS"]),
        ("/livez", &["DELETE"], &["GET", "HEAD", "OPTIONS"]),
        ("/readyz", &["PUT"], &["GET", "HEAD", "OPTIONS"]),
        ("/metrics", &["POST"], &["GET", "HEAD", "OPTIONS"]),
        ("/openapi.json", &["POST"], &["GET", "HEAD", "OPTIONS"]),
        ("/docs", &["POST"], &["GET", "HEAD", "OPTIONS"]),
        ("/", &["POST"], &["GET", "HEAD", "OPTIONS"]),
    ];
    for (target, methods, allow) in cases {
        for method in methods.iter().chain(&["BREW", "TRACE", "PROPFIND"]) {
            let reply = server.send(&Request::new(method, target));
            assert_eq!(reply.status, 405, "{method} {target}: {}", reply.text());
            problem::check(&reply, 405, "method_not_allowed", &[]);
            let allowed: BTreeSet<_> = reply
                .header("allow")
                .unwrap()
                .split(',')
                .map(str::trim)
                .collect();
            assert_eq!(
                allowed,
                allow.iter().copied().collect(),
                "{method} {target}"
            );
        }
    }
}

#[test]
fn a_method_on_no_route_is_404() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    for method in ["GET", "POST", "PUT", "DELETE", "BREW"] {
        for target in [
            "/nothing",
            "/v1",
            "/v1/transactions/1/2",
            "/v2/transactions",
            "/api/transaction",
            "/health%20",
        ] {
            problem::check(
                &server.send(&Request::new(method, target)),
                404,
                "no_route",
                &[],
            );
        }
    }
}
