//! The filters of `GET /v1/transactions`: the same answer on every store.

use crate::{
    each_backend,
    support::{backend::Backend, json, problem, server::Server},
};

each_backend!(
    text_is_found_as_written_in_either_case_of_a_to_z,
    amounts_are_compared_exactly,
    times_are_half_open,
    filters_join,
);

#[track_caller]
fn found(server: &Server, query: &str) -> Vec<u64> {
    let reply = server.get(&format!("/v1/transactions?order=asc&{query}"));
    assert_eq!(reply.status, 200, "{query}: {}", reply.text());
    let body = reply.json();
    let items = body["items"].as_array().unwrap();
    items
        .iter()
        .map(|row| row["id"].as_u64().unwrap())
        .collect()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn text_is_found_as_written_in_either_case_of_a_to_z(backend: &mut Backend) {
    let server = backend.serve();
    let texts = [
        "Coffee",          // 1
        "COFFEE to go",    // 2
        "100% juice",      // 3
        "100 juice",       // 4
        "snake_case",      // 5
        "snakeXcase",      // 6
        r"back\slash",     // 7
        "café",            // 8
        "cafe",            // 9
        "CAFÉ",            // 10
        "😀",              // 11
        "😎",              // 12
        "it's \"quoted\"", // 13
        "straße",          // 14
        "strasse",         // 15
        "a\nb",            // 16
        "[x]*?",           // 17
    ];
    for text in texts {
        let reply = server.post("/v1/transactions", json::transaction("1", text));
        assert_eq!(reply.status, 201, "{text}");
    }
    let cases: &[(&str, &[u64])] = &[
        ("coffee", &[1, 2]),
        ("COFFEE", &[1, 2]),
        ("ffee T", &[2]),
        ("100%", &[3]),
        ("%", &[3]),
        ("_", &[5]),
        ("snake_", &[5]),
        ("\\", &[7]),
        ("k\\s", &[7]),
        ("café", &[8]),
        ("CAFé", &[8]),
        ("cafe", &[9]),
        ("É", &[10]),
        ("😀", &[11]),
        ("😎", &[12]),
        ("'", &[13]),
        ("\"quoted\"", &[13]),
        ("ß", &[14]),
        ("SS", &[15]),
        ("a\nb", &[16]),
        ("[x]", &[17]),
        ("*", &[17]),
        ("nothing like it", &[]),
    ];
    for (text, ids) in cases {
        assert_eq!(
            found(&server, &format!("q={}", encoded(text))),
            *ids,
            "{text:?}"
        );
    }
    assert_eq!(found(&server, "q=to+go"), [2]);
    assert_eq!(found(&server, "q=").len(), texts.len());
}

fn amounts_are_compared_exactly(backend: &mut Backend) {
    let server = backend.serve_with(&[("AMOUNT_SIGN", "any")]);
    for amount in [
        "-20",
        "-0.01",
        "0",
        "0.01",
        "12.5",
        "12.51",
        "9999999999.99",
    ] {
        server.post("/v1/transactions", json::transaction(amount, "x"));
    }
    for (query, ids) in [
        ("min_amount=12.5", &[5, 6, 7][..]),
        ("min_amount=12.51", &[6, 7]),
        ("max_amount=12.50", &[1, 2, 3, 4, 5]),
        ("min_amount=-0.01&max_amount=0", &[2, 3]),
        ("max_amount=-20", &[1]),
        ("min_amount=9999999999.99", &[7]),
        ("min_amount=5&max_amount=1", &[]),
    ] {
        assert_eq!(found(&server, query), ids, "{query}");
    }
    for (query, field) in [
        ("min_amount=", "min_amount"),
        ("max_amount=1e3", "max_amount"),
        ("min_amount=0.001", "min_amount"),
        ("max_amount=12345678901", "max_amount"),
        ("min_amount=%2B1", "min_amount"),
    ] {
        let reply = server.get(&format!("/v1/transactions?{query}"));
        problem::check(&reply, 422, "validation_failed", &[field]);
    }
}

fn times_are_half_open(backend: &mut Backend) {
    let server = backend.serve();
    let at: Vec<String> = (0..3)
        .map(|_| {
            let reply = server.post("/v1/transactions", json::transaction("1", "x"));
            reply.json()["created_at"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(found(&server, &format!("from={}", at[1])), [2, 3]);
    assert_eq!(found(&server, &format!("to={}", at[1])), [1]);
    assert_eq!(
        found(&server, &format!("from={}&to={}", at[0], at[2])),
        [1, 2]
    );
    assert_eq!(
        found(&server, &format!("from={}&to={}", at[1], at[1])),
        [0_u64; 0]
    );
    let zone = at[1].replace('Z', "%2B00:00");
    assert_eq!(found(&server, &format!("from={zone}")), [2, 3]);
    // The same moment by the clocks of another zone.
    assert_eq!(found(&server, "from=2000-01-01T00:00:00-11:30").len(), 3);
    assert_eq!(found(&server, "to=2000-01-01T00:00:00Z").len(), 0);
    for (query, field) in [
        ("from=2026-11-24", "from"),
        ("to=2026-11-24T10:00:00", "to"),
        ("from=", "from"),
        ("to=2026-02-30T00:00:00Z", "to"),
        ("from=1764000000", "from"),
    ] {
        let reply = server.get(&format!("/v1/transactions?{query}"));
        problem::check(&reply, 422, "validation_failed", &[field]);
    }
}

fn filters_join(backend: &mut Backend) {
    let server = backend.serve();
    for (amount, text) in [("1", "tea"), ("2", "tea"), ("2", "cake"), ("3", "tea")] {
        server.post("/v1/transactions", json::transaction(amount, text));
    }
    assert_eq!(found(&server, "q=TEA&min_amount=2&max_amount=2"), [2]);
    let reply = server.get("/v1/transactions?q=x&q=y");
    assert_eq!(reply.status, 422, "{}", reply.text());
    let many = server.get("/v1/transactions?limit=0&order=up&min_amount=x&from=y&too=z");
    problem::check(
        &many,
        422,
        "validation_failed",
        &["limit", "order", "min_amount", "from", "too"],
    );
}
