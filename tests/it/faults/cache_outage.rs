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

/// A process that dies between its commit and its invalidation leaves the caches of others as they were. Whoever repeats
/// the delete is told that the row is gone: from then on it must be gone for all.
#[test]
fn a_repeated_delete_is_seen_by_every_replica() {
    let Some(backend) = Backend::mysql() else {
        return;
    };
    let (one, other) = (backend.serve(), backend.serve());
    for (id, target) in [(1, "/transaction/1"), (2, "/v1/transactions/2")] {
        let added = one.post("/v1/transactions", json::transaction("1", "doomed"));
        assert_eq!(added.status, 201, "{}", added.text());
        wait::until("a cached row", BACK_LIMIT, || {
            assert_eq!(other.get(target).status, 200);
            let hits = other.get("/metrics");
            let none = hits.text().contains("\ncache_hits_total 0\n");
            (!none).then_some(())
        });
        // The commit of the one that died.
        backend.execute(&format!("DELETE FROM transactions WHERE id = {id}"));
        assert_eq!(other.get(target).status, 200, "the cache has it still");
        let repeated = one.delete(target);
        let gone = if target.starts_with("/v1") { 404 } else { 200 };
        assert_eq!(repeated.status, gone, "{}", repeated.text());
        assert_eq!(other.get(target).status, 404, "{target}");
    }
}
