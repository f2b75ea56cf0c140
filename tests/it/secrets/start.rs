//! A secret that cannot be had or read: exit 69 within ten seconds, its id named, its value never.

use std::time::{Duration, Instant};

use super::endpoint::{Answer, Endpoint};
use crate::support::{
    backend::Backend,
    process::{Process, free_port},
    secrets::{Secrets, aws_variables},
    server::{Server, Variables, program},
};

const LIMIT: Duration = Duration::from_secs(10);
const UNREADABLE: i32 = 69;
/// What no message may show.
const VALUE: &str = "hunter2-the-value";

/// What a start that failed left behind.
struct Failed {
    text: String,
}

/// Runs `serve` to its end, which has to come in time.
fn fails(variables: &Variables) -> Failed {
    let folder = tempfile::tempdir().unwrap();
    let (out, err) = (folder.path().join("out"), folder.path().join("err"));
    let mut command = program(folder.path(), variables, &[]);
    command
        .stdout(std::fs::File::create(&out).unwrap())
        .stderr(std::fs::File::create(&err).unwrap());
    let begun = Instant::now();
    let mut process = Process::start(&mut command);
    let status = process.end_within(LIMIT);
    let text = [out, err].map(|file| std::fs::read_to_string(file).unwrap());
    let text = text.concat();
    assert!(begun.elapsed() < LIMIT, "{:?}: {text}", begun.elapsed());
    assert_eq!(status.code(), Some(UNREADABLE), "{text}");
    Failed { text }
}

impl Failed {
    #[track_caller]
    fn says(&self, parts: &[&str]) {
        for part in parts {
            assert!(self.text.contains(part), "{part:?} is not in {}", self.text);
        }
        for secret in [VALUE, "aws-key-of-the-test"] {
            assert!(!self.text.contains(secret), "{}", self.text);
        }
    }
}

/// `serve` with one secret, asked for at `endpoint`. Neither store nor cache is ever reached.
fn variables(variable: &str, id: &str, endpoint: std::net::SocketAddr) -> Variables {
    let mut variables = Backend::sqlite().variables();
    variables.extend(aws_variables(endpoint));
    variables.insert(variable.to_owned(), id.to_owned());
    match variable {
        "DB_SECRET_ID" => drop(variables.insert("DB_HOST".to_owned(), "127.0.0.1".to_owned())),
        "REDIS_SECRET_ID" => {
            drop(variables.insert("REDIS_HOST".to_owned(), "127.0.0.1".to_owned()))
        }
        _ => drop(variables.insert("AUTH_MODE".to_owned(), "api-key".to_owned())),
    }
    variables
}

#[test]
fn a_secret_that_does_not_hold_what_it_should_is_named() {
    let Some(secrets) = Secrets::new() else {
        return;
    };
    let user_only = format!(r#"{{"username":"{VALUE}"}}"#);
    let password_only = format!(r#"{{"password":"{VALUE}"}}"#);
    let number = format!(r#"{{"username":"u","password":"{VALUE}","port":"{VALUE}"}}"#);
    for (variable, name, text, part) in [
        ("DB_SECRET_ID", "malformed", VALUE, "not a JSON object"),
        ("DB_SECRET_ID", "no-password", &user_only, "password"),
        ("DB_SECRET_ID", "no-user", &password_only, "username"),
        ("DB_SECRET_ID", "bad-port", &number, "port"),
        (
            "REDIS_SECRET_ID",
            "redis-malformed",
            VALUE,
            "not a JSON object",
        ),
        (
            "REDIS_SECRET_ID",
            "redis-no-password",
            &user_only,
            "password",
        ),
        ("API_KEYS_SECRET_ID", "keys-malformed", VALUE, "JSON"),
    ] {
        let id = secrets.create(name, text);
        fails(&variables(variable, &id, secrets.address())).says(&[&id, part]);
    }
}

#[test]
fn a_secret_that_is_not_there_or_not_text_is_named() {
    let Some(secrets) = Secrets::new() else {
        return;
    };
    let missing = secrets.id("missing");
    for variable in ["DB_SECRET_ID", "REDIS_SECRET_ID", "API_KEYS_SECRET_ID"] {
        fails(&variables(variable, &missing, secrets.address()))
            .says(&[&missing, "ResourceNotFoundException"]);
    }
    let binary = secrets.create_binary("binary", VALUE.as_bytes());
    fails(&variables("DB_SECRET_ID", &binary, secrets.address())).says(&[&binary, "binary"]);
}

#[test]
fn an_endpoint_that_fails_ends_the_start_in_time() {
    for (answer, part) in [
        (Answer::Error(400, "ThrottlingException"), "throttles"),
        (
            Answer::Error(400, "AccessDeniedException"),
            "access is denied",
        ),
        (
            Answer::Error(400, "DecryptionFailure"),
            "its key may not be used",
        ),
        (
            Answer::Error(400, "UnrecognizedClientException"),
            "credentials are not valid",
        ),
        (
            Answer::Error(500, "InternalServiceError"),
            "could not answer",
        ),
        (Answer::Nonsense, "cannot be understood"),
        (Answer::Silence, "did not answer in time"),
    ] {
        let endpoint = Endpoint::start(answer);
        fails(&variables("DB_SECRET_ID", "app/db", endpoint.address())).says(&["app/db", part]);
        assert!(endpoint.asked() > 0, "{part}");
    }
}

#[test]
fn no_endpoint_ends_the_start_in_time() {
    let nowhere = ([127, 0, 0, 1], free_port()).into();
    fails(&variables("DB_SECRET_ID", "app/db", nowhere)).says(&["app/db", "cannot be reached"]);
}

/// Slow and throttled, but not for ever: it starts, as soon as it would have given up.
#[test]
fn an_endpoint_that_comes_round_serves_the_start() {
    let Some(secrets) = Secrets::new() else {
        return;
    };
    let id = secrets.create("keys", "[]");
    for answer in [
        Answer::HandOnLate(Duration::from_secs(2), secrets.address()),
        Answer::ThrottleFirst(2, secrets.address()),
    ] {
        let endpoint = Endpoint::start(answer.clone());
        let folder = tempfile::tempdir().unwrap();
        let variables = variables("API_KEYS_SECRET_ID", &id, endpoint.address());
        let server = Server::start(folder.path(), &variables);
        server.wait_until_ready(LIMIT);
        assert!(endpoint.asked() > 0, "{answer:?}");
    }
}

/// Pod Identity's and ECS's way to credentials: an agent that is silent, refuses, or talks nonsense.
#[test]
fn an_agent_without_credentials_ends_the_start_in_time() {
    for answer in [
        Answer::Silence,
        Answer::Error(403, "AccessDenied"),
        Answer::Error(500, "InternalServerError"),
        Answer::Nonsense,
    ] {
        let endpoint = Endpoint::start(Answer::Error(500, "NeverAsked"));
        let agent = Endpoint::start(answer.clone());
        let mut variables = variables("DB_SECRET_ID", "app/db", endpoint.address());
        variables.remove("AWS_ACCESS_KEY_ID");
        variables.remove("AWS_SECRET_ACCESS_KEY");
        for (name, value) in [
            (
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                format!("http://{}/v1/credentials", agent.address()),
            ),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", VALUE.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ] {
            variables.insert(name.to_owned(), value);
        }
        fails(&variables).says(&["app/db", "secret"]);
        assert!(agent.asked() > 0, "{answer:?}");
        assert_eq!(endpoint.asked(), 0, "nothing was asked without credentials");
    }
}

#[test]
fn no_aws_credentials_end_the_start_in_time() {
    let endpoint = Endpoint::start(Answer::Error(500, "NeverAsked"));
    let mut variables = variables("DB_SECRET_ID", "app/db", endpoint.address());
    variables.remove("AWS_ACCESS_KEY_ID");
    variables.remove("AWS_SECRET_ACCESS_KEY");
    // What stands for a role: a metadata service that never answers.
    let silent = Endpoint::start(Answer::Silence);
    let address = format!("http://{}", silent.address());
    variables.insert("AWS_EC2_METADATA_SERVICE_ENDPOINT".to_owned(), address);
    fails(&variables).says(&["app/db", "secret"]);
    assert_eq!(endpoint.asked(), 0, "nothing was asked without credentials");
}
