//! `DELETE /v1/transactions`: the rows of a time.

use crate::{
    each_backend,
    support::{backend::Backend, json, problem, server::Server},
};

each_backend!(
    the_rows_within_the_bounds_go,
    without_a_bound_or_with_a_wrong_word_nothing_goes,
    switched_off_nothing_goes,
);

fn rows(server: &Server) -> Vec<String> {
    (0..4)
        .map(|_| {
            let reply = server.post("/v1/transactions", json::transaction("1", "x"));
            reply.json()["created_at"].as_str().unwrap().to_owned()
        })
        .collect()
}

fn left(server: &Server) -> usize {
    server.get("/v1/transactions").json()["items"]
        .as_array()
        .unwrap()
        .len()
}

fn the_rows_within_the_bounds_go(backend: &mut Backend) {
    backend.insert_old_row(Some("5"), Some("without a time"));
    let server = backend.serve();
    let at = rows(&server);
    let reply = server.delete(&format!("/v1/transactions?from={}&to={}", at[1], at[3]));
    assert_eq!((reply.status, reply.text()), (200, r#"{"deleted":2}"#));
    assert_eq!(left(&server), 3);
    assert_eq!(
        server.get("/transaction").text().matches("\"id\":").count(),
        3
    );
    let reply = server.delete(&format!("/v1/transactions?to={}", at[1]));
    assert_eq!(reply.text(), r#"{"deleted":1}"#);
    let reply = server.delete("/v1/transactions?from=2000-01-01T00:00:00Z");
    assert_eq!(reply.text(), r#"{"deleted":1}"#);
    let reply = server.delete("/v1/transactions?from=2000-01-01T00:00:00Z");
    assert_eq!(reply.text(), r#"{"deleted":0}"#);
    // A row without a time matches no bound.
    assert_eq!(left(&server), 1);
}

fn without_a_bound_or_with_a_wrong_word_nothing_goes(backend: &mut Backend) {
    let server = backend.serve();
    rows(&server);
    for target in [
        "/v1/transactions",
        "/v1/transactions?from=",
        "/v1/transactions?to=tomorrow",
        "/v1/transactions?from=2000-01-01T00:00:00Z&q=x",
    ] {
        let reply = server.delete(target);
        assert_eq!(reply.status, 422, "{target}: {}", reply.text());
    }
    let reply =
        server.delete("/v1/transactions?from=2000-01-01T00:00:00Z&too=2001-01-01T00:00:00Z");
    problem::check(&reply, 422, "validation_failed", &["too"]);
    assert_eq!(left(&server), 4);
}

fn switched_off_nothing_goes(backend: &mut Backend) {
    let server = backend.serve_with(&[("ALLOW_DELETE_ALL", "false")]);
    rows(&server);
    for target in ["/transaction", "/v1/transactions?from=2000-01-01T00:00:00Z"] {
        problem::check(&server.delete(target), 403, "delete_all_disabled", &[]);
    }
    assert_eq!(left(&server), 4);
    assert_eq!(server.delete("/v1/transactions/1").status, 204);
    assert_eq!(server.delete("/transaction/2").status, 200);
}
