//! `/v1/transactions` POST, and GET, PUT, PATCH, DELETE of one row.

use serde_json::Value;

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
    create_answers_with_the_whole_resource,
    a_row_is_found_as_it_was_created,
    put_replaces_both_fields,
    patch_changes_what_it_names,
    a_change_that_changes_nothing_keeps_the_tag,
    delete_is_204_and_then_404,
    a_body_on_get_and_delete_is_not_read,
    both_families_show_the_same_row,
    unknown_fields_and_parameters_are_faults,
);

#[track_caller]
fn created(server: &Server, amount: &str, description: &str) -> Reply {
    let reply = server.post("/v1/transactions", json::transaction(amount, description));
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply
}

#[track_caller]
fn check_strong_tag(reply: &Reply) -> String {
    let tag = reply.header("etag").expect("an ETag").to_owned();
    assert!(
        tag.len() > 10 && tag.starts_with('"') && tag.ends_with('"'),
        "{tag}"
    );
    tag
}

#[track_caller]
fn check_row(reply: &Reply) {
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("private, no-cache"));
    check_strong_tag(reply);
}

/// `2026-11-24T10:00:00.123456Z`, compared as text: the form has a fixed width.
fn time(row: &Value, field: &str) -> String {
    let text = row[field].as_str().expect("a time").to_owned();
    assert!(
        text.len() >= 20 && text.ends_with('Z') && text.as_bytes()[10] == b'T',
        "{text}"
    );
    text
}

fn create_answers_with_the_whole_resource(backend: &mut Backend) {
    let server = backend.serve();
    let reply = created(&server, "\"12.50\"", "Bus ticket");
    assert_eq!(reply.header("location"), Some("/v1/transactions/1"));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    check_strong_tag(&reply);
    let row = reply.json();
    let at = time(&row, "created_at");
    assert_eq!(
        reply.text(),
        format!(
            r#"{{"id":1,"amount":12.5,"description":"Bus ticket","created_at":"{at}","updated_at":"{at}"}}"#
        )
    );
}

fn a_row_is_found_as_it_was_created(backend: &mut Backend) {
    let server = backend.serve();
    let reply = created(&server, "0.07", "寿司 🍣 \"x\"");
    for _ in 0..2 {
        let found = server.get("/v1/transactions/1");
        check_row(&found);
        assert_eq!(found.text(), reply.text());
        assert_eq!(found.header("etag"), reply.header("etag"));
    }
    problem::check(&server.get("/v1/transactions/2"), 404, "not_found", &[]);
}

fn put_replaces_both_fields(backend: &mut Backend) {
    let server = backend.serve();
    let before = created(&server, "1", "a");
    let put = Request::new("PUT", "/v1/transactions/1").json(json::transaction("2.5", " b "));
    let after = server.send(&put);
    check_row(&after);
    let row = after.json();
    assert_eq!(
        (&row["amount"], &row["description"]),
        (&2.5.into(), &"b".into())
    );
    assert_eq!(row["created_at"], before.json()["created_at"]);
    assert!(time(&row, "updated_at") > time(&before.json(), "updated_at"));
    assert_ne!(after.header("etag"), before.header("etag"));
    assert_eq!(server.get("/v1/transactions/1").text(), after.text());
    for (body, fields) in [
        (r#"{"amount":1}"#, &["description"][..]),
        (r#"{"description":"x"}"#, &["amount"]),
        ("{}", &["amount", "description"]),
        (
            r#"{"amount":null,"description":null}"#,
            &["amount", "description"],
        ),
    ] {
        let put = Request::new("PUT", "/v1/transactions/1").json(body);
        problem::check(&server.send(&put), 422, "validation_failed", fields);
    }
    let missing = Request::new("PUT", "/v1/transactions/9").json(json::transaction("1", "x"));
    problem::check(&server.send(&missing), 404, "not_found", &[]);
    assert_eq!(server.get("/v1/transactions/1").text(), after.text());
}

fn patch_changes_what_it_names(backend: &mut Backend) {
    let server = backend.serve();
    created(&server, "1", "a");
    let amend = |body: &str, kind: &str| {
        server.send(
            &Request::new("PATCH", "/v1/transactions/1")
                .header("Content-Type", kind)
                .body(body),
        )
    };
    let reply = amend(r#"{"amount":"2.25"}"#, "application/merge-patch+json");
    check_row(&reply);
    assert_eq!(reply.json()["amount"].to_string(), "2.25");
    assert_eq!(reply.json()["description"], "a");
    let reply = amend(r#"{"description":"b"}"#, "application/json");
    assert_eq!(reply.json()["amount"].to_string(), "2.25");
    assert_eq!(reply.json()["description"], "b");
    for (body, field) in [
        (r#"{"amount":null}"#, "amount"),
        (r#"{"description":null}"#, "description"),
        (r#"{"created_at":"2026-01-01T00:00:00Z"}"#, "created_at"),
    ] {
        problem::check(
            &amend(body, "application/json"),
            422,
            "validation_failed",
            &[field],
        );
    }
    let missing = Request::new("PATCH", "/v1/transactions/9").json(r#"{"amount":1}"#);
    problem::check(&server.send(&missing), 404, "not_found", &[]);
    assert_eq!(server.get("/v1/transactions/1").text(), reply.text());
}

fn a_change_that_changes_nothing_keeps_the_tag(backend: &mut Backend) {
    let server = backend.serve();
    let before = created(&server, "1", "a");
    for request in [
        Request::new("PATCH", "/v1/transactions/1").json("{}"),
        Request::new("PATCH", "/v1/transactions/1").json(r#"{"amount":"1.00"}"#),
        Request::new("PUT", "/v1/transactions/1").json(json::transaction("1", "a")),
    ] {
        let after = server.send(&request);
        check_row(&after);
        assert_eq!(after.text(), before.text());
        assert_eq!(after.header("etag"), before.header("etag"));
    }
}

fn delete_is_204_and_then_404(backend: &mut Backend) {
    let server = backend.serve();
    created(&server, "1", "a");
    let reply = server.delete("/v1/transactions/1");
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    problem::check(&server.delete("/v1/transactions/1"), 404, "not_found", &[]);
    problem::check(&server.get("/v1/transactions/1"), 404, "not_found", &[]);
}

fn a_body_on_get_and_delete_is_not_read(backend: &mut Backend) {
    let server = backend.serve();
    created(&server, "1", "a");
    let mut connection = server.connect();
    for target in ["/v1/transactions/1", "/v1/transactions"] {
        let get = Request::new("GET", target).json("{not json");
        assert_eq!(connection.send(&get).unwrap().status, 200);
    }
    let delete = Request::new("DELETE", "/v1/transactions/1").json(r#"{"id":7"#);
    assert_eq!(connection.send(&delete).unwrap().status, 204);
    // What was not read must not be taken for the next request.
    let next = connection.send(&Request::new("GET", "/livez")).unwrap();
    assert_eq!(next.status, 200);
}

fn both_families_show_the_same_row(backend: &mut Backend) {
    let server = backend.serve();
    created(&server, "12.5", "new");
    server.post("/transaction", r#"{"amount":7,"desc":"old"}"#);
    assert_eq!(
        server.get("/transaction/1").text(),
        r#"{"id":1,"amount":12.5,"desc":"new"}"#
    );
    let old = server.get("/v1/transactions/2").json();
    assert_eq!(
        (&old["amount"], &old["description"]),
        (&7.into(), &"old".into())
    );
    time(&old, "created_at");
    let patch = Request::new("PATCH", "/v1/transactions/2").json(r#"{"amount":8}"#);
    assert_eq!(server.send(&patch).status, 200);
    assert_eq!(
        server.get("/transaction/2").text(),
        r#"{"id":2,"amount":8,"desc":"old"}"#
    );
    assert_eq!(
        server.get("/transaction").text(),
        r#"{"result":[{"id":1,"amount":12.5,"description":"new"},{"id":2,"amount":8,"description":"old"}]}"#
    );
    server.delete("/transaction/1");
    problem::check(&server.get("/v1/transactions/1"), 404, "not_found", &[]);
}

fn unknown_fields_and_parameters_are_faults(backend: &mut Backend) {
    let server = backend.serve();
    let body = r#"{"amount":1,"desc":"x","Amount":2}"#;
    problem::check(
        &server.post("/v1/transactions", body),
        422,
        "validation_failed",
        &["Amount", "desc", "description"],
    );
    let twice = r#"{"amount":1,"amount":2,"description":"x"}"#;
    problem::check(
        &server.post("/v1/transactions", twice),
        422,
        "validation_failed",
        &["amount"],
    );
    created(&server, "1", "a");
    for (method, target) in [
        ("GET", "/v1/transactions/1?fields=id"),
        ("DELETE", "/v1/transactions/1?fields=id"),
    ] {
        let reply = server.send(&Request::new(method, target));
        problem::check(&reply, 422, "validation_failed", &["fields"]);
    }
    let post = server.post("/v1/transactions?dry=1", json::transaction("1", "x"));
    problem::check(&post, 422, "validation_failed", &["dry"]);
    let list = server.get("/v1/transactions?limit=1&offset=3&Limit=2");
    problem::check(&list, 422, "validation_failed", &["Limit", "offset"]);
    assert_eq!(server.get("/v1/transactions/1").status, 200);
}
