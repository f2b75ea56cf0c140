//! `GET /v1/transactions`: pages by cursor.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    each_backend,
    support::{backend::Backend, json, problem, server::Server},
};

each_backend!(
    an_empty_list,
    newest_first_unless_asked_for_otherwise,
    a_walk_meets_every_row_once,
    a_walk_meets_rows_that_stay_once_while_others_come_and_go,
    a_cursor_belongs_to_its_order_and_filters,
    the_page_has_fifty_rows_unless_told,
);

fn rows(server: &Server, count: usize) {
    let mut connection = server.connect();
    for number in 1..=count {
        let body = json::transaction(&number.to_string(), &format!("row {number}"));
        let request = crate::support::http::Request::new("POST", "/v1/transactions").json(body);
        assert_eq!(connection.send(&request).unwrap().status, 201);
    }
}

#[track_caller]
fn page(server: &Server, target: &str) -> (Vec<u64>, Option<String>) {
    let reply = server.get(target);
    assert_eq!(reply.status, 200, "{target}: {}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let body = reply.json();
    let keys: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["items", "next_cursor"]);
    let ids = body["items"].as_array().unwrap().iter().map(id).collect();
    let cursor = match &body["next_cursor"] {
        Value::Null => None,
        Value::String(cursor) => Some(cursor.clone()),
        other => panic!("{other}"),
    };
    (ids, cursor)
}

fn id(row: &Value) -> u64 {
    row["id"].as_u64().unwrap()
}

fn walk(server: &Server, query: &str) -> Vec<Vec<u64>> {
    let mut pages = Vec::new();
    let mut target = format!("/v1/transactions?{query}");
    loop {
        let (ids, cursor) = page(server, &target);
        pages.push(ids);
        let Some(cursor) = cursor else { return pages };
        target = format!("/v1/transactions?{query}&cursor={cursor}");
        assert!(pages.len() < 100, "the walk does not end: {pages:?}");
    }
}

fn an_empty_list(backend: &mut Backend) {
    let server = backend.serve();
    assert_eq!(
        server.get("/v1/transactions").text(),
        r#"{"items":[],"next_cursor":null}"#
    );
}

fn newest_first_unless_asked_for_otherwise(backend: &mut Backend) {
    let server = backend.serve();
    rows(&server, 3);
    assert_eq!(page(&server, "/v1/transactions"), (vec![3, 2, 1], None));
    assert_eq!(
        page(&server, "/v1/transactions?order=desc"),
        (vec![3, 2, 1], None)
    );
    assert_eq!(
        page(&server, "/v1/transactions?order=asc"),
        (vec![1, 2, 3], None)
    );
    let whole = server.get("/v1/transactions?order=asc&limit=1").json()["items"][0].clone();
    assert_eq!(whole, server.get("/v1/transactions/1").json());
}

fn a_walk_meets_every_row_once(backend: &mut Backend) {
    let server = backend.serve();
    rows(&server, 7);
    assert_eq!(
        walk(&server, "limit=3"),
        [vec![7, 6, 5], vec![4, 3, 2], vec![1]]
    );
    assert_eq!(
        walk(&server, "limit=3&order=asc"),
        [vec![1, 2, 3], vec![4, 5, 6], vec![7]]
    );
    // A last page that is full is still the last one.
    assert_eq!(walk(&server, "limit=7"), [vec![7, 6, 5, 4, 3, 2, 1]]);
    assert_eq!(
        walk(&server, "limit=1&min_amount=3&max_amount=5"),
        [[5], [4], [3]]
    );
}

fn a_walk_meets_rows_that_stay_once_while_others_come_and_go(backend: &mut Backend) {
    let server = backend.serve();
    rows(&server, 9);
    for order in ["asc", "desc"] {
        let mut seen = Vec::new();
        let mut target = format!("/v1/transactions?limit=2&order={order}");
        loop {
            let (ids, cursor) = page(&server, &target);
            // The very row that the cursor names goes, and a new one comes.
            if let Some(last) = ids.last().filter(|last| **last % 3 == 0) {
                server.delete(&format!("/v1/transactions/{last}"));
            }
            server.post("/v1/transactions", json::transaction("1", "late"));
            seen.extend(ids);
            let Some(cursor) = cursor else { break };
            target = format!("/v1/transactions?limit=2&order={order}&cursor={cursor}");
            assert!(seen.len() < 200, "new rows are met for ever: {seen:?}");
            if order == "asc" && seen.len() > 12 {
                break;
            }
        }
        let once: BTreeSet<_> = seen.iter().copied().collect();
        assert_eq!(once.len(), seen.len(), "{order}: {seen:?}");
        for stays in [1, 2, 4, 5, 7, 8] {
            assert!(
                once.contains(&stays),
                "{order}: {stays} is missing in {seen:?}"
            );
        }
    }
}

fn a_cursor_belongs_to_its_order_and_filters(backend: &mut Backend) {
    let server = backend.serve();
    rows(&server, 4);
    let (_, cursor) = page(&server, "/v1/transactions?limit=1&min_amount=1");
    let cursor = cursor.unwrap();
    // The size of the page may differ; the same amount may be written otherwise.
    assert_eq!(
        page(
            &server,
            &format!("/v1/transactions?limit=2&min_amount=1.00&cursor={cursor}")
        )
        .0,
        [3, 2]
    );
    for query in [
        format!("cursor={cursor}"),
        format!("min_amount=2&cursor={cursor}"),
        format!("min_amount=1&order=asc&cursor={cursor}"),
        format!("min_amount=1&q=row&cursor={cursor}"),
        format!("min_amount=1&from=2026-01-01T00:00:00Z&cursor={cursor}"),
        format!("min_amount=1&cursor={}", &cursor[1..]),
        "cursor=".to_owned(),
        "cursor=AAAA".to_owned(),
    ] {
        let reply = server.get(&format!("/v1/transactions?{query}"));
        problem::check(&reply, 422, "validation_failed", &["cursor"]);
    }
}

fn the_page_has_fifty_rows_unless_told(backend: &mut Backend) {
    let server = backend.serve();
    rows(&server, 51);
    let (ids, cursor) = page(&server, "/v1/transactions");
    assert_eq!((ids.len(), cursor.is_some()), (50, true));
    let (ids, cursor) = page(&server, "/v1/transactions?limit=250");
    assert_eq!((ids.len(), cursor), (51, None));
    for limit in [
        "0",
        "251",
        "",
        "-1",
        "1.0",
        "+5",
        "abc",
        "99999999999999999999",
    ] {
        let reply = server.get(&format!("/v1/transactions?limit={limit}"));
        problem::check(&reply, 422, "validation_failed", &["limit"]);
    }
}
