//! How the service ends.

use std::{
    collections::BTreeSet,
    io::ErrorKind,
    net::SocketAddr,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use super::{code, run, variables};
use crate::support::{
    http::{Connection, Request},
    server::Server,
};

const READY: Duration = Duration::from_secs(20);

fn started(folder: &std::path::Path, pairs: &[(&str, &str)]) -> Server {
    let common = [
        ("PORT", "0"),
        ("RATE_LIMIT_REQUESTS", "0"),
        ("REQUEST_TIMEOUT_MS", "60000"),
    ];
    let server = Server::start(folder, &variables(&[&common, pairs].concat()));
    server.wait_until_ready(READY);
    server
}

/// A request that stays at work for as long as the test likes: the rest of its body does not come.
fn held(server: &Server) -> Connection {
    let mut connection = server.connect();
    connection
        .write(b"POST /transaction HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{\"amount\":")
        .unwrap();
    connection
}

fn wait_for_message(server: &Server, message: &str) {
    server.wait_for_line(message, |line| {
        line["message"]
            .as_str()
            .is_some_and(|said| said.starts_with(message))
    });
}

#[test]
fn during_the_notice_it_serves_and_says_that_it_is_leaving() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = started(folder.path(), &[("SHUTDOWN_NOTICE_MS", "4000")]);
    let mut old = server.connect();
    let kept = old.send(&Request::new("GET", "/transaction")).unwrap();
    assert_eq!((kept.status, kept.header("connection")), (200, None));
    server.process().signal(Signal::TERM);
    wait_for_message(&server, "stopping");

    let unready = server.get("/readyz");
    assert_eq!(
        unready.text(),
        r#"{"status":"unready","missing":["draining"]}"#
    );
    assert_eq!(
        (unready.status, unready.header("connection")),
        (503, Some("close"))
    );
    let last = old.send(&Request::new("GET", "/transaction")).unwrap();
    assert_eq!(
        (last.status, last.header("connection")),
        (200, Some("close"))
    );
    let port = server.address().port().to_string();
    let probe = |words: &[&str]| code(run(folder.path(), &[("PORT", &port)], words).status);
    assert_eq!(
        (probe(&["healthcheck"]), probe(&["healthcheck", "--live"])),
        (1, 0)
    );
    assert_eq!(code(server.wait_for_end()), 0);
}

#[test]
fn what_is_not_done_in_time_is_cut_off_with_70() {
    let folder = tempfile::tempdir().unwrap();
    let pairs = [("DRAIN_TIMEOUT_SECS", "2"), ("SHUTDOWN_NOTICE_MS", "100")];
    let mut server = started(folder.path(), &pairs);
    let held = held(&server);
    let signalled = Instant::now();
    assert_eq!(code(server.stop()), 70);
    let took = signalled.elapsed();
    assert!(
        took >= Duration::from_secs(2) && took < Duration::from_secs(6),
        "{took:?}"
    );
    wait_for_message(&server, "the drain time is up");
    drop(held);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = started(folder.path(), &[]);
    let held = held(&server);
    server.process().signal(Signal::INT);
    wait_for_message(&server, "stopping");
    let again = Instant::now();
    server.process().signal(Signal::TERM);
    assert_eq!(code(server.wait_for_end()), 70);
    assert!(
        again.elapsed() < Duration::from_secs(5),
        "{:?}",
        again.elapsed()
    );
    drop(held);
}

#[test]
fn a_request_of_which_a_part_has_come_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = started(folder.path(), &[("SHUTDOWN_NOTICE_MS", "0")]);
    let mut held = held(&server);
    server.process().signal(Signal::TERM);
    wait_for_message(&server, "stopping");
    let rest = r#"1,"description":"x"}"#;
    let blanks = " ".repeat(99 - r#"{"amount":"#.len() - rest.len());
    held.write(format!("{rest}{blanks}").as_bytes()).unwrap();
    let reply = held.read(false).unwrap();
    assert_eq!(
        (reply.status, reply.header("connection")),
        (200, Some("close"))
    );
    assert_eq!(code(server.wait_for_end()), 0);
}

/// Records rows until nobody lets it in any more; each acknowledged one is reported.
fn writer(address: SocketAddr, name: usize, stored: &mpsc::Sender<String>) {
    let mut number = 0;
    loop {
        let mut connection = match Connection::open(address) {
            Ok(connection) => connection,
            // Nothing was sent.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return,
            Err(error) => panic!("{error}"),
        };
        loop {
            let description = format!("{name}-{number}");
            let body = format!(r#"{{"amount":1,"description":"{description}"}}"#);
            let request = Request::new("POST", "/v1/transactions").json(body);
            let reply = connection
                .send(&request)
                .unwrap_or_else(|error| panic!("a request that was sent failed: {error}"));
            assert_eq!(reply.status, 201, "{reply:?}");
            stored.send(description).unwrap();
            number += 1;
            if reply.header("connection") == Some("close") {
                break;
            }
        }
    }
}

#[test]
fn a_stop_under_load_fails_no_request_and_loses_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = started(folder.path(), &[]);
    let (stored, reports) = mpsc::channel();
    let writers: Vec<_> = (0..8)
        .map(|name| {
            let (address, stored) = (server.address(), stored.clone());
            thread::spawn(move || writer(address, name, &stored))
        })
        .collect();
    drop(stored);
    let mut acknowledged = BTreeSet::new();
    while acknowledged.len() < 200 {
        acknowledged.insert(reports.recv_timeout(READY).unwrap());
    }
    assert_eq!(code(server.stop()), 0);
    for writer in writers {
        writer.join().unwrap();
    }
    acknowledged.extend(reports);

    let again = started(folder.path(), &[("SHUTDOWN_NOTICE_MS", "0")]);
    let rows = again.get("/transaction").json();
    let descriptions = rows["result"].as_array().unwrap().iter();
    let kept: BTreeSet<_> = descriptions
        .map(|row| row["description"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kept, acknowledged);
}
