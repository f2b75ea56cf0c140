//! Redis dies, hangs and comes back: no request fails, none is slow, none is stale.

use std::time::{Duration, Instant};

use crate::support::{
    backend::Backend,
    http::{Reply, Request},
    json,
    server::Server,
    wait,
};

/// Contract: the cache adds at most 250 ms to a request. The store's own time and the machine's are added.
const REQUEST_LIMIT: Duration = Duration::from_millis(1250);
const BACK_LIMIT: Duration = Duration::from_secs(10);

fn send(server: &Server, request: &Request) -> Reply {
    let start = Instant::now();
    let reply = server.send(request);
    let took = start.elapsed();
    assert!(took < REQUEST_LIMIT, "{took:?}: {request:?}");
    assert!(reply.status < 500, "{}: {}", reply.status, reply.text());
    reply
}

/// Writes and reads back, by every route that the cache serves.
fn exercise(server: &Server, word: &str) {
    let created = send(
        server,
        &Request::new("POST", "/v1/transactions").json(json::transaction("1", word)),
    );
    assert_eq!(created.status, 201, "{}", created.text());
    let id = created.json()["id"].clone();
    for target in [
        "/transaction".to_owned(),
        format!("/transaction/{id}"),
        format!("/v1/transactions/{id}"),
    ] {
        for _ in 0..3 {
            let reply = send(server, &Request::new("GET", &target));
            assert_eq!(reply.status, 200, "{target}: {}", reply.text());
            assert!(reply.text().contains(word), "{target}: {}", reply.text());
        }
    }
    let patch = Request::new("PATCH", &format!("/v1/transactions/{id}"))
        .json(json::transaction("2", "changed"));
    assert_eq!(send(server, &patch).status, 200);
    let row = send(server, &Request::new("GET", &format!("/transaction/{id}")));
    assert_eq!(row.json()["desc"], "changed");
}

#[track_caller]
fn wait_for_redis(server: &Server, word: &str) {
    let status = if word == "connected" {
        "healthy"
    } else {
        "degraded"
    };
    wait::until("what health says of the cache", BACK_LIMIT, || {
        let reply = server.get("/health");
        assert_eq!(reply.status, 200, "{}", reply.text());
        let body = reply.json();
        (body["redis"] == word && body["status"] == status).then_some(())
    });
    assert_eq!(server.get("/readyz").status, 200);
}

#[test]
fn a_cache_that_is_killed_fails_no_request() {
    let Some(mut backend) = Backend::mysql() else {
        return;
    };
    let server = backend.serve();
    exercise(&server, "before");
    backend.redis().unwrap().kill();
    for round in 0..5 {
        exercise(&server, &format!("during {round}"));
    }
    wait_for_redis(&server, "disconnected");
    let metrics = server.get("/metrics");
    assert!(
        !metrics.text().contains("\nredis_errors_total 0\n"),
        "{}",
        metrics.text()
    );
    backend.redis().unwrap().start_again();
    wait_for_redis(&server, "connected");
    for round in 0..5 {
        exercise(&server, &format!("after {round}"));
    }
    wait::until("nothing owed", BACK_LIMIT, || {
        server
            .get("/metrics")
            .text()
            .contains("\ncache_invalidations_owed 0\n")
            .then_some(())
    });
}

#[test]
fn a_cache_that_hangs_slows_no_request_for_long() {
    let Some(mut backend) = Backend::mysql() else {
        return;
    };
    let server = backend.serve();
    exercise(&server, "before");
    backend.redis().unwrap().freeze();
    for round in 0..3 {
        exercise(&server, &format!("during {round}"));
    }
    wait_for_redis(&server, "disconnected");
    backend.redis().unwrap().thaw();
    wait_for_redis(&server, "connected");
    exercise(&server, "after");
}

#[test]
fn a_server_starts_without_its_cache() {
    let Some(mut backend) = Backend::mysql() else {
        return;
    };
    backend.redis().unwrap().kill();
    let server = backend.serve();
    exercise(&server, "alone");
    wait_for_redis(&server, "disconnected");
    backend.redis().unwrap().start_again();
    wait_for_redis(&server, "connected");
    exercise(&server, "together");
}
