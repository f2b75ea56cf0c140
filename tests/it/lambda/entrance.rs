//! What is the function's own: commands, events of others, limits, metrics.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    corpus::Step,
    runtime::{Function, Outcome},
    shape::Shape,
};
use crate::support::{backend::Backend, http::Reply};

pub(super) fn step(method: &str, target: &str, body: Option<&str>) -> Step {
    serde_json::from_value(json!({
        "name": target, "method": method, "target": target, "body": body,
        "headers": [["Content-Type", "application/json"]]
    }))
    .unwrap()
}

pub(super) fn ask(function: &Function, shape: Shape, step: &Step) -> Reply {
    match function.invoke(&shape.event(step, &step.headers)) {
        Outcome::Response(value) => shape.reply(&value),
        Outcome::Error(error) => panic!("{}: {error}", step.name),
    }
}

#[test]
fn sqlite_is_refused_with_64() {
    let backend = Backend::sqlite();
    let mut function = Function::start(backend.folder(), &backend.variables());
    assert_eq!(function.end().code(), Some(64));
}

#[test]
fn a_store_that_cannot_be_reached_is_a_503_and_init_does_not_wait_for_it() {
    let backend = Backend::sqlite();
    let mut variables = backend.variables();
    for (name, value) in [
        ("DB_HOST", "127.0.0.1"),
        ("DB_PORT", "1"),
        ("DB_USER", "u"),
        ("DB_PWD", "p"),
        ("DB_ACQUIRE_TIMEOUT_MS", "300"),
    ] {
        variables.insert(name.to_owned(), value.to_owned());
    }
    let function = Function::start(backend.folder(), &variables);
    let reply = ask(&function, Shape::Http, &step("GET", "/transaction", None));
    assert_eq!(
        (reply.status, &reply.json()["error"]),
        (503, &json!("store_unavailable"))
    );
    assert!(reply.header("retry-after").is_some());
    assert_eq!(
        ask(&function, Shape::Http, &step("GET", "/livez", None)).status,
        200
    );
}

#[test]
fn each_kind_refuses_the_others_events_and_lives_on() {
    let Some(backend) = Backend::mysql() else {
        return;
    };
    let api = Function::start(backend.folder(), &backend.variables());
    for event in [
        json!({"command": "migrate"}),
        json!({}),
        json!("x"),
        json!({"Records": []}),
    ] {
        assert!(matches!(api.invoke(&event), Outcome::Error(_)), "{event}");
    }
    assert_eq!(
        ask(&api, Shape::Http, &step("GET", "/readyz", None)).status,
        200
    );

    let mut variables = backend.migration_variables();
    variables.insert("LAMBDA_KIND".to_owned(), "admin".to_owned());
    let admin = Function::start(backend.folder(), &variables);
    let http = step("GET", "/transaction", None);
    for event in [
        Shape::Http.event(&http, &http.headers),
        json!({"command": "drop"}),
        json!({"command": "migrate", "force": true}),
    ] {
        assert!(matches!(admin.invoke(&event), Outcome::Error(_)), "{event}");
    }
    let migrated = admin.invoke(&json!({"command": "migrate"}));
    assert_eq!(migrated, Outcome::Response(json!({"migrations": []})));
}

#[test]
fn a_bad_event_does_not_end_the_process() {
    let Some(backend) = Backend::mysql() else {
        return;
    };
    let function = Function::start(backend.folder(), &backend.variables());
    let good = step("GET", "/transaction", None);
    let mut bad = Shape::Http.event(&good, &good.headers);
    bad["body"] = "not base64!".into();
    bad["isBase64Encoded"] = true.into();
    let _failed = function.invoke(&bad);
    assert_eq!(ask(&function, Shape::Http, &good).status, 200);
}

/// Such parts are the client's to choose, and make no address.
#[test]
fn a_client_cannot_break_the_reading_of_its_event() {
    let Some(backend) = Backend::mysql() else {
        return;
    };
    let function = Function::start(backend.folder(), &backend.variables());
    let good = step("GET", "/transaction", None);
    let mut quoted = Shape::Http.event(&good, &good.headers);
    quoted["rawQueryString"] = "q=\"<>\"".into();
    let mut hosted = Shape::Alb.event(&good, &good.headers);
    hosted["headers"]["host"] = "a b:c".into();
    for event in [quoted, hosted] {
        let Outcome::Response(reply) = function.invoke(&event) else {
            panic!("the runtime was told of an error");
        };
        assert_eq!(reply["statusCode"], 200, "{reply}");
    }
}

#[test]
fn metrics_leave_as_embedded_lines_and_not_by_the_route() {
    let Some(backend) = Backend::mysql() else {
        return;
    };
    let function = Function::start(backend.folder(), &backend.variables());
    let reply = ask(&function, Shape::Http, &step("GET", "/metrics", None));
    assert_eq!(
        (reply.status, &reply.json()["error"]),
        (404, &json!("no_route"))
    );
    ask(&function, Shape::Http, &step("GET", "/transaction", None));
    let line =
        function.line(|line| line.contains("\"_aws\"") && line.contains("http_requests_total"));
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        line["_aws"]["CloudWatchMetrics"][0]["Namespace"],
        "ExpenseBackend"
    );
}

#[test]
fn a_reply_that_cannot_be_carried_is_a_clear_problem() {
    let Some(backend) = Backend::mysql() else {
        return;
    };
    let text = "x".repeat(250);
    let rows: Vec<_> = (0..500).map(|_| format!("(1, '{text}')")).collect();
    for _ in 0..10 {
        backend.execute(&format!(
            "INSERT INTO transactions (amount, description) VALUES {}",
            rows.join(",")
        ));
    }
    let function = Function::start(backend.folder(), &backend.variables());
    // 5,000 rows of about 290 bytes: more than a load balancer carries, less than a gateway does.
    let whole = step("GET", "/transaction", None);
    let refused = ask(&function, Shape::Alb, &whole);
    assert_eq!(
        (refused.status, &refused.json()["error"]),
        (422, &json!("reply_too_large"))
    );
    assert_eq!(refused.json()["errors"][0]["field"], "limit");
    let carried = ask(&function, Shape::Http, &whole);
    assert_eq!(
        carried.json()["result"].as_array().map(Vec::len),
        Some(5000)
    );
    let page = ask(
        &function,
        Shape::Alb,
        &step("GET", "/transaction?limit=1000", None),
    );
    assert_eq!(page.json()["result"].as_array().map(Vec::len), Some(1000));
}

#[test]
fn the_invocations_end_is_the_deadline() {
    let Some(backend) = Backend::mysql() else {
        return;
    };
    let function = Function::start(backend.folder(), &backend.variables());
    let step = step("GET", "/transaction", None);
    let event = Shape::Http.event(&step, &step.headers);
    // Less than what is kept back: there is no time to ask the store.
    let Outcome::Response(value) = function.invoke_within(&event, Duration::from_millis(1)) else {
        panic!("the invocation failed");
    };
    assert_eq!(Shape::Http.reply(&value).status, 504);
    assert_eq!(ask(&function, Shape::Http, &step).status, 200);
}

#[test]
fn a_hundred_requests_leave_it_small() {
    let Some(backend) = Backend::mysql() else {
        return;
    };
    let function = Function::start(backend.folder(), &backend.variables());
    for _ in 0..100 {
        ask(&function, Shape::Http, &step("GET", "/transaction", None));
    }
    let bytes = function.process().resident_bytes();
    eprintln!("resident after 100 requests: {} KiB", bytes / 1024);
    // The promise is 40 MB for the release build; what is built for tests is larger.
    assert!(bytes < 128 << 20, "{bytes}");
    drop(function.lines());
}
