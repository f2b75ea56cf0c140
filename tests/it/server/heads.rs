//! Connections that deliver no head, or not in time.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::stub::{LONG, Stub, closed_after, limits};
use crate::support::http::Request;

const PATIENCE: Duration = Duration::from_millis(300);

fn impatient() -> Stub {
    let mut limits = limits();
    limits.keep_alive = PATIENCE;
    Stub::start(limits)
}

#[test]
fn a_silent_connection_is_closed_when_the_patience_ends() {
    let stub = impatient();
    let began = Instant::now();
    let took = closed_after(&mut stub.connect(), began);
    assert!(took >= PATIENCE && took < LONG, "{took:?}");
}

#[test]
fn a_head_that_comes_byte_by_byte_is_cut_off_however_lively_it_is() {
    let stub = impatient();
    let mut connection = stub.connect();
    let began = Instant::now();
    let head = b"GET /quick HTTP/1.1\r\nHost: a\r\nX-Long: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    let mut bytes = head.iter().cycle();
    // Each byte well within the patience: what counts is the whole head.
    while connection.write(&[*bytes.next().unwrap()]).is_ok() {
        assert!(began.elapsed() < LONG, "still open");
        thread::sleep(PATIENCE / 10);
    }
    assert!(began.elapsed() >= PATIENCE);
}

#[test]
fn an_idle_connection_is_closed_when_the_patience_ends_after_its_last_reply() {
    let stub = impatient();
    let mut connection = stub.connect();
    for _ in 0..3 {
        // Longer than the patience from the start, but each request in its own time.
        thread::sleep(PATIENCE / 2);
        let reply = connection.send(&Request::new("GET", "/quick")).unwrap();
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("connection"), None);
    }
    let answered = Instant::now();
    let took = closed_after(&mut connection, answered);
    assert!(took >= PATIENCE / 2 && took < LONG, "{took:?}");
}

#[test]
fn a_request_that_takes_longer_than_the_patience_is_answered() {
    let stub = impatient();
    let mut connection = stub.connect();
    connection
        .write(b"GET /gate HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    stub.wait_at_gate();
    thread::sleep(PATIENCE * 2);
    stub.open_gate(1);
    assert_eq!(connection.read(false).unwrap().text(), "through");
}

#[test]
fn heads_that_are_too_large_are_refused_without_a_body() {
    let stub = Stub::start(limits());
    for head in [
        format!(
            "GET /quick HTTP/1.1\r\nX-Long: {}\r\n\r\n",
            "x".repeat(20_000)
        ),
        format!("GET /quick HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(101)),
    ] {
        let mut connection = stub.connect();
        connection.write(head.as_bytes()).unwrap();
        let reply = connection.read(false).unwrap();
        assert_eq!((reply.status, reply.body.len()), (431, 0));
    }
    // What a load balancer may send is not too large.
    let fits = Request::new("GET", "/quick").header("X-Long", &"x".repeat(12_000));
    assert_eq!(stub.connect().send(&fits).unwrap().status, 200);
}

#[test]
fn nonsense_is_refused() {
    let stub = Stub::start(limits());
    let mut connection = stub.connect();
    connection
        .write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n")
        .unwrap();
    assert_eq!(connection.read(false).unwrap().status, 400);
}
