//! What a request is told, and that its reply arrives.

use super::stub::{Stub, limits};
use crate::support::http::Request;

#[test]
fn a_request_knows_its_peer_and_ipv4_is_ipv4_on_an_ipv6_listener() {
    let stub = Stub::start(limits());
    let reply = stub.connect().send(&Request::new("GET", "/peer")).unwrap();
    assert_eq!(reply.text(), "Tcp(127.0.0.1)");

    let both = Stub::start_on("::", limits());
    let port = both.address.port();
    for (address, peer) in [
        (format!("127.0.0.1:{port}"), "Tcp(127.0.0.1)"),
        (format!("[::1]:{port}"), "Tcp(::1)"),
    ] {
        let mut connection =
            crate::support::http::Connection::open(address.parse().unwrap()).unwrap();
        let reply = connection.send(&Request::new("GET", "/peer")).unwrap();
        assert_eq!(reply.text(), peer);
    }
}

#[test]
fn bodies_come_with_a_length_and_in_chunks() {
    let stub = Stub::start(limits());
    let mut connection = stub.connect();
    let body = vec![b'x'; 300_000];
    let plain = Request::new("POST", "/length").body(&body);
    for request in [plain.clone(), plain.chunked(7_000)] {
        assert_eq!(connection.send(&request).unwrap().text(), "300000");
    }
}

/// The reset of a socket that is closed with unread bytes must not overtake the reply.
#[test]
fn a_client_that_is_refused_while_it_sends_a_large_body_reads_why() {
    let stub = Stub::start(limits());
    for round in 0..10 {
        let request = Request::new("POST", "/refuse").body(vec![b'x'; 20 << 20]);
        let request = if round % 2 == 0 {
            request
        } else {
            request.chunked(1 << 16)
        };
        let mut connection = stub.connect();
        let bytes = request.bytes(stub.address);
        connection.write(&bytes).expect("the whole body is taken");
        let reply = connection.read(false).unwrap();
        assert_eq!((reply.status, reply.text()), (413, "no"));
    }
}
