//! What a process says of itself. Telemetry is set up once for a process, so that each test starts one: this very
//! test program, told to play a part.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
    thread,
};

use axum::http::HeaderValue;
use expense_backend::{
    auth,
    config::{Environment, LogConfig, LogFormat},
    store,
    telemetry::{
        self, Role, TelemetryError,
        context::{self, RequestIds, TraceId},
        names,
    },
};
use serde_json::Value;

const PART: &str = "EXPENSE_TEST_TELEMETRY_PART";
/// Some times what a pipe holds, and more than what waits in memory.
const FLOOD_LINES: usize = 60_000;

fn play(part: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "telemetry::part", "--ignored", "--nocapture"])
        .env(PART, part)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The JSON lines of a process that ended well, and what it wrote to stderr.
fn said(part: &str) -> (Vec<Value>, String) {
    let output = play(part).wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    // The test program's own words stand between them.
    let lines = text
        .lines()
        .filter_map(|line| Some(line.split_at(line.find('{')?).1))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (lines, String::from_utf8(output.stderr).unwrap())
}

#[test]
#[ignore = "a part that the other tests let a process play"]
#[expect(clippy::disallowed_methods, reason = "which part to play")]
fn part() {
    let Ok(part) = std::env::var(PART) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let role = match part.as_str() {
        "lambda" => Role::Lambda(Environment::Staging),
        "command" => Role::Command,
        _ => Role::Server,
    };
    let log = LogConfig {
        filter: "warn,expense_backend=info".to_owned(),
        format: LogFormat::Json,
    };
    runtime.block_on(async {
        let telemetry = telemetry::init(&log, role, None).unwrap();
        match part.as_str() {
            "flood" => flood(),
            "lambda" => {
                metrics::counter!(names::CREATED).increment(1);
                telemetry.flush().await;
            }
            _ => speak(&log).await,
        }
        telemetry.shutdown().await;
    });
}

async fn speak(log: &LogConfig) {
    tracing::info!(target: "expense_backend::start", port = 8080, "listening");
    tracing::info!(target: "hyper", "hidden");
    let span =
        tracing::error_span!(target: "expense_backend", "costs nothing while traces are off");
    assert!(span.is_disabled());
    let again = telemetry::init(log, Role::Command, None);
    assert!(matches!(again, Err(TelemetryError::Twice)));
    let ids = RequestIds {
        correlation_id: HeaderValue::from_static("corr-1"),
        trace_id: TraceId([1; 16]),
    };
    let panicking = context::scope(ids, async {
        tokio::spawn(context::carried(async {
            panic!("a \"cause\"\nof two lines")
        }))
        .await
    });
    assert!(panicking.await.unwrap_err().is_panic());
}

fn flood() {
    let text = "x".repeat(100);
    for _ in 0..FLOOD_LINES {
        tracing::info!(target: "expense_backend", text, "flood");
    }
    // The sign that no line was waited for.
    eprintln!("through");
}

#[test]
fn every_line_is_an_object_the_first_and_a_panic_too() {
    for part in ["server", "command"] {
        let (lines, errors) = said(part);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert_eq!(lines[0]["message"], "listening");
        assert_eq!(lines[0]["port"], 8080);
        assert_eq!(lines[1]["message"], "panicked");
        assert_eq!(lines[1]["level"], "ERROR");
        assert_eq!(lines[1]["cause"], "a \"cause\"\nof two lines");
        assert_eq!(lines[1]["correlation_id"], "corr-1");
        assert!(
            lines[1]["location"]
                .as_str()
                .unwrap()
                .contains("telemetry.rs")
        );
        assert!(!errors.contains("panicked"), "{errors}");
    }
}

#[test]
fn a_server_does_not_wait_for_whoever_reads_its_log() {
    let mut server = play("flood");
    let mut errors = BufReader::new(server.stderr.take().unwrap()).lines();
    // Nobody has read a byte of stdout yet.
    assert!(errors.any(|line| line.unwrap() == "through"));
    let mut stdout = server.stdout.take().unwrap();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).unwrap();
        text
    });
    assert!(server.wait().unwrap().success());
    let text = reader.join().unwrap();
    let whole = text
        .lines()
        .filter(|line| line.contains("\"flood\""))
        .count();
    assert!((1000..FLOOD_LINES).contains(&whole), "{whole} lines");
    assert!(text.contains("log lines were dropped"));
}

#[test]
fn a_function_prints_its_metrics_and_a_server_does_not() {
    let (lines, _) = said("lambda");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0][names::CREATED], 1.0);
    assert_eq!(lines[0][names::COLD_STARTS], 1.0);
    assert_eq!(lines[0]["environment"], "staging");
    assert!(lines[0]["_aws"]["CloudWatchMetrics"].is_array());
}

/// Telemetry is a leaf and repeats the words that others own.
#[test]
fn every_label_value_that_can_be_counted_is_announced() {
    assert_eq!(names::SCOPES, auth::Scope::ALL.map(auth::Scope::as_str));
    assert_eq!(
        names::AUTH_FAILURE_REASONS,
        auth::Reason::ALL.map(auth::Reason::as_str)
    );
    assert_eq!(
        names::DB_ERROR_KINDS,
        store::ErrorKind::ALL.map(store::ErrorKind::as_str)
    );
}
