//! `Idempotency-Key`: a repeated request records one row.

use crate::{
    each_backend,
    support::{
        backend::Backend,
        http::{Reply, Request},
        json, problem,
        server::Server,
    },
};

each_backend!(
    a_repeated_request_gets_the_first_reply,
    a_key_belongs_to_its_route_and_body,
    a_refused_request_leaves_the_key_free,
    keys_are_compared_byte_for_byte,
    a_key_holds_after_the_row_is_gone_and_after_a_restart,
    of_many_at_once_one_records,
    a_key_that_is_none_is_a_fault,
);

fn keyed(target: &str, key: &str, body: impl AsRef<[u8]>) -> Request {
    Request::new("POST", target)
        .header("Idempotency-Key", key)
        .json(body)
}

fn count(server: &Server) -> usize {
    server.get("/transaction").text().matches("\"id\":").count()
}

#[track_caller]
fn check_same(first: &Reply, again: &Reply) {
    assert_eq!((again.status, again.text()), (first.status, first.text()));
    for name in ["content-type", "location", "etag"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_eq!(first.header("idempotent-replayed"), None);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
}

fn a_repeated_request_gets_the_first_reply(backend: &mut Backend) {
    let server = backend.serve();
    let old = r#"{"amount":1,"desc":"a"}"#;
    let new = json::transaction("2.5", "b");
    for (target, body, status) in [("/transaction", old, 200), ("/v1/transactions", &new, 201)] {
        let first = server.send(&keyed(target, target, body));
        assert_eq!(first.status, status, "{}", first.text());
        for _ in 0..3 {
            check_same(&first, &server.send(&keyed(target, target, body)));
        }
    }
    assert_eq!(count(&server), 2);
    // The reply is the first one also after the row has changed.
    let first = server.send(&keyed("/v1/transactions", "/v1/transactions", &new));
    let patch = Request::new("PATCH", "/v1/transactions/2").json(r#"{"amount":9}"#);
    assert_eq!(server.send(&patch).status, 200);
    let again = server.send(&keyed("/v1/transactions", "/v1/transactions", &new));
    assert_eq!(again.text(), first.text());
}

fn a_key_belongs_to_its_route_and_body(backend: &mut Backend) {
    let server = backend.serve();
    let body = json::transaction("1", "a");
    assert_eq!(
        server.send(&keyed("/v1/transactions", "k", &body)).status,
        201
    );
    for other in [
        keyed("/v1/transactions", "k", json::transaction("2", "a")),
        keyed("/v1/transactions", "k", format!("{body} ")),
        keyed("/transaction", "k", &body),
    ] {
        problem::check(&server.send(&other), 422, "idempotency_key_reused", &[]);
    }
    assert_eq!(count(&server), 1);
}

fn a_refused_request_leaves_the_key_free(backend: &mut Backend) {
    let server = backend.serve();
    let refused = keyed("/v1/transactions", "k", json::transaction("\"abc\"", "a"));
    problem::check(
        &server.send(&refused),
        422,
        "validation_failed",
        &["amount"],
    );
    let broken = keyed("/v1/transactions", "k", "{");
    problem::check(&server.send(&broken), 400, "malformed_body", &[]);
    let right = server.send(&keyed("/v1/transactions", "k", json::transaction("1", "a")));
    assert_eq!(right.status, 201);
    assert_eq!(right.header("idempotent-replayed"), None);
}

fn keys_are_compared_byte_for_byte(backend: &mut Backend) {
    let server = backend.serve();
    let long = "x".repeat(255);
    for key in [
        "key",
        "KEY",
        "kéy-is-not-ascii",
        "key!",
        "key~",
        &long,
        &long[1..],
    ] {
        let reply = server.send(&keyed("/v1/transactions", key, json::transaction("1", "a")));
        if key.is_ascii() {
            assert_eq!(reply.status, 201, "{key}: {}", reply.text());
            assert_eq!(reply.header("idempotent-replayed"), None, "{key}");
        } else {
            assert_eq!(reply.status, 422, "{key}: {}", reply.text());
        }
    }
    assert_eq!(count(&server), 6);
}

fn a_key_holds_after_the_row_is_gone_and_after_a_restart(backend: &mut Backend) {
    let server = backend.serve();
    let request = keyed("/v1/transactions", "k", json::transaction("1", "a"));
    let first = server.send(&request);
    assert_eq!(first.status, 201);
    assert_eq!(server.delete("/transaction").status, 200);
    check_same(&first, &server.send(&request));
    drop(server);
    let server = backend.serve();
    check_same(&first, &server.send(&request));
    assert_eq!(count(&server), 0);
}

fn of_many_at_once_one_records(backend: &mut Backend) {
    let server = backend.serve();
    let request = keyed("/v1/transactions", "k", json::transaction("1", "a"));
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..12)
            .map(|_| scope.spawn(|| server.send(&request)))
            .collect();
        senders
            .into_iter()
            .map(|sender| sender.join().unwrap())
            .collect()
    });
    let first = replies
        .iter()
        .filter(|reply| reply.status == 201 && reply.header("idempotent-replayed").is_none());
    assert_eq!(first.count(), 1, "{replies:?}");
    for reply in &replies {
        match reply.status {
            201 => assert_eq!(reply.text(), server.get("/v1/transactions/1").text()),
            409 => {
                problem::check(reply, 409, "request_in_progress", &[]);
                assert_eq!(reply.header("retry-after"), Some("1"));
            }
            other => panic!("{other}: {}", reply.text()),
        }
    }
    assert_eq!(count(&server), 1);
}

fn a_key_that_is_none_is_a_fault(backend: &mut Backend) {
    let server = backend.serve();
    let long = "x".repeat(256);
    for key in ["", " ", "a b", "a\tb", &long] {
        let reply = server.send(&keyed("/v1/transactions", key, json::transaction("1", "a")));
        problem::check(&reply, 422, "validation_failed", &["Idempotency-Key"]);
        let reply = server.send(&keyed("/transaction", key, json::transaction("1", "a")));
        problem::check(&reply, 422, "validation_failed", &["Idempotency-Key"]);
    }
    let twice =
        keyed("/v1/transactions", "a", json::transaction("1", "a")).header("Idempotency-Key", "b");
    let reply = server.send(&twice);
    assert_eq!(reply.status, 422, "{}", reply.text());
    assert_eq!(count(&server), 0);
}
