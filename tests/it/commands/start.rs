//! How the service starts, and how it refuses to.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{code, run, text, variables};
use crate::support::{http::Request, process::free_port, server::Server};

fn lines(stdout: &[u8]) -> Vec<Value> {
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    text(stdout).lines().map(line).collect()
}

#[test]
fn out_of_the_box_it_serves_from_a_file_and_says_what_is_unsafe_first() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &variables(&[("PORT", "0")]));
    let first: Value = serde_json::from_str(&server.log()[0]).unwrap();
    assert_eq!(first["address"], server.address().to_string());
    let choices = first["unsafe_choices"].as_str().unwrap();
    for variable in ["AUTH_MODE", "ALLOW_DELETE_ALL", "SQLITE_PATH"] {
        assert!(choices.contains(variable), "{first}");
    }
    let reply = server.post("/v1/transactions", r#"{"amount":1,"description":"a"}"#);
    assert_eq!(reply.status, 201);
    assert!(folder.path().join("data/expense.db").is_file());
}

#[test]
fn every_fault_of_the_configuration_is_named_and_nothing_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    let faults = [
        ("PORT", "80x"),
        ("CACHE_MODE", "maybe"),
        ("DB_HOST", "db"),
        ("DB_PWD", "hunter2"),
    ];
    for words in [&[] as &[&str], &["serve"], &["migrate"]] {
        let output = run(folder.path(), &faults, words);
        assert_eq!(code(output.status), 64, "{words:?}");
        let said = text(&output.stderr);
        for part in ["PORT", "80x", "CACHE_MODE", "maybe", "DB_USER"] {
            assert!(said.contains(part), "{said}");
        }
        assert!(!said.contains("hunter2") && output.stdout.is_empty());
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn production_is_refused_until_somebody_has_decided() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &[("ENVIRONMENT", "production")], &[]);
    assert_eq!(code(output.status), 64);
    let said = text(&output.stderr);
    for variable in ["AUTH_MODE", "SQLITE_PATH", "TRUSTED_PROXY_HOPS"] {
        assert!(said.contains(variable), "{said}");
    }
}

#[test]
fn an_address_that_cannot_be_had_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (variable, pairs, expected) in [
        ("PORT", vec![("PORT", port.as_str())], 69),
        (
            "METRICS_PORT",
            vec![("PORT", "0"), ("METRICS_PORT", port.as_str())],
            69,
        ),
        // An address for documents (RFC 5737): no machine has it.
        ("192.0.2.1", vec![("HOST", "192.0.2.1")], 64),
    ] {
        let output = run(folder.path(), &pairs, &["serve"]);
        assert_eq!(code(output.status), expected, "{variable}");
        let last = lines(&output.stdout).pop().unwrap();
        let error = last["error"].as_str().unwrap();
        assert!(error.contains(variable), "{last}");
    }
}

/// The port is open meanwhile: the process lives, is unready, and data requests are told.
#[test]
fn a_store_that_does_not_come_is_waited_for_and_ends_with_69() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = free_port().to_string();
    let pairs = [
        ("PORT", "0"),
        ("DB_HOST", "127.0.0.1"),
        ("DB_PORT", &nobody),
        ("DB_USER", "app"),
        ("DB_PWD", "hunter2"),
        ("DB_ACQUIRE_TIMEOUT_MS", "200"),
        ("STARTUP_TIMEOUT_SECS", "4"),
    ];
    let began = Instant::now();
    let mut server = Server::start(folder.path(), &variables(&pairs));
    assert_eq!(server.get("/livez").status, 200);
    let reply = server.get("/readyz");
    assert_eq!(
        (reply.status, &reply.json()["missing"][0]),
        (503, &"store".into())
    );
    let reply = server.get("/v1/transactions");
    assert_eq!(
        (reply.status, &reply.json()["error"]),
        (503, &"store_unavailable".into())
    );
    assert_eq!(code(server.wait_for_end()), 69);
    let took = began.elapsed();
    assert!(
        took >= Duration::from_secs(4) && took < Duration::from_secs(15),
        "{took:?}"
    );
    let log = server.log().join("\n");
    assert!(!log.contains("hunter2"), "{log}");
}

#[test]
fn migrate_says_what_it_did_and_finds_nothing_the_second_time() {
    let folder = tempfile::tempdir().unwrap();
    let migrate = |words: &[&str]| {
        let output = run(folder.path(), &[], words);
        let last = lines(&output.stdout).pop().unwrap();
        (
            code(output.status),
            last["message"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(
        migrate(&["migrate", "--check"]),
        (69, "migrations are missing".to_owned())
    );
    assert_eq!(migrate(&["migrate"]), (0, "migrated".to_owned()));
    assert_eq!(migrate(&["migrate"]), (0, "nothing to migrate".to_owned()));
    assert_eq!(
        migrate(&["migrate", "--check"]),
        (0, "nothing to migrate".to_owned())
    );
}

#[test]
fn the_probe_of_an_image_asks_the_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(
        folder.path(),
        &variables(&[
            ("PORT", "0"),
            ("HOST", "0.0.0.0"),
            ("SHUTDOWN_NOTICE_MS", "0"),
        ]),
    );
    server.wait_until_ready(Duration::from_secs(10));
    let port = server.address().port().to_string();
    let probe = |words: &[&str]| {
        // The server's variables, and one that is at fault: the probe asks for the address alone.
        let pairs = [("HOST", "0.0.0.0"), ("PORT", &port), ("DB_TLS", "nonsense")];
        code(run(folder.path(), &pairs, words).status)
    };
    assert_eq!(probe(&["healthcheck"]), 0);
    assert_eq!(probe(&["healthcheck", "--live"]), 0);
    assert_eq!(server.send(&Request::new("GET", "/livez")).status, 200);
    assert!(server.stop().success());
    assert_eq!(probe(&["healthcheck"]), 1);
    assert_eq!(probe(&["healthcheck", "--live"]), 1);
}
