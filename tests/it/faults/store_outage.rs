//! MariaDB stops, hangs and comes back: the service says so at once and needs no restart.

use std::time::{Duration, Instant};

use crate::support::{
    backend::Backend,
    http::{Reply, Request},
    json,
    mariadb::MariaDb,
    problem,
    server::Server,
    wait,
};

/// Contract: healthy within 10 s after the store is back.
const BACK_LIMIT: Duration = Duration::from_secs(10);
/// Contract: probes answer within 1 s whatever hangs. What the test itself takes is added.
const PROBE_LIMIT: Duration = Duration::from_millis(1500);

struct Scene {
    server: Server,
    _backend: Backend,
    mariadb: MariaDb,
}

fn scene(further: &[(&str, &str)]) -> Option<Scene> {
    let mariadb = MariaDb::start()?;
    let backend = Backend::on(&mariadb.url());
    let server = backend.serve_with(further);
    let added = server.post("/v1/transactions", json::transaction("1", "before"));
    assert_eq!(added.status, 201, "{}", added.text());
    Some(Scene {
        server,
        _backend: backend,
        mariadb,
    })
}

#[track_caller]
fn within(limit: Duration, ask: impl FnOnce() -> Reply) -> Reply {
    let start = Instant::now();
    let reply = ask();
    let took = start.elapsed();
    assert!(took < limit, "{took:?}: {reply:?}");
    reply
}

#[track_caller]
fn check_probes(server: &Server) {
    wait::until("a probe that has seen it", Duration::from_secs(5), || {
        let ready = within(PROBE_LIMIT, || server.get("/readyz"));
        (ready.status == 503).then(|| {
            assert_eq!(ready.text(), r#"{"status":"unready","missing":["store"]}"#);
        })
    });
    let live = within(PROBE_LIMIT, || server.get("/livez"));
    assert_eq!(live.status, 200);
    let health = within(PROBE_LIMIT, || server.get("/health"));
    assert_eq!(health.status, 503);
    let body = health.json();
    assert_eq!(body["status"], "unhealthy", "{body}");
    assert_eq!(body["database"], "disconnected", "{body}");
    assert_eq!(body["redis"], "connected", "{body}");
}

fn check_refused(server: &Server) {
    for request in [
        Request::new("GET", "/v1/transactions"),
        Request::new("GET", "/v1/summary?by=day"),
        Request::new("POST", "/transaction").json(r#"{"amount":2,"desc":"during"}"#),
        Request::new("DELETE", "/v1/transactions/1"),
    ] {
        let reply = within(Duration::from_secs(5), || server.send(&request));
        problem::check(&reply, 503, "store_unavailable", &[]);
    }
}

#[test]
fn a_store_that_is_stopped_is_503_until_it_is_back() {
    let Some(mut scene) = scene(&[("DB_ACQUIRE_TIMEOUT_MS", "1000")]) else {
        return;
    };
    scene.mariadb.stop();
    check_refused(&scene.server);
    check_probes(&scene.server);
    let metrics = scene.server.get("/metrics");
    assert_eq!(metrics.status, 200);
    scene.mariadb.start_again();
    scene.server.wait_until_ready(BACK_LIMIT);
    let health = wait::until("health", BACK_LIMIT, || {
        let reply = scene.server.get("/health");
        (reply.status == 200).then_some(reply)
    });
    assert_eq!(health.json()["status"], "healthy");
    let added = scene
        .server
        .post("/v1/transactions", json::transaction("1", "after"));
    assert_eq!(added.status, 201, "{}", added.text());
    let list = scene.server.get("/transaction");
    assert!(
        list.text().contains("before") && list.text().contains("after"),
        "{}",
        list.text()
    );
    assert!(!list.text().contains("during"), "{}", list.text());
}

#[test]
fn a_store_that_is_killed_comes_back_without_a_restart() {
    let Some(mut scene) = scene(&[("DB_ACQUIRE_TIMEOUT_MS", "1000")]) else {
        return;
    };
    scene.mariadb.kill();
    check_refused(&scene.server);
    check_probes(&scene.server);
    scene.mariadb.start_again();
    scene.server.wait_until_ready(BACK_LIMIT);
    assert_eq!(scene.server.get("/v1/transactions/1").status, 200);
}

#[test]
fn a_store_that_hangs_costs_the_deadline_and_no_more() {
    let limits = [
        ("REQUEST_TIMEOUT_MS", "1000"),
        ("DB_ACQUIRE_TIMEOUT_MS", "500"),
    ];
    let Some(scene) = scene(&limits) else {
        return;
    };
    scene.mariadb.freeze();
    let reply = within(Duration::from_secs(3), || {
        scene.server.get("/v1/transactions")
    });
    match reply.status {
        503 => problem::check(&reply, 503, "store_unavailable", &[]),
        _ => problem::check(&reply, 504, "deadline_exceeded", &[]),
    }
    check_probes(&scene.server);
    scene.mariadb.thaw();
    scene.server.wait_until_ready(BACK_LIMIT);
    let reply = wait::until("a list", BACK_LIMIT, || {
        let reply = scene.server.get("/v1/transactions");
        (reply.status == 200).then_some(reply)
    });
    assert!(reply.text().contains("before"), "{}", reply.text());
}
