//! `/transaction/id` and `/transaction/{id}`: one row, as the old application did it.

use crate::{
    each_backend,
    support::{
        backend::Backend,
        http::{Reply, Request},
        problem,
        server::Server,
    },
};

const ROW: &str = r#"{"id":1,"amount":100,"desc":"Groceries"}"#;

each_backend!(
    every_way_of_naming_the_id_finds_the_row,
    a_missing_row_is_404_for_get_and_fine_for_delete,
    every_way_of_naming_the_id_deletes_the_row,
    query_and_body_must_agree,
    a_forgotten_id_is_a_fault_and_deletes_nothing,
    a_deleted_row_is_gone_at_once,
);

fn one_row(backend: &Backend) -> Server {
    let server = backend.serve();
    let added = server.post("/transaction", r#"{"amount":"100","desc":"Groceries"}"#);
    assert_eq!(added.status, 200, "{}", added.text());
    server
}

/// Every request that names the row 1, by `method`.
fn ways(method: &str) -> Vec<Request> {
    vec![
        Request::new(method, "/transaction/1"),
        Request::new(method, "/transaction/id?id=1"),
        Request::new(method, "/transaction/id?id=1&other=2"),
        Request::new(method, "/transaction/id").json(r#"{"id":1}"#),
        Request::new(method, "/transaction/id").json(r#"{"id":"1"}"#),
        Request::new(method, "/transaction/id").body(r#"{"id":1,"more":true}"#),
        Request::new(method, "/transaction/id").form("id=1"),
        Request::new(method, "/transaction/id?id=1").json(r#"{"id":"1"}"#),
        Request::new(method, "/transaction/id")
            .json(r#"{"id":1}"#)
            .chunked(3),
    ]
}

#[track_caller]
fn check_old(reply: &Reply, body: &str) {
    assert_eq!((reply.status, reply.text()), (200, body));
    assert_eq!(
        reply.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

fn every_way_of_naming_the_id_finds_the_row(backend: &mut Backend) {
    let server = one_row(backend);
    for request in ways("GET") {
        check_old(&server.send(&request), ROW);
    }
}

fn a_missing_row_is_404_for_get_and_fine_for_delete(backend: &mut Backend) {
    let server = backend.serve();
    for id in ["1", "4242", "9223372036854775807"] {
        problem::check(
            &server.get(&format!("/transaction/{id}")),
            404,
            "not_found",
            &[],
        );
        problem::check(
            &server.get(&format!("/transaction/id?id={id}")),
            404,
            "not_found",
            &[],
        );
        let deleted = server.delete(&format!("/transaction/{id}"));
        check_old(
            &deleted,
            &format!(r#"{{"message":"transaction with id {id} seemingly deleted"}}"#),
        );
    }
}

fn every_way_of_naming_the_id_deletes_the_row(backend: &mut Backend) {
    let server = backend.serve();
    for (place, _) in ways("DELETE").iter().enumerate() {
        let id = place + 1;
        server.post("/transaction", r#"{"amount":"100","desc":"Groceries"}"#);
        let mut request = ways("DELETE").swap_remove(place);
        request.target = request.target.replace('1', &id.to_string());
        if let Some(body) = &mut request.body {
            *body = String::from_utf8(body.clone())
                .unwrap()
                .replace('1', &id.to_string())
                .into();
        }
        check_old(
            &server.send(&request),
            &format!(r#"{{"message":"transaction with id {id} seemingly deleted"}}"#),
        );
        check_old(&server.get("/transaction"), r#"{"result":[]}"#);
    }
}

fn query_and_body_must_agree(backend: &mut Backend) {
    let server = one_row(backend);
    for method in ["GET", "DELETE"] {
        let request = Request::new(method, "/transaction/id?id=1").json(r#"{"id":2}"#);
        problem::check(&server.send(&request), 422, "validation_failed", &["id"]);
    }
    check_old(&server.get("/transaction/1"), ROW);
}

fn a_forgotten_id_is_a_fault_and_deletes_nothing(backend: &mut Backend) {
    let server = one_row(backend);
    for method in ["GET", "DELETE"] {
        for request in [
            Request::new(method, "/transaction/id"),
            Request::new(method, "/transaction/id?id="),
            Request::new(method, "/transaction/id").json("{}"),
            Request::new(method, "/transaction/id").json(r#"{"id":null}"#),
            Request::new(method, "/transaction/id").json(r#"{"id":""}"#),
        ] {
            problem::check(&server.send(&request), 422, "validation_failed", &["id"]);
        }
    }
    check_old(&server.get("/transaction/1"), ROW);
}

fn a_deleted_row_is_gone_at_once(backend: &mut Backend) {
    let server = one_row(backend);
    check_old(&server.get("/transaction/1"), ROW);
    server.delete("/transaction/1");
    problem::check(&server.get("/transaction/1"), 404, "not_found", &[]);
    problem::check(&server.get("/v1/transactions/1"), 404, "not_found", &[]);
    check_old(&server.get("/transaction"), r#"{"result":[]}"#);
}
