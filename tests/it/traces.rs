//! Traces of the real program, as a collector gets them.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::support::{
    http::Request,
    server::{Server, Variables},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const LIMIT: Duration = Duration::from_secs(30);

/// A collector that hands over the protobuf bytes of each batch.
fn collector() -> (SocketAddr, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, batches) = mpsc::channel();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let sender = sender.clone();
            thread::spawn(move || while take(connection.as_ref().unwrap(), &sender).is_some() {});
        }
    });
    (address, batches)
}

fn take(mut connection: &TcpStream, batches: &mpsc::Sender<Vec<u8>>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    assert!(head.starts_with("post /v1/traces "), "{head}");
    let length = head.split("content-length: ").nth(1)?.lines().next()?;
    let mut body = vec![0; length.parse().ok()?];
    connection.read_exact(&mut body).ok()?;
    batches.send(body).ok()?;
    connection
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        .ok()
}

fn variables(pairs: &[(&str, String)]) -> Variables {
    let mut variables = Variables::from([
        ("PORT".to_owned(), "0".to_owned()),
        ("LOG_LEVEL".to_owned(), "info".to_owned()),
    ]);
    variables.extend(
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone())),
    );
    variables
}

fn times(body: &[u8], part: &[u8]) -> usize {
    body.windows(part.len())
        .filter(|window| *window == part)
        .count()
}

#[test]
fn a_request_its_cache_call_and_its_query_are_one_trace_that_a_stop_delivers() {
    let (address, batches) = collector();
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(
        folder.path(),
        &variables(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}")),
            // What has gathered is sent at the end, not by the clock.
            ("OTEL_BSP_SCHEDULE_DELAY", "600000".to_owned()),
        ]),
    );
    let request = Request::new("GET", "/api-is-not-set").header("traceparent", "nonsense");
    assert_eq!(server.send(&request).status, 404);
    let request = Request::new("GET", "/transaction/id?id=7")
        .header("traceparent", &format!("00-{TRACE}-{PARENT}-01"));
    assert_eq!(server.send(&request).status, 404);
    let line = server.wait_for_line("of the request", |line| {
        line["message"] == "request_completed" && line["endpoint"] == "/transaction/id"
    });
    assert_eq!(line["trace_id"], TRACE);
    assert!(batches.try_recv().is_err(), "sent before the end");

    assert!(server.stop().success());
    let body = batches.recv_timeout(LIMIT).unwrap();
    // The request, its look into the cache, and the query of its fill, which ran in a task of its own.
    assert_eq!(times(&body, &hex::decode(TRACE).unwrap()), 3);
    assert_eq!(times(&body, &hex::decode(PARENT).unwrap()), 1);
    for part in [
        "GET /transaction/id",
        "GET unmatched",
        "cache_call",
        "store_query",
        "expense-backend",
    ] {
        assert!(times(&body, part.as_bytes()) > 0, "{part}");
    }
    assert_eq!(times(&body, b"id=7"), 0, "a query string in a span");
}

#[test]
fn a_caller_or_the_environment_can_switch_traces_off() {
    let (address, batches) = collector();
    let folder = tempfile::tempdir().unwrap();
    for (sampler, flags) in [("always_off", "01"), ("parentbased_always_on", "00")] {
        let mut server = Server::start(
            folder.path(),
            &variables(&[
                ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}")),
                ("OTEL_TRACES_SAMPLER", sampler.to_owned()),
            ]),
        );
        let request = Request::new("GET", "/transaction")
            .header("traceparent", &format!("00-{TRACE}-{PARENT}-{flags}"));
        assert_eq!(server.send(&request).status, 200);
        assert!(server.stop().success());
        let sent = batches
            .try_iter()
            .any(|body| times(&body, &hex::decode(TRACE).unwrap()) > 0);
        assert!(!sent, "{sampler}");
    }
}

#[test]
fn a_collector_that_is_away_is_told_once_and_holds_nothing_up() {
    let away = TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(
        folder.path(),
        &variables(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{away}")),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "100".to_owned()),
            ("OTEL_BSP_SCHEDULE_DELAY", "50".to_owned()),
        ]),
    );
    for _ in 0..2 {
        assert_eq!(server.get("/transaction").status, 200);
        server.wait_for_line("of the exporter", |line| {
            line["message"] == "traces do not reach their collector" && line["level"] == "WARN"
        });
    }
    assert!(server.stop().success());
    let told = server
        .log()
        .iter()
        .filter(|line| line.contains("do not reach"))
        .count();
    assert_eq!(told, 1);
}
