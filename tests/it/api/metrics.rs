//! `/metrics`: names, types, labels and buckets.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    each_backend,
    support::{
        backend::Backend,
        exposition::Scrape,
        http::{Connection, Request},
        problem,
        process::free_port,
        server::Server,
        wait,
    },
};

const EDGES: &[&str] = &[
    "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.2", "0.5", "1", "2.5",
    "5", "10", "+Inf",
];

/// Name, type, and the labels beside `le`.
const METRICS: &[(&str, &str, &[&str])] = &[
    (
        "http_requests_total",
        "counter",
        &["method", "endpoint", "status"],
    ),
    (
        "http_request_duration_seconds",
        "histogram",
        &["method", "endpoint"],
    ),
    ("http_requests_in_flight", "gauge", &[]),
    ("cache_hits_total", "counter", &[]),
    ("cache_misses_total", "counter", &[]),
    ("redis_errors_total", "counter", &[]),
    ("cache_invalidations_owed", "gauge", &[]),
    ("db_query_duration_seconds", "histogram", &["query"]),
    ("db_errors_total", "counter", &["kind"]),
    ("db_pool_connections", "gauge", &["state"]),
    ("transactions_created_total", "counter", &[]),
    ("transactions_deleted_total", "counter", &[]),
    ("transactions_total", "gauge", &[]),
    ("transactions_amount_total", "gauge", &[]),
    ("rate_limited_total", "counter", &[]),
    ("auth_failures_total", "counter", &["reason"]),
    ("authorization_denied_total", "counter", &["scope"]),
    ("secret_refresh_total", "counter", &["result"]),
    ("build_info", "gauge", &["version", "commit"]),
];

each_backend!(
    every_name_is_there_from_the_first_scrape,
    requests_are_counted_by_route_template,
    rows_and_totals_are_counted,
    hits_and_misses_are_counted,
);

#[track_caller]
fn scrape(server: &Server) -> Scrape {
    let reply = server.get("/metrics");
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(
        reply
            .header("content-type")
            .unwrap()
            .starts_with("text/plain; version=0.0.4")
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    Scrape::parse(reply.text())
}

fn every_name_is_there_from_the_first_scrape(backend: &mut Backend) {
    let server = backend.serve();
    let first = scrape(&server);
    for (name, kind, labels) in METRICS {
        assert_eq!(first.kind(name), Some(*kind), "{name}");
        let sample = match *kind {
            "histogram" => format!("{name}_bucket"),
            _ => (*name).to_owned(),
        };
        let samples = first.all(&sample);
        assert!(!samples.is_empty(), "{name} has no sample");
        for sample in samples {
            let mut named: BTreeSet<_> = sample.labels.keys().map(String::as_str).collect();
            assert_eq!(named.remove("le"), *kind == "histogram", "{sample:?}");
            assert_eq!(named, labels.iter().copied().collect(), "{sample:?}");
        }
        if *kind == "histogram" {
            let edges = first.values(&format!("{name}_bucket"), "le");
            assert_eq!(
                edges,
                EDGES.iter().map(ToString::to_string).collect(),
                "{name}"
            );
            assert!(!first.all(&format!("{name}_sum")).is_empty(), "{name}");
            assert!(!first.all(&format!("{name}_count")).is_empty(), "{name}");
        }
    }
    for name in [
        "cache_hits_total",
        "redis_errors_total",
        "cache_invalidations_owed",
        "db_errors_total",
        "transactions_created_total",
        "transactions_deleted_total",
        "transactions_total",
        "rate_limited_total",
        "auth_failures_total",
        "authorization_denied_total",
    ] {
        assert_eq!(first.count(name, &[]), 0, "{name}");
    }
    assert_eq!(
        first.values("db_errors_total", "kind"),
        ["connect", "timeout", "pool", "query"]
            .map(str::to_owned)
            .into()
    );
    assert_eq!(
        first.values("db_pool_connections", "state"),
        ["idle", "in_use"].map(str::to_owned).into()
    );
    assert_eq!(
        first.values("authorization_denied_total", "scope"),
        [
            "transactions:read",
            "transactions:write",
            "transactions:admin"
        ]
        .map(str::to_owned)
        .into()
    );
    let info = first.all("build_info");
    assert_eq!(info.len(), 1);
    assert_eq!(info[0].value, "1");
    assert_eq!(info[0].labels["version"], env!("CARGO_PKG_VERSION"));
    let known: BTreeSet<_> = METRICS.iter().map(|(name, _, _)| *name).collect();
    assert!(first.names().is_superset(&known));
}

fn requests_are_counted_by_route_template(backend: &mut Backend) {
    let server = backend.serve();
    server.post("/transaction", r#"{"amount":1,"desc":"x"}"#);
    for target in [
        "/transaction/1",
        "/transaction/1?x=1",
        "/transaction/99",
        "/v1/transactions/1",
    ] {
        server.get(target);
    }
    server.get("/nothing/secret-path");
    server.send(&Request::new("BREW", "/transaction"));
    server.send(&Request::new("PUT", "/transaction"));
    server.send(&Request::new("OPTIONS", "/transaction"));
    let seen = scrape(&server);
    let requests = |method: &str, endpoint: &str, status: &str| {
        seen.count(
            "http_requests_total",
            &[
                ("method", method),
                ("endpoint", endpoint),
                ("status", status),
            ],
        )
    };
    assert_eq!(requests("POST", "/transaction", "200"), 1);
    assert_eq!(requests("GET", "/transaction/{id}", "200"), 2);
    assert_eq!(requests("GET", "/transaction/{id}", "404"), 1);
    assert_eq!(requests("GET", "/v1/transactions/{id}", "200"), 1);
    assert_eq!(requests("GET", "unmatched", "404"), 1);
    assert_eq!(requests("OTHER", "/transaction", "405"), 1);
    assert_eq!(requests("PUT", "/transaction", "405"), 1);
    assert_eq!(
        seen.count(
            "http_request_duration_seconds_count",
            &[("endpoint", "/transaction/{id}")]
        ),
        3
    );
    assert_eq!(
        seen.count(
            "http_request_duration_seconds_bucket",
            &[("endpoint", "/transaction/{id}"), ("le", "+Inf")]
        ),
        3
    );
    let endpoints = seen.values("http_requests_total", "endpoint");
    assert!(
        !endpoints
            .iter()
            .any(|name| name.contains("secret") || name.contains("99")),
        "{endpoints:?}"
    );
    // This very scrape is in flight.
    assert_eq!(seen.count("http_requests_in_flight", &[]), 1);
    let queries: i64 = seen.count("db_query_duration_seconds_count", &[]);
    assert!(queries >= 4, "{queries}");
}

fn rows_and_totals_are_counted(backend: &mut Backend) {
    backend.insert_old_row(Some("-20"), None);
    let server = backend.serve();
    for amount in ["100", "12.5", "0.07"] {
        server.post(
            "/transaction",
            format!(r#"{{"amount":{amount},"desc":"x"}}"#),
        );
    }
    server.post("/transaction", r#"{"amount":"no","desc":"x"}"#);
    server.delete("/transaction/2");
    server.delete("/transaction/99");
    let seen = scrape(&server);
    assert_eq!(seen.count("transactions_created_total", &[]), 3);
    assert_eq!(seen.count("transactions_deleted_total", &[]), 1);
    assert_eq!(seen.count("transactions_total", &[]), 3);
    assert_eq!(seen.all("transactions_amount_total")[0].value, "-7.43");
    server.delete("/transaction");
    assert_eq!(scrape(&server).count("transactions_deleted_total", &[]), 4);
}

fn hits_and_misses_are_counted(backend: &mut Backend) {
    let server = backend.serve();
    server.post("/transaction", r#"{"amount":1,"desc":"x"}"#);
    let before = scrape(&server);
    // A new connection to Redis is not believed at once, and a fill takes its time: the hits come within seconds.
    wait::until(
        "reads answered by the cache",
        Duration::from_secs(20),
        || {
            server.get("/transaction/1");
            let hits = scrape(&server).count("cache_hits_total", &[]);
            (hits - before.count("cache_hits_total", &[]) >= 2).then_some(())
        },
    );
    let after = scrape(&server);
    let misses = after.count("cache_misses_total", &[]) - before.count("cache_misses_total", &[]);
    assert!(misses >= 1, "{misses}");
    assert_eq!(after.count("redis_errors_total", &[]), 0);
}

#[test]
fn a_port_of_their_own_takes_them_from_the_main_one() {
    let backend = Backend::sqlite();
    let port = free_port();
    let server = backend.serve_with(&[("METRICS_PORT", &port.to_string())]);
    problem::check(&server.get("/metrics"), 404, "no_route", &[]);
    let address = ([127, 0, 0, 1], port).into();
    let ask = |request: Request| Connection::open(address).unwrap().send(&request).unwrap();
    let reply = ask(Request::new("GET", "/metrics"));
    assert_eq!(reply.status, 200);
    Scrape::parse(reply.text());
    let unknown = ask(Request::new("GET", "/livez"));
    for reply in [&reply, &unknown] {
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{reply:?}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert!(reply.header("x-correlation-id").is_some(), "{reply:?}");
    }
    problem::check(&unknown, 404, "no_route", &[]);
    let options = ask(Request::new("OPTIONS", "/metrics"));
    assert_eq!(options.status, 204);
    assert_eq!(options.header("allow"), Some("GET, HEAD, OPTIONS"));
    for target in ["/", "/livez", "/transaction", "/health", "/metrics/"] {
        assert_eq!(ask(Request::new("GET", target)).status, 404, "{target}");
    }
    assert_eq!(server.get("/livez").status, 200);
}
