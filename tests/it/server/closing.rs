//! Heads that are on their way when the door closes.

use expense_backend::server::Outcome;

use super::stub::{Stub, limits};
use crate::support::http::{Connection, Request};

const FIRST_HALF: &[u8] = b"GET /quick HTTP/1.1\r\nHo";
const SECOND_HALF: &[u8] = b"st: a\r\n\r\n";

fn used(stub: &Stub) -> Connection {
    let mut connection = stub.connect();
    let reply = connection.send(&Request::new("GET", "/quick")).unwrap();
    assert_eq!(reply.status, 200);
    connection
}

/// hyper's own graceful shutdown drops the second kind.
#[test]
fn half_a_head_is_waited_for_on_new_and_on_used_connections() {
    let mut stub = Stub::start(limits());
    let mut connections = [stub.connect(), used(&stub)];
    for connection in &mut connections {
        connection.write(FIRST_HALF).unwrap();
    }
    stub.stop();
    stub.wait_for_closed_door();
    for connection in &mut connections {
        connection.write(SECOND_HALF).unwrap();
        let reply = connection.read(false).unwrap();
        assert_eq!(
            (reply.text(), reply.header("connection")),
            ("quick", Some("close"))
        );
    }
    assert_eq!(stub.end(), Outcome::Drained);
}

/// A head that is in the socket when the signal comes, which the program may not have looked at yet.
#[test]
fn a_whole_head_in_the_socket_is_answered() {
    for _ in 0..20 {
        let mut stub = Stub::start(limits());
        let mut connections: Vec<_> = (0..20).map(|_| used(&stub)).collect();
        for connection in &mut connections {
            connection.write(FIRST_HALF).unwrap();
            connection.write(SECOND_HALF).unwrap();
        }
        stub.stop();
        for connection in &mut connections {
            assert_eq!(connection.read(false).unwrap().text(), "quick");
        }
        assert_eq!(stub.end(), Outcome::Drained);
    }
}
