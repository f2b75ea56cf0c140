//! `/transaction`: all rows, as the old application did it.

use crate::{
    each_backend,
    support::{
        backend::Backend,
        http::{Reply, Request},
        problem,
        server::Server,
    },
};

const ADDED: &str = r#"{"message":"added transaction successfully"}"#;

each_backend!(
    an_empty_table_is_an_empty_list,
    rows_come_back_exactly_as_they_were_sent,
    white_space_and_line_ends_are_tidied,
    either_name_of_the_description_is_taken,
    a_missing_content_type_is_json,
    amounts_are_exact,
    refunds_are_taken_where_the_sign_is_free,
    limit_and_after_give_pages_with_a_link,
    after_alone_gives_all_later_rows,
    unknown_fields_and_parameters_are_ignored,
    delete_all_empties_the_table,
    ids_are_never_given_twice,
    a_trailing_slash_is_no_route_and_deletes_nothing,
    old_rows_stay_readable,
    a_read_after_a_write_shows_it,
);

#[track_caller]
fn check_old(reply: &Reply, body: &str) {
    assert_eq!((reply.status, reply.text()), (200, body));
    assert_eq!(
        reply.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
}

#[track_caller]
fn add(server: &Server, body: &str) -> Reply {
    let reply = server.post("/transaction", body);
    check_old(&reply, ADDED);
    reply
}

fn an_empty_table_is_an_empty_list(backend: &mut Backend) {
    let server = backend.serve();
    check_old(&server.get("/transaction"), r#"{"result":[]}"#);
    check_old(&server.get("/transaction?limit=5"), r#"{"result":[]}"#);
}

fn rows_come_back_exactly_as_they_were_sent(backend: &mut Backend) {
    let server = backend.serve();
    let texts = [
        "Groceries",
        "寿司 🍣",
        "<b>bold</b> & \"quoted\" \\ / 'single'",
        "Mum's birthday'); DROP TABLE transactions; --",
        "tab\there\nand a line",
        "e\u{301} é \u{fe0f} \u{200d} \u{feff}x",
        "%_\\",
    ];
    let mut rows = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let id = place + 1;
        let quoted = serde_json::Value::from(*text);
        let added = add(&server, &format!(r#"{{"amount":{id},"desc":{quoted}}}"#));
        let location = format!("/v1/transactions/{id}");
        assert_eq!(added.header("location"), Some(location.as_str()));
        rows.push(format!(
            r#"{{"id":{id},"amount":{id},"description":{quoted}}}"#
        ));
    }
    let list = format!(r#"{{"result":[{}]}}"#, rows.join(","));
    check_old(&server.get("/transaction"), &list);
    // Once more: this time it may come from the cache.
    check_old(&server.get("/transaction"), &list);
}

fn white_space_and_line_ends_are_tidied(backend: &mut Backend) {
    let server = backend.serve();
    add(
        &server,
        r#"{"amount":" 7.25\t","desc":" \u00a0a\r\nb\rc\n "}"#,
    );
    let form =
        Request::new("POST", "/transaction").form("amount=+12.50+&desc=+Coffee+%26+cake%0D%0A");
    check_old(&server.send(&form), ADDED);
    check_old(
        &server.get("/transaction"),
        r#"{"result":[{"id":1,"amount":7.25,"description":"a\nb\nc"},{"id":2,"amount":12.5,"description":"Coffee & cake"}]}"#,
    );
}

fn either_name_of_the_description_is_taken(backend: &mut Backend) {
    let server = backend.serve();
    add(&server, r#"{"amount":1,"desc":"a"}"#);
    add(&server, r#"{"amount":1,"description":"b"}"#);
    add(&server, r#"{"amount":1,"desc":"c","description":"c"}"#);
    let both = server.post(
        "/transaction",
        r#"{"amount":1,"desc":"c","description":"d"}"#,
    );
    assert_eq!(both.status, 422, "{}", both.text());
    check_old(
        &server.get("/transaction"),
        r#"{"result":[{"id":1,"amount":1,"description":"a"},{"id":2,"amount":1,"description":"b"},{"id":3,"amount":1,"description":"c"}]}"#,
    );
}

fn a_missing_content_type_is_json(backend: &mut Backend) {
    let server = backend.serve();
    let bare = Request::new("POST", "/transaction").body(r#"{"amount":1,"desc":"a"}"#);
    check_old(&server.send(&bare), ADDED);
    let named = Request::new("POST", "/transaction")
        .header("Content-Type", "Application/JSON; Charset=UTF-8")
        .body(r#"{"amount":1,"desc":"b"}"#);
    check_old(&server.send(&named), ADDED);
}

fn amounts_are_exact(backend: &mut Backend) {
    let server = backend.serve();
    let amounts = [
        ("0.1", "0.1"),
        ("0.07", "0.07"),
        ("12.50", "12.5"),
        ("\"9999999999.99\"", "9999999999.99"),
        ("9999999999.99", "9999999999.99"),
        ("8388608.13", "8388608.13"),
        ("\"0000000100.00\"", "100"),
        ("1.10", "1.1"),
        ("4503599627.37", "4503599627.37"),
        ("0.01", "0.01"),
    ];
    for (sent, _) in amounts {
        add(&server, &format!(r#"{{"amount":{sent},"desc":"x"}}"#));
    }
    let rows: Vec<_> = amounts
        .iter()
        .enumerate()
        .map(|(place, (_, shown))| {
            format!(
                r#"{{"id":{},"amount":{shown},"description":"x"}}"#,
                place + 1
            )
        })
        .collect();
    check_old(
        &server.get("/transaction"),
        &format!(r#"{{"result":[{}]}}"#, rows.join(",")),
    );
}

fn refunds_are_taken_where_the_sign_is_free(backend: &mut Backend) {
    let server = backend.serve_with(&[("AMOUNT_SIGN", "any")]);
    for amount in ["-20", "\"-0.05\"", "0", "\"-0\"", "-9999999999.99"] {
        add(&server, &format!(r#"{{"amount":{amount},"desc":"x"}}"#));
    }
    check_old(
        &server.get("/transaction"),
        r#"{"result":[{"id":1,"amount":-20,"description":"x"},{"id":2,"amount":-0.05,"description":"x"},{"id":3,"amount":0,"description":"x"},{"id":4,"amount":0,"description":"x"},{"id":5,"amount":-9999999999.99,"description":"x"}]}"#,
    );
}

fn row(id: u32) -> String {
    format!(r#"{{"id":{id},"amount":{id},"description":"x"}}"#)
}

fn rows(ids: &[u32]) -> String {
    let rows: Vec<_> = ids.iter().map(|id| row(*id)).collect();
    format!(r#"{{"result":[{}]}}"#, rows.join(","))
}

fn five_rows(backend: &Backend) -> Server {
    let server = backend.serve();
    for id in 1..=5 {
        add(&server, &format!(r#"{{"amount":{id},"desc":"x"}}"#));
    }
    server
}

fn limit_and_after_give_pages_with_a_link(backend: &mut Backend) {
    let server = five_rows(backend);
    let page = server.get("/transaction?limit=2");
    check_old(&page, &rows(&[1, 2]));
    assert_eq!(
        page.header("link"),
        Some("</transaction?limit=2&after=2>; rel=\"next\"")
    );
    let page = server.get("/transaction?after=2&limit=2");
    check_old(&page, &rows(&[3, 4]));
    assert_eq!(
        page.header("link"),
        Some("</transaction?limit=2&after=4>; rel=\"next\"")
    );
    for target in [
        "/transaction?limit=2&after=4",
        "/transaction?limit=1&after=4",
        "/transaction?limit=1000&after=4",
    ] {
        let page = server.get(target);
        check_old(&page, &rows(&[5]));
        assert_eq!(page.header("link"), None, "{target}");
    }
    let exactly = server.get("/transaction?limit=5&after=0");
    check_old(&exactly, &rows(&[1, 2, 3, 4, 5]));
    assert_eq!(exactly.header("link"), None);
}

fn after_alone_gives_all_later_rows(backend: &mut Backend) {
    let server = five_rows(backend);
    check_old(&server.get("/transaction?after=0"), &rows(&[1, 2, 3, 4, 5]));
    check_old(&server.get("/transaction?after=3"), &rows(&[4, 5]));
    check_old(
        &server.get("/transaction?after=9223372036854775807"),
        r#"{"result":[]}"#,
    );
}

fn unknown_fields_and_parameters_are_ignored(backend: &mut Backend) {
    let server = backend.serve();
    add(
        &server,
        r#"{"amount":1,"desc":"x","id":77,"category":["food"],"":null}"#,
    );
    check_old(&server.get("/transaction?cachebust=1&Limit=x"), &rows(&[1]));
    check_old(
        &server.delete("/transaction?really=yes"),
        r#"{"message":"delete function execution finished."}"#,
    );
}

fn delete_all_empties_the_table(backend: &mut Backend) {
    let server = five_rows(backend);
    check_old(&server.get("/transaction"), &rows(&[1, 2, 3, 4, 5]));
    let finished = r#"{"message":"delete function execution finished."}"#;
    check_old(&server.delete("/transaction"), finished);
    check_old(&server.get("/transaction"), r#"{"result":[]}"#);
    problem::check(&server.get("/transaction/1"), 404, "not_found", &[]);
    check_old(&server.delete("/transaction"), finished);
}

fn ids_are_never_given_twice(backend: &mut Backend) {
    let server = five_rows(backend);
    server.delete("/transaction/5");
    let sixth = add(&server, r#"{"amount":6,"desc":"x"}"#);
    assert_eq!(sixth.header("location"), Some("/v1/transactions/6"));
    server.delete("/transaction");
    drop(server);
    let server = backend.serve();
    let seventh = add(&server, r#"{"amount":7,"desc":"x"}"#);
    assert_eq!(seventh.header("location"), Some("/v1/transactions/7"));
    check_old(&server.get("/transaction"), &rows(&[7]));
}

fn a_trailing_slash_is_no_route_and_deletes_nothing(backend: &mut Backend) {
    let server = five_rows(backend);
    for (method, target) in [
        ("DELETE", "/transaction/"),
        ("DELETE", "/Transaction"),
        ("DELETE", "/transaction//"),
        ("DELETE", "//transaction"),
        ("GET", "/transaction/"),
        ("GET", "/TRANSACTION"),
        ("DELETE", "/v1/transactions/"),
        ("GET", "/v1/transactions/1/"),
        ("GET", "/health/"),
    ] {
        let reply = server.send(&Request::new(method, target));
        assert_eq!(reply.status, 404, "{method} {target}: {}", reply.text());
        problem::check(&reply, 404, "no_route", &[]);
    }
    check_old(&server.get("/transaction"), &rows(&[1, 2, 3, 4, 5]));
}

fn old_rows_stay_readable(backend: &mut Backend) {
    backend.insert_old_row(None, None);
    backend.insert_old_row(Some("-20"), Some(""));
    backend.insert_old_row(Some("0"), Some("  kept spaces  "));
    backend.insert_old_row(Some("12.5"), Some(&"x".repeat(100)));
    let server = backend.serve();
    let long = "x".repeat(100);
    check_old(
        &server.get("/transaction"),
        &format!(
            r#"{{"result":[{{"id":1,"amount":0,"description":""}},{{"id":2,"amount":-20,"description":""}},{{"id":3,"amount":0,"description":"  kept spaces  "}},{{"id":4,"amount":12.5,"description":"{long}"}}]}}"#
        ),
    );
    check_old(
        &server.get("/transaction/1"),
        r#"{"id":1,"amount":0,"desc":""}"#,
    );
    let row = server.get("/v1/transactions/2");
    assert_eq!(
        row.text(),
        r#"{"id":2,"amount":-20,"description":"","created_at":null,"updated_at":null}"#
    );
    let summary = server.get("/v1/summary?by=day");
    assert_eq!(
        summary.text(),
        r#"{"by":"day","items":[{"period":null,"count":4,"amount":-7.5}]}"#
    );
    let none = server.get("/v1/transactions?from=0001-01-01T00:00:00Z");
    assert_eq!(none.text(), r#"{"items":[],"next_cursor":null}"#);
    let zero = server.get("/v1/transactions?min_amount=0&max_amount=0&order=asc");
    let ids: Vec<_> = zero.json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, [1, 3]);
}

fn a_read_after_a_write_shows_it(backend: &mut Backend) {
    let server = backend.serve();
    let mut connection = server.connect();
    for id in 1..=30_u32 {
        let add =
            Request::new("POST", "/transaction").json(format!(r#"{{"amount":{id},"desc":"x"}}"#));
        assert_eq!(connection.send(&add).unwrap().status, 200);
        let one = connection
            .send(&Request::new("GET", &format!("/transaction/{id}")))
            .unwrap();
        assert_eq!(
            one.text(),
            format!(r#"{{"id":{id},"amount":{id},"desc":"x"}}"#)
        );
        let list = connection
            .send(&Request::new("GET", "/transaction"))
            .unwrap();
        assert_eq!(list.text(), rows(&(1..=id).collect::<Vec<_>>()));
    }
}
