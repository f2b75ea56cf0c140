//! The same requests get the same answers from both entrances, whatever event carries them.

use std::collections::BTreeMap;

use super::{
    corpus::{Step, steps},
    runtime::{Function, Outcome},
    shape::{STAGE, Shape},
};
use crate::support::{
    backend::Backend,
    http::{Reply, Request},
};

/// Headers of the connection, not of the answer: an event has none of them.
const OF_THE_CONNECTION: [&str; 4] = ["date", "connection", "content-length", "transfer-encoding"];
/// Entries that the corpus has at least.
const LEAST: usize = 60;

/// What is compared of a reply.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, Vec<String>>,
    body: String,
}

/// Times and the entity tags that hash them differ from run to run, and nothing else does.
fn answer(reply: &Reply) -> Answer {
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &reply.headers {
        let name = name.to_ascii_lowercase();
        if OF_THE_CONNECTION.contains(&name.as_str()) {
            continue;
        }
        let value = if name == "etag" {
            "(tag)".to_owned()
        } else {
            value.clone()
        };
        headers.entry(name).or_default().push(value);
    }
    Answer {
        status: reply.status,
        headers,
        body: without_times(&String::from_utf8_lossy(&reply.body)),
    }
}

/// Replaces what looks like `2026-11-24T10:00:00.123456Z` and `2026-11-24`.
fn without_times(body: &str) -> String {
    let mut out = String::new();
    let mut rest = body;
    while let Some(at) = rest.find("\"20") {
        let (before, quoted) = rest.split_at(at + 1);
        out.push_str(before);
        let end = quoted.find('"').unwrap_or(quoted.len());
        let looks_like_time = quoted[..end]
            .bytes()
            .all(|byte| b"0123456789-:.TZ".contains(&byte));
        out.push_str(if looks_like_time {
            "(time)"
        } else {
            &quoted[..end]
        });
        rest = &quoted[end..];
    }
    out + rest
}

fn headers(step: &Step, number: usize, etag: &str) -> Vec<(String, String)> {
    let mut headers = step.headers.clone();
    for (_, value) in &mut headers {
        *value = value.replace("${etag}", etag);
    }
    headers.push(("X-Correlation-ID".to_owned(), format!("step-{number}")));
    headers
}

fn by_server(backend: &Backend) -> Vec<Answer> {
    let server = backend.serve_with(&[("RATE_LIMIT_REQUESTS", "0")]);
    let mut etag = String::new();
    let mut answers = Vec::new();
    for (number, step) in steps().iter().enumerate() {
        let mut request = Request::new(&step.method, &step.target);
        for (name, value) in headers(step, number, &etag) {
            request = request.header(&name, &value);
        }
        if let Some(body) = step.body() {
            request = request.body(body);
        }
        let reply = server.send(&request);
        if let Some(tag) = reply.header("etag") {
            tag.clone_into(&mut etag);
        }
        answers.push(answer(&reply));
    }
    answers
}

fn by_function(backend: &Backend, shape: Shape, wanted: &[Answer]) {
    let function = Function::start(backend.folder(), &backend.variables());
    let mut etag = String::new();
    for (number, step) in steps().iter().enumerate() {
        if step
            .not_by
            .iter()
            .any(|(kind, _)| shape.kind().starts_with(kind))
        {
            continue;
        }
        let event = shape.event(step, &headers(step, number, &etag));
        let Outcome::Response(value) = function.invoke(&event) else {
            panic!("{shape:?}, {}: the invocation failed", step.name);
        };
        let reply = shape.reply(&value);
        if let Some(tag) = reply.header("etag") {
            tag.clone_into(&mut etag);
        }
        assert_eq!(answer(&reply), wanted[number], "{shape:?}: {}", step.name);
        assert!(
            !value.to_string().contains(&format!("/{STAGE}/")),
            "{}: the stage shows",
            step.name
        );
    }
}

#[test]
fn every_shape_gets_the_servers_answers() {
    assert!(steps().len() >= LEAST, "{} entries", steps().len());
    let Some(first) = Backend::mysql() else {
        return;
    };
    let wanted = by_server(&first);
    for shape in Shape::ALL {
        let backend = Backend::mysql().unwrap();
        by_function(&backend, shape, &wanted);
    }
}
