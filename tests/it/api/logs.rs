//! What the log says, and what it must never say.

use serde_json::Value;

use crate::{
    each_backend,
    support::{backend::Backend, database::PASSWORD, http::Request, json, server::Server},
};

each_backend!(nothing_secret_is_ever_logged);

#[track_caller]
fn completed(server: &Server, correlation: &str) -> Value {
    server.wait_for_line(&format!("of {correlation} completed"), |line| {
        line["correlation_id"] == correlation && message(line) == "request_completed"
    })
}

fn message(line: &Value) -> &str {
    line["message"].as_str().unwrap_or_default()
}

#[test]
fn the_first_line_says_where_and_what_is_unsafe() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    let first = server.log()[0].clone();
    let line: Value = serde_json::from_str(&first).unwrap();
    assert!(first.contains(&server.address().to_string()), "{first}");
    let lower = first.to_lowercase();
    assert!(
        lower.contains("sqlite") && lower.contains("auth"),
        "what is unsafe is not said: {line}"
    );
}

#[test]
fn a_request_is_logged_with_its_particulars() {
    let backend = Backend::sqlite();
    let server = backend.serve_with(&[("LOG_LEVEL", "debug")]);
    let request = Request::new("GET", "/v1/transactions/7?secret=query")
        .header("X-Correlation-ID", "particulars")
        .header("User-Agent", "tester/1.0")
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        );
    assert_eq!(server.send(&request).status, 422);
    let line = completed(&server, "particulars");
    for (field, wanted) in [
        ("method", Value::from("GET")),
        ("endpoint", "/v1/transactions/{id}".into()),
        ("path", "/v1/transactions/7".into()),
        ("status", 422.into()),
        ("client_ip", "127.0.0.1".into()),
        ("user_agent", "tester/1.0".into()),
        ("trace_id", "0af7651916cd43dd8448eb211c80319c".into()),
        ("level", "INFO".into()),
    ] {
        assert_eq!(line[field], wanted, "{field} in {line}");
    }
    assert!(line["duration_ms"].is_number(), "{line}");
    let started = server.wait_for_line("started", |line| {
        line["correlation_id"] == "particulars" && message(line) == "request_started"
    });
    assert_eq!(started["level"], "DEBUG", "{started}");
}

#[test]
fn probes_are_quiet_and_every_line_is_an_object() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    for target in ["/livez", "/readyz", "/metrics"] {
        server.get(target);
    }
    server.send(&Request::new("GET", "/transaction").header("X-Correlation-ID", "loud"));
    completed(&server, "loud");
    let log = server.log();
    for line in &log {
        let parsed: Value = serde_json::from_str(line).unwrap();
        assert!(parsed.is_object(), "{line}");
        let endpoint = parsed["endpoint"].as_str().unwrap_or_default();
        let probe = ["/livez", "/readyz", "/metrics"].contains(&endpoint);
        assert!(!probe || parsed["status"] != 200, "{line}");
    }
}

#[test]
fn the_client_is_found_behind_trusted_proxies() {
    let backend = Backend::sqlite();
    let server = backend.serve_with(&[("TRUSTED_PROXY_HOPS", "1")]);
    for (forwarded, client) in [
        (Some("198.51.100.7"), "198.51.100.7"),
        (Some("203.0.113.9, 198.51.100.7"), "198.51.100.7"),
        (None, "127.0.0.1"),
    ] {
        let id = format!("from-{}", forwarded.map_or(0, str::len));
        let mut request = Request::new("GET", "/transaction").header("X-Correlation-ID", &id);
        if let Some(forwarded) = forwarded {
            request = request.header("X-Forwarded-For", forwarded);
        }
        server.send(&request);
        assert_eq!(completed(&server, &id)["client_ip"], client);
    }
}

fn nothing_secret_is_ever_logged(backend: &mut Backend) {
    const KEY: &str = "swordfish-api-key";
    let server = backend.serve_with(&[("LOG_LEVEL", "trace")]);
    let secret = "marzipan-description";
    let created = server.send(
        &Request::new("POST", "/v1/transactions")
            .header("Idempotency-Key", "walnut-key")
            .header("X-API-Key", KEY)
            .header("Authorization", "Bearer swordfish-token")
            .header("Cookie", "session=swordfish-cookie")
            .json(json::transaction("31337.42", secret)),
    );
    assert_eq!(created.status, 201, "{}", created.text());
    server.post(
        "/transaction",
        format!(r#"{{"amount":"31337.42","desc":"{secret}"}}"#),
    );
    server.send(
        &Request::new("POST", "/transaction").form(&format!("amount=31337.42&desc={secret}")),
    );
    server.post(
        "/transaction",
        format!(r#"{{"amount":"x31337.42","desc":"{secret}"#),
    );
    server.post(
        "/transaction",
        format!(r#"{{"amount":"x31337.42","desc":"{secret}"}}"#),
    );
    server.get("/transaction");
    server.get("/transaction/1");
    server.get(&format!("/v1/transactions?q={secret}&min_amount=31337.42"));
    server.get(&format!("/v1/transactions?wrong={secret}"));
    server.get("/v1/summary?by=day");
    let patch =
        Request::new("PATCH", "/v1/transactions/1").json(json::transaction("31337.42", secret));
    server.send(&patch);
    server.delete("/transaction/2");
    let last = Request::new("DELETE", "/v1/transactions?from=2000-01-01T00:00:00Z")
        .header("X-Correlation-ID", "the-last");
    server.send(&last);
    completed(&server, "the-last");
    for line in server.log() {
        for word in [
            "marzipan",
            "31337",
            "swordfish",
            PASSWORD,
            "2000-01-01",
            "min_amount",
            "?q=",
        ] {
            assert!(!line.contains(word), "{word:?} is in the log: {line}");
        }
    }
}
