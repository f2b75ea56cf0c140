//! How many requests a caller has.

use std::time::Duration;

use crate::{
    each_backend,
    support::{backend::Backend, http::Request, problem},
};

/// A process that has no Redis yet counts alone: the tests wait until it has.
const HEALTHY_LIMIT: Duration = Duration::from_secs(20);

each_backend!(
    a_burst_is_taken_and_the_rest_refused,
    replicas_share_or_count_alone
);

fn a_burst_is_taken_and_the_rest_refused(backend: &mut Backend) {
    let limit = [
        ("RATE_LIMIT_REQUESTS", "5"),
        ("RATE_LIMIT_WINDOW_SECS", "600"),
    ];
    let server = backend.serve_with(&limit);
    server.wait_until_healthy(HEALTHY_LIMIT);
    for number in 0..5 {
        let reply = server.get("/transaction");
        assert_eq!(reply.status, 200, "request {number}");
        for name in ["ratelimit", "ratelimit-policy"] {
            assert!(
                reply.header(name).is_some_and(|value| !value.is_empty()),
                "{name}: {reply:?}"
            );
        }
    }
    let refused = server.get("/transaction");
    problem::check(&refused, 429, "rate_limited", &[]);
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=120).contains(&wait), "{wait}");
    problem::check(
        &server.post("/v1/transactions", "{}"),
        429,
        "rate_limited",
        &[],
    );
    for target in ["/livez", "/readyz", "/health", "/metrics"] {
        let reply = server.get(target);
        assert_eq!(
            (reply.status, reply.header("ratelimit")),
            (200, None),
            "{target}"
        );
    }
    let preflight = Request::new("OPTIONS", "/transaction")
        .header("Origin", "https://example.com")
        .header("Access-Control-Request-Method", "GET");
    assert_eq!(server.send(&preflight).status, 204);
    let metrics = server.get("/metrics");
    assert!(
        metrics.text().contains("rate_limited_total 2"),
        "{}",
        metrics.text()
    );
}

fn replicas_share_or_count_alone(backend: &mut Backend) {
    let limit = [
        ("RATE_LIMIT_REQUESTS", "3"),
        ("RATE_LIMIT_WINDOW_SECS", "600"),
    ];
    let shared = backend.redis().is_some();
    let (first, second) = (backend.serve_with(&limit), backend.serve_with(&limit));
    for server in [&first, &second] {
        server.wait_until_healthy(HEALTHY_LIMIT);
    }
    for _ in 0..3 {
        assert_eq!(first.get("/transaction").status, 200);
    }
    assert_eq!(first.get("/transaction").status, 429);
    let other = second.get("/transaction").status;
    assert_eq!(other, if shared { 429 } else { 200 });
}

#[test]
fn addresses_have_their_own_limits_and_ipv6_counts_by_network() {
    let backend = Backend::sqlite();
    let server = backend.serve_with(&[
        ("RATE_LIMIT_REQUESTS", "1"),
        ("RATE_LIMIT_WINDOW_SECS", "600"),
        ("TRUSTED_PROXY_HOPS", "1"),
    ]);
    let from = |address: &str| {
        let request = Request::new("GET", "/transaction").header("X-Forwarded-For", address);
        server.send(&request).status
    };
    assert_eq!(from("198.51.100.1"), 200);
    assert_eq!(from("198.51.100.1"), 429);
    // What the client wrote itself, left of the proxy's entry, changes nothing.
    assert_eq!(from("203.0.113.5, 198.51.100.1"), 429);
    assert_eq!(from("198.51.100.2"), 200);
    assert_eq!(from("2001:db8:1:2::1"), 200);
    assert_eq!(from("2001:db8:1:2:ffff::9"), 429);
    assert_eq!(from("2001:db8:1:3::1"), 200);
}
