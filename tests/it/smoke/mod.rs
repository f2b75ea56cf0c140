//! `cargo xtask smoke` against the real program, by both of its entrances: it passes where all is well, else not.

mod gateway;

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use sha2::Digest as _;

use self::gateway::Gateway;
use crate::{
    each_backend,
    lambda::{runtime::Function, shape::Shape},
    support::{backend::Backend, environment, process, wait},
};

const LIMIT: Duration = Duration::from_secs(20);
const KEY: &str = "smoke-key-00000000000000000000000";

each_backend!(
    a_sound_server_passes,
    a_guarded_server_below_a_base_path_passes,
    a_key_that_may_not_write_fails,
    a_server_turned_back_to_on_a_newer_schema_passes
);

/// What the command said, and whether it was content; `None`, with a printed reason, where nobody says where it is.
fn smoke(url: &str, words: &[&str], key: Option<&str>) -> Option<(bool, String)> {
    let program = environment::xtask()?;
    let mut command = Command::new(program);
    command
        .args(["smoke", "--url", url, "--wait", "20"])
        .args(words)
        .env_clear()
        .envs(environment::inherited())
        // Nobody listens there: what is on this machine is asked directly.
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .envs(key.map(|key| ("SMOKE_API_KEY", key)))
        .stdin(Stdio::null());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), said + &complaint))
}

fn passes(url: &str, words: &[&str], key: Option<&str>) {
    if let Some((passed, said)) = smoke(url, words, key) {
        assert!(passed, "{said}");
        assert!(said.contains("nothing left"), "{said}");
    }
}

fn fails(url: &str, words: &[&str], key: Option<&str>, step: &str) {
    if let Some((passed, said)) = smoke(url, words, key) {
        assert!(
            !passed && said.contains(&format!("failed: {step}")),
            "{said}"
        );
    }
}

/// One key with these scopes.
fn keys(scopes: &[&str]) -> String {
    let sha256 = hex::encode(sha2::Sha256::digest(KEY));
    serde_json::json!([{"name": "smoke", "sha256": sha256, "scopes": scopes}]).to_string()
}

fn a_sound_server_passes(backend: &mut Backend) {
    let server = backend.serve();
    let url = format!("http://{}", server.address());
    passes(&url, &["--write", "--metrics-open"], None);
    fails(&url, &[], None, "metrics hidden");
    assert_eq!(server.get("/transaction").text(), r#"{"result":[]}"#);
}

fn a_guarded_server_below_a_base_path_passes(backend: &mut Backend) {
    let server = backend.serve_with(&[
        ("AUTH_MODE", "api-key"),
        (
            "API_KEYS",
            &keys(&["transactions:read", "transactions:write"]),
        ),
        ("API_BASE_PATH", "/api"),
        ("METRICS_PORT", &process::free_port().to_string()),
    ]);
    let url = format!("http://{}", server.address());
    passes(&url, &["--write", "--base-path", "/api"], Some(KEY));
    fails(&url, &["--write"], None, "old list, new list");
}

fn a_key_that_may_not_write_fails(backend: &mut Backend) {
    let server = backend.serve_with(&[
        ("AUTH_MODE", "api-key"),
        ("API_KEYS", &keys(&["transactions:read"])),
    ]);
    let url = format!("http://{}", server.address());
    fails(&url, &["--write", "--metrics-open"], Some(KEY), "create");
}

/// A rollback turns the program back, never the schema: what a newer release added does not matter to this one.
fn a_server_turned_back_to_on_a_newer_schema_passes(backend: &mut Backend) {
    let output = backend.run(&["migrate"], &backend.migration_variables());
    assert!(output.status.success(), "migrate: {output:?}");
    for statement in [
        "ALTER TABLE transactions ADD COLUMN category VARCHAR(50) NULL",
        "CREATE TABLE budgets (id BIGINT PRIMARY KEY, amount BIGINT NOT NULL)",
        "INSERT INTO schema_migrations VALUES ('9999_of_a_newer_release', '2026-11-25 10:00:00')",
    ] {
        backend.execute(statement);
    }
    let server = backend.serve();
    let url = format!("http://{}", server.address());
    passes(&url, &["--write", "--metrics-open"], None);
}

#[test]
fn a_server_whose_redis_is_gone_fails() {
    let Some(mut backend) = Backend::mysql() else {
        return;
    };
    let server = backend.serve();
    server.wait_until_healthy(LIMIT);
    backend.redis().unwrap().kill();
    // What was measured may be a second old.
    wait::until("a degraded server", LIMIT, || {
        (server.get("/health").json()["status"] == "degraded").then_some(())
    });
    let url = format!("http://{}", server.address());
    fails(&url, &["--metrics-open"], None, "healthy");
}

#[test]
fn the_function_passes_behind_each_kind_of_gateway() {
    for (shape, stage) in [
        (Shape::Http, ""),
        (Shape::HttpNamedStage, "/dev"),
        (Shape::Rest, "/dev"),
        (Shape::AlbMulti, ""),
    ] {
        let Some(backend) = Backend::mysql() else {
            return;
        };
        let function = Function::start(backend.folder(), &backend.variables());
        let gateway = Gateway::start(function, shape, stage);
        passes(
            &format!("http://{}{stage}", gateway.address()),
            &["--write"],
            None,
        );
    }
}

#[test]
fn a_function_without_its_store_fails() {
    let Some(backend) = Backend::mysql() else {
        return;
    };
    let mut variables = backend.variables();
    variables.insert("DB_PORT".to_owned(), process::free_port().to_string());
    variables.insert("DB_ACQUIRE_TIMEOUT_MS".to_owned(), "300".to_owned());
    let function = Function::start(backend.folder(), &variables);
    let gateway = Gateway::start(function, Shape::Http, "");
    fails(
        &format!("http://{}", gateway.address()),
        &["--wait", "0"],
        None,
        "ready, healthy",
    );
}
