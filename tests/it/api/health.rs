//! `/health`, `/livez`, `/readyz`.

use time::format_description::well_known::Rfc3339;

use crate::{
    each_backend,
    support::{backend::Backend, http::Request, problem, server::Server},
};

each_backend!(health_tells_what_was_measured, probes_are_small_and_open);

/// `2026-11-24T10:00:00Z`, and not far from now.
#[track_caller]
fn check_timestamp(text: &str) {
    let at = time::OffsetDateTime::parse(text, &Rfc3339).unwrap();
    let age = time::OffsetDateTime::now_utc() - at;
    assert!(text.len() == 20 && age.whole_seconds().abs() < 60, "{text}");
}

fn health_tells_what_was_measured(backend: &mut Backend) {
    let redis = if backend.redis().is_some() {
        "connected"
    } else {
        "disabled"
    };
    let server = backend.serve();
    let reply = server.get("/health");
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        reply.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let body = reply.json();
    let timestamp = body["timestamp"].as_str().unwrap();
    check_timestamp(timestamp);
    assert_eq!(
        reply.text(),
        format!(
            r#"{{"status":"healthy","timestamp":"{timestamp}","database":"connected","redis":"{redis}"}}"#
        )
    );
}

fn probes_are_small_and_open(backend: &mut Backend) {
    let server = backend.serve_with(&[("RATE_LIMIT_REQUESTS", "1")]);
    for _ in 0..5 {
        let live = server.get("/livez");
        assert_eq!(live.status, 200);
        assert_eq!(live.header("cache-control"), Some("no-store"));
        let ready = server.get("/readyz");
        assert_eq!((ready.status, ready.text()), (200, r#"{"status":"ready"}"#));
        assert_eq!(ready.header("cache-control"), Some("no-store"));
        assert_eq!(server.get("/health").status, 200);
    }
    assert_eq!(server.send(&Request::new("HEAD", "/readyz")).status, 200);
}

#[test]
fn without_its_migrations_the_server_stays_up_and_says_so() {
    let backend = Backend::sqlite();
    let mut variables = backend.variables();
    variables.insert("MIGRATE_ON_START".to_owned(), "false".to_owned());
    let server = Server::start(backend.folder(), &variables);
    let unready = server.get("/readyz");
    assert_eq!(
        (unready.status, unready.text()),
        (503, r#"{"status":"unready","missing":["migrations"]}"#)
    );
    assert_eq!(server.get("/livez").status, 200);
    for target in [
        "/transaction",
        "/v1/transactions",
        "/v1/summary?by=day",
        "/transaction/1",
    ] {
        problem::check(&server.get(target), 503, "not_migrated", &[]);
    }
    let refused = server.post("/transaction", r#"{"amount":1,"desc":"x"}"#);
    problem::check(&refused, 503, "not_migrated", &[]);
    // Migrated beside it, it serves without a restart.
    let output = backend.run(&["migrate"], &backend.migration_variables());
    assert!(output.status.success(), "{output:?}");
    server.wait_until_ready(std::time::Duration::from_secs(10));
    assert_eq!(server.get("/transaction").text(), r#"{"result":[]}"#);
}
