//! From the signal to the end: the notice, what is finished, what is cut off.

use std::{
    thread,
    time::{Duration, Instant},
};

use expense_backend::server::Outcome;

use super::stub::{LONG, Stub, limits};
use crate::support::{http::Request, wait};

#[test]
fn during_the_notice_everybody_is_served_and_told_to_go() {
    let mut limits = limits();
    limits.notice = Duration::from_secs(2);
    let mut stub = Stub::start(limits);
    let mut old = stub.connect();
    let reply = old.send(&Request::new("GET", "/quick")).unwrap();
    assert_eq!(reply.header("connection"), None);
    let lifecycle = stub.lifecycle.clone();
    assert!(!lifecycle.draining());
    let signalled = Instant::now();
    stub.stop();
    wait::until("unreadiness", LONG, || lifecycle.draining().then_some(()));
    assert!(signalled.elapsed() < Duration::from_secs(1));
    for connection in [&mut old, &mut stub.connect()] {
        let reply = connection.send(&Request::new("GET", "/quick")).unwrap();
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("connection"), Some("close"));
        assert_eq!(connection.read_some(&mut [0]).unwrap(), 0);
    }
    assert_eq!(stub.end(), Outcome::Drained);
    let took = signalled.elapsed();
    assert!(
        took >= Duration::from_secs(2) && took < Duration::from_secs(10),
        "{took:?}"
    );
}

#[test]
fn requests_at_work_are_finished_and_nobody_else_comes_in() {
    let mut stub = Stub::start(limits());
    let mut connection = stub.connect();
    connection
        .write(b"GET /gate HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    stub.wait_at_gate();
    stub.stop();
    stub.wait_for_closed_door();
    stub.open_gate(1);
    let reply = connection.read(false).unwrap();
    assert_eq!(
        (reply.text(), reply.header("connection")),
        ("through", Some("close"))
    );
    assert_eq!(stub.end(), Outcome::Drained);
}

#[test]
fn a_reply_that_streams_is_finished() {
    let mut stub = Stub::start(limits());
    let mut connection = stub.connect();
    connection
        .write(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    stub.wait_at_gate();
    stub.stop();
    stub.wait_for_closed_door();
    stub.open_gate(1);
    assert_eq!(connection.read(false).unwrap().text(), "firstsecond");
    // The head was sent before the stop and could not say it; the connection ends all the same.
    assert_eq!(connection.read_some(&mut [0]).unwrap(), 0);
    assert_eq!(stub.end(), Outcome::Drained);
}

#[test]
fn uploads_of_which_a_part_has_come_are_finished() {
    let mut stub = Stub::start(limits());
    let mut chunked = stub.connect();
    chunked
        .write(b"POST /length-at-gate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n")
        .unwrap();
    let mut measured = stub.connect();
    measured
        .write(b"POST /length-at-gate HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nabcd")
        .unwrap();
    stub.wait_at_gate();
    stub.wait_at_gate();
    stub.stop();
    stub.wait_for_closed_door();
    stub.open_gate(2);
    chunked.write(b"4\r\nefgh\r\n0\r\n\r\n").unwrap();
    measured.write(b"efgh").unwrap();
    for connection in [&mut chunked, &mut measured] {
        let reply = connection.read(false).unwrap();
        assert_eq!(
            (reply.text(), reply.header("connection")),
            ("8", Some("close"))
        );
    }
    assert_eq!(stub.end(), Outcome::Drained);
}

#[test]
fn what_is_not_done_in_time_is_cut_off() {
    let mut limits = limits();
    limits.drain = Duration::from_secs(1);
    let mut stub = Stub::start(limits);
    let mut connections: Vec<_> = (0..3).map(|_| stub.connect()).collect();
    for connection in &mut connections {
        connection
            .write(b"GET /gate HTTP/1.1\r\nHost: a\r\n\r\n")
            .unwrap();
        stub.wait_at_gate();
    }
    let signalled = Instant::now();
    stub.stop();
    assert_eq!(stub.end(), Outcome::CutOff(3));
    let took = signalled.elapsed();
    assert!(
        took >= Duration::from_secs(1) && took < Duration::from_secs(5),
        "{took:?}"
    );
}

#[test]
fn whoever_waits_for_a_place_when_the_door_closes_is_served() {
    let mut few = limits();
    few.max_connections = 1;
    let mut stub = Stub::start(few);
    let mut first = stub.connect();
    first
        .write(b"GET /gate HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    stub.wait_at_gate();
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let mut connection = stub.connect();
            connection
                .write(b"GET /quick HTTP/1.1\r\nHost: a\r\n\r\n")
                .unwrap();
            connection
        })
        .collect();
    stub.stop();
    for mut connection in waiting {
        assert_eq!(connection.read(false).unwrap().text(), "quick");
    }
    stub.open_gate(1);
    assert_eq!(first.read(false).unwrap().text(), "through");
    assert_eq!(stub.end(), Outcome::Drained);
}

#[test]
fn a_stop_does_not_wait_for_clients_that_do_nothing() {
    let mut stub = Stub::start(limits());
    let silent = stub.connect();
    let mut idle = stub.connect();
    // A reply that left the request's body unread must not make the end wait for the client.
    let small = Request::new("POST", "/refuse").body("small");
    assert_eq!(idle.send(&small).unwrap().status, 413);
    let mut blank = stub.connect();
    assert_eq!(
        blank.send(&Request::new("GET", "/quick")).unwrap().status,
        200
    );
    blank.write(b"\r\n").unwrap();
    let signalled = Instant::now();
    stub.stop();
    let ending = thread::spawn(move || stub.end());
    assert_eq!(ending.join().unwrap(), Outcome::Drained);
    let took = signalled.elapsed();
    assert!(took < Duration::from_secs(3), "{took:?}");
    drop((silent, idle, blank));
}
