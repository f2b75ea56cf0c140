//! A stop in the middle of traffic.

use std::{
    io::ErrorKind,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use expense_backend::server::Outcome;

use super::stub::{LONG, Stub, limits};
use crate::support::{
    http::{Connection, Request},
    wait,
};

/// Sends requests until nobody lets it in any more; keeps its connection for as long as it may.
fn client(address: SocketAddr, keep: bool, answered: &AtomicUsize) {
    let request = Request::new("GET", "/quick");
    loop {
        let mut connection = match Connection::open(address) {
            Ok(connection) => connection,
            // Nothing was sent.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return,
            Err(error) => panic!("{error}"),
        };
        loop {
            let reply = connection
                .send(&request)
                .unwrap_or_else(|error| panic!("a request that was sent failed: {error}"));
            assert_eq!(reply.text(), "quick");
            answered.fetch_add(1, Ordering::Relaxed);
            if !keep || reply.header("connection") == Some("close") {
                break;
            }
        }
    }
}

/// A stop while sixteen clients send, `rounds` times.
fn stop_under_load(rounds: usize, notice: Duration, keep: fn(usize) -> bool) {
    for round in 0..rounds {
        let mut limits = limits();
        limits.notice = notice;
        let mut stub = Stub::start(limits);
        let answered = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..16)
            .map(|number| {
                let (address, answered) = (stub.address, Arc::clone(&answered));
                thread::spawn(move || client(address, keep(number), &answered))
            })
            .collect();
        wait::until("traffic", LONG, || {
            (answered.load(Ordering::Relaxed) > 1000).then_some(())
        });
        stub.stop();
        for client in clients {
            client.join().unwrap_or_else(|_| panic!("round {round}"));
        }
        assert_eq!(stub.end(), Outcome::Drained, "round {round}");
    }
}

#[test]
fn no_request_that_was_sent_fails() {
    stop_under_load(3, Duration::from_millis(300), |number| number % 2 == 0);
}

/// Without a notice the door closes in the middle of the rush; still nobody is reset who got a foot in it.
#[test]
fn no_connection_that_was_opened_is_reset() {
    stop_under_load(8, Duration::ZERO, |_| false);
}
