//! `X-Correlation-ID`.

use std::collections::HashSet;

use crate::support::{backend::Backend, http::Request};

#[test]
fn a_good_id_is_taken_and_returned_everywhere() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    let long = "x".repeat(64);
    for id in ["a", "A-z.0_9", long.as_str()] {
        for target in [
            "/livez",
            "/transaction",
            "/v1/transactions/9",
            "/nothing",
            "/metrics",
        ] {
            let reply = server.send(&Request::new("GET", target).header("X-Correlation-ID", id));
            assert_eq!(reply.header("x-correlation-id"), Some(id), "{target}");
            if reply.status >= 400 {
                assert_eq!(reply.json()["correlation_id"], id, "{target}");
            }
        }
        let options =
            server.send(&Request::new("OPTIONS", "/transaction").header("X-Correlation-ID", id));
        assert_eq!(options.header("x-correlation-id"), Some(id));
    }
}

#[test]
fn another_one_is_replaced() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    let mut seen = HashSet::new();
    let long = "x".repeat(65);
    for id in [
        "",
        "a b",
        "a/b",
        "a\"b",
        "ä",
        "<script>",
        "a;b",
        "a%0d",
        long.as_str(),
    ] {
        let reply = server.send(&Request::new("GET", "/nothing").header("X-Correlation-ID", id));
        let made = reply.header("x-correlation-id").unwrap();
        assert_ne!(made, id);
        assert!((1..=64).contains(&made.len()), "{made}");
        assert!(
            made.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)),
            "{made}"
        );
        assert_eq!(reply.json()["correlation_id"], made);
        assert!(seen.insert(made.to_owned()), "{made} was made twice");
    }
    let reply = server.get("/livez");
    assert!(seen.insert(reply.header("x-correlation-id").unwrap().to_owned()));
}
