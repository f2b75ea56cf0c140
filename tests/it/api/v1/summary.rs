//! `GET /v1/summary`.

use crate::{
    each_backend,
    support::{backend::Backend, json, problem},
};

each_backend!(
    counts_and_exact_sums_by_day_and_month,
    only_the_rows_within_the_bounds_count,
    a_summary_of_something_else_is_a_fault,
);

fn counts_and_exact_sums_by_day_and_month(backend: &mut Backend) {
    backend.insert_dated_row("12.5", "a", "2024-02-29 23:59:59.999999");
    backend.insert_dated_row("0.07", "b", "2024-02-29 00:00:00");
    backend.insert_dated_row("-20", "c", "2024-03-01 00:00:00");
    backend.insert_dated_row("9999999999.99", "d", "2025-12-31 12:00:00");
    backend.insert_dated_row("9999999999.99", "e", "2025-12-31 12:00:01");
    backend.insert_old_row(None, Some("nobody knows when"));
    let server = backend.serve();
    let reply = server.get("/v1/summary?by=day");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(
        reply.text(),
        concat!(
            r#"{"by":"day","items":[{"period":null,"count":1,"amount":0},"#,
            r#"{"period":"2024-02-29","count":2,"amount":12.57},"#,
            r#"{"period":"2024-03-01","count":1,"amount":-20},"#,
            r#"{"period":"2025-12-31","count":2,"amount":19999999999.98}]}"#
        )
    );
    assert_eq!(
        server.get("/v1/summary?by=month").text(),
        concat!(
            r#"{"by":"month","items":[{"period":null,"count":1,"amount":0},"#,
            r#"{"period":"2024-02","count":2,"amount":12.57},"#,
            r#"{"period":"2024-03","count":1,"amount":-20},"#,
            r#"{"period":"2025-12","count":2,"amount":19999999999.98}]}"#
        )
    );
}

fn only_the_rows_within_the_bounds_count(backend: &mut Backend) {
    backend.insert_dated_row("1", "a", "2024-02-29 23:59:59");
    backend.insert_dated_row("2", "b", "2024-03-01 00:00:00");
    backend.insert_old_row(Some("4"), None);
    let server = backend.serve();
    assert_eq!(
        server
            .get("/v1/summary?by=day&from=2024-03-01T00:00:00Z")
            .text(),
        r#"{"by":"day","items":[{"period":"2024-03-01","count":1,"amount":2}]}"#
    );
    assert_eq!(
        server
            .get("/v1/summary?by=month&to=2024-03-01T00:00:00Z")
            .text(),
        r#"{"by":"month","items":[{"period":"2024-02","count":1,"amount":1}]}"#
    );
    assert_eq!(
        server
            .get("/v1/summary?by=day&to=2000-01-01T00:00:00Z")
            .text(),
        r#"{"by":"day","items":[]}"#
    );
    // A new row counts at once.
    server.post("/v1/transactions", json::transaction("8", "now"));
    let body = server.get("/v1/summary?by=month").json();
    let items = body["items"].as_array().unwrap();
    assert_eq!(items.last().unwrap()["amount"], 8);
    assert_eq!(items.len(), 4);
}

fn a_summary_of_something_else_is_a_fault(backend: &mut Backend) {
    let server = backend.serve();
    for (query, fields) in [
        ("", &["by"][..]),
        ("?by=", &["by"]),
        ("?by=week", &["by"]),
        ("?by=Day", &["by"]),
        ("?by=day&from=x&to=y&limit=1", &["from", "to", "limit"]),
    ] {
        let reply = server.get(&format!("/v1/summary{query}"));
        problem::check(&reply, 422, "validation_failed", fields);
    }
}
