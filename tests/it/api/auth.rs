//! Who may call.

use crate::{
    each_backend,
    support::{
        backend::Backend,
        http::{Reply, Request},
        json, problem,
        server::Server,
    },
};

const READER: &str = "reader-key-0000000000000000000000";
const WRITER: &str = "writer-key-0000000000000000000000";
const ADMIN: &str = "admin-key-00000000000000000000000";

each_backend!(
    keys_open_what_their_scopes_say,
    idempotency_keys_are_kept_apart_by_caller
);

fn keys() -> String {
    let entry = |name: &str, key: &str, scopes: &[&str]| serde_json::json!({"name": name, "sha256": sha256(key), "scopes": scopes});
    serde_json::json!([
        entry("reader", READER, &["transactions:read"]),
        entry(
            "writer",
            WRITER,
            &["transactions:read", "transactions:write"]
        ),
        entry(
            "admin",
            ADMIN,
            &[
                "transactions:read",
                "transactions:write",
                "transactions:admin"
            ]
        ),
    ])
    .to_string()
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(text))
}

fn guarded(backend: &Backend) -> Server {
    backend.serve_with(&[("AUTH_MODE", "api-key"), ("API_KEYS", &keys())])
}

fn ask(server: &Server, key: Option<&str>, method: &str, target: &str) -> Reply {
    let mut request = Request::new(method, target);
    if let Some(key) = key {
        request = request.header("X-API-Key", key);
    }
    if matches!(method, "POST" | "PUT" | "PATCH") {
        request = request.json(json::transaction("1", "x"));
    }
    server.send(&request)
}

fn keys_open_what_their_scopes_say(backend: &mut Backend) {
    let server = guarded(backend);
    for target in [
        "/livez",
        "/readyz",
        "/health",
        "/metrics",
        "/openapi.json",
        "/docs",
        "/",
    ] {
        assert_eq!(ask(&server, None, "GET", target).status, 200, "{target}");
    }
    assert_eq!(ask(&server, None, "OPTIONS", "/transaction").status, 204);
    for key in [
        None,
        Some(""),
        Some("wrong"),
        Some(&READER[1..]),
        Some("READER-KEY-0000000000000000000000"),
    ] {
        for (method, target) in [
            ("GET", "/transaction"),
            ("POST", "/v1/transactions"),
            ("DELETE", "/transaction"),
        ] {
            let reply = ask(&server, key, method, target);
            problem::check(&reply, 401, "unauthenticated", &[]);
            assert!(
                reply
                    .header("www-authenticate")
                    .is_some_and(|value| !value.is_empty())
            );
        }
    }
    let cases: &[(&str, &str, Option<&str>, u16)] = &[
        ("GET", "/transaction", Some(READER), 200),
        ("GET", "/v1/summary?by=day", Some(READER), 200),
        ("POST", "/transaction", Some(READER), 403),
        ("POST", "/transaction", Some(WRITER), 200),
        ("PATCH", "/v1/transactions/1", Some(READER), 403),
        ("PUT", "/v1/transactions/1", Some(WRITER), 200),
        ("DELETE", "/v1/transactions/1", Some(READER), 403),
        ("DELETE", "/transaction", Some(WRITER), 403),
        (
            "DELETE",
            "/v1/transactions?from=2000-01-01T00:00:00Z",
            Some(WRITER),
            403,
        ),
        ("DELETE", "/transaction/1", Some(WRITER), 200),
        (
            "DELETE",
            "/v1/transactions?from=2000-01-01T00:00:00Z",
            Some(ADMIN),
            200,
        ),
        ("DELETE", "/transaction", Some(ADMIN), 200),
    ];
    for (method, target, key, status) in cases {
        let reply = ask(&server, *key, method, target);
        assert_eq!(reply.status, *status, "{method} {target}: {}", reply.text());
        if *status == 403 {
            problem::check(&reply, 403, "forbidden", &[]);
            assert!(reply.text().contains("transactions:"), "{}", reply.text());
        }
    }
    let metrics = server.get("/metrics");
    assert!(
        metrics
            .text()
            .contains("authorization_denied_total{scope=\"transactions:admin\"} 2")
    );
}

fn idempotency_keys_are_kept_apart_by_caller(backend: &mut Backend) {
    let server = guarded(backend);
    for (key, place) in [
        (WRITER, "/v1/transactions/1"),
        (ADMIN, "/v1/transactions/2"),
    ] {
        let request = Request::new("POST", "/v1/transactions")
            .header("Idempotency-Key", "same")
            .header("X-API-Key", key)
            .json(json::transaction("1", "x"));
        let reply = server.send(&request);
        assert_eq!(reply.status, 201, "{}", reply.text());
        assert_eq!(reply.header("location"), Some(place));
        assert_eq!(
            server.send(&request).header("idempotent-replayed"),
            Some("true")
        );
    }
}
