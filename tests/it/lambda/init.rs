//! What happens before the first event, what the first one costs, and a sandbox that was frozen.

use rustix::process::Signal;
use serde_json::json;

use super::{
    entrance::{ask, step},
    runtime::{Function, Outcome},
    shape::Shape,
};
use crate::support::{
    backend::Backend,
    database::{Database, PASSWORD},
    proxy::Proxy,
    secrets::{Secrets, aws_variables},
    server::Variables,
};

/// What a secret is not read again for, once it was read: long enough that only a refused login has it read again.
const NO_TIMER: &str = "3600";

fn set(variables: &mut Variables, name: &str, value: &str) {
    variables.insert(name.to_owned(), value.to_owned());
}

fn login(database: &Database, password: &str) -> String {
    json!({ "username": database.user(), "password": password }).to_string()
}

#[test]
fn init_connects_nothing_and_the_first_request_connects_once() {
    let Some(mut backend) = Backend::mysql() else {
        return;
    };
    // The proxies run on its threads.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_, port) = backend.database().unwrap().address();
    let redis_port = backend.redis().unwrap().port();
    let mysql = runtime.block_on(Proxy::start(port));
    let redis = runtime.block_on(Proxy::start(redis_port));
    let mut variables = backend.variables();
    set(&mut variables, "DB_PORT", &mysql.port().to_string());
    set(&mut variables, "REDIS_PORT", &redis.port().to_string());
    let function = Function::start(backend.folder(), &variables);
    // Answered without the store: by then init is over.
    let alive = ask(&function, Shape::Http, &step("GET", "/livez", None));
    assert_eq!(alive.status, 200);
    assert_eq!((mysql.accepted(), redis.accepted()), (0, 0), "in init");
    let body = r#"{"amount":1,"description":"x"}"#;
    for (number, (method, body, status)) in [
        ("GET", None, 200),
        ("POST", Some(body), 201),
        ("GET", None, 200),
        ("POST", Some(body), 201),
    ]
    .into_iter()
    .enumerate()
    {
        let reply = ask(
            &function,
            Shape::Http,
            &step(method, "/v1/transactions", body),
        );
        assert_eq!(reply.status, status, "{}", reply.text());
        assert_eq!(mysql.accepted(), 1, "after request {number}");
        assert!(redis.accepted() <= 1, "after request {number}");
    }
}

#[test]
fn a_secret_that_cannot_be_had_ends_init_with_69() {
    let (Some(backend), Some(secrets)) = (Backend::mysql(), Secrets::new()) else {
        return;
    };
    let mut variables = backend.variables();
    variables.extend(aws_variables(secrets.address()));
    set(&mut variables, "DB_SECRET_ID", &secrets.id("missing"));
    let mut function = Function::start(backend.folder(), &variables);
    assert_eq!(function.end().code(), Some(69));
}

/// What a sandbox is between two events, as far as a test can have it: stopped, while others go on.
fn while_frozen(function: &Function, happening: impl FnOnce()) {
    function.process().signal(Signal::STOP);
    happening();
    function.process().signal(Signal::CONT);
}

#[test]
fn connections_that_died_in_a_freeze_cost_no_request() {
    let Some(mut backend) = Backend::mysql() else {
        return;
    };
    let function = Function::start(backend.folder(), &backend.variables());
    let body = r#"{"amount":1,"description":"x"}"#;
    let steps = [
        (step("GET", "/v1/transactions", None), 200),
        (step("POST", "/v1/transactions", Some(body)), 201),
        (step("GET", "/v1/summary?by=day", None), 200),
    ];
    for _ in 0..3 {
        for (step, status) in &steps {
            assert_eq!(ask(&function, Shape::Http, step).status, *status);
            while_frozen(&function, || {
                let database = backend.database().unwrap();
                database.end_sessions(&database.user());
                let killed = backend.redis().unwrap().command("CLIENT KILL TYPE normal");
                assert!(killed.starts_with(':'), "{killed}");
            });
            let reply = ask(&function, Shape::Http, step);
            assert_eq!(reply.status, *status, "{}", reply.text());
        }
    }
    let rows = backend
        .database()
        .unwrap()
        .column("SELECT CAST(COUNT(*) AS CHAR) FROM transactions");
    assert_eq!(rows, [Some("6".to_owned())]);
}

/// The password rotates and old sessions end while the sandbox is frozen; no timer of it has run.
#[test]
fn a_password_that_rotated_in_a_freeze_costs_no_request() {
    let (Some(backend), Some(secrets)) = (Backend::mysql(), Secrets::new()) else {
        return;
    };
    let database = backend.database().unwrap();
    secrets.create("db", &login(database, PASSWORD));
    let mut variables = backend.variables();
    variables.remove("DB_USER");
    variables.remove("DB_PWD");
    variables.extend(aws_variables(secrets.address()));
    set(&mut variables, "DB_SECRET_ID", &secrets.id("db"));
    set(&mut variables, "SECRET_REFRESH_SECS", NO_TIMER);
    let function = Function::start(backend.folder(), &variables);
    let body = r#"{"amount":1,"description":"x"}"#;
    let step = step("POST", "/v1/transactions", Some(body));
    assert_eq!(ask(&function, Shape::Http, &step).status, 201);
    for rotation in 0..20 {
        let password = format!("{:032x}", rand::random::<u128>());
        while_frozen(&function, || {
            database.execute(&format!(
                "ALTER USER '{}'@'%' IDENTIFIED BY '{password}'",
                database.user()
            ));
            database.end_sessions(&database.user());
            secrets.put("db", &login(database, &password));
        });
        match function.invoke(&Shape::Http.event(&step, &step.headers)) {
            Outcome::Response(value) => {
                let reply = Shape::Http.reply(&value);
                assert_eq!(reply.status, 201, "{rotation}: {}", reply.text());
            }
            Outcome::Error(error) => panic!("{rotation}: {error}"),
        }
    }
}
