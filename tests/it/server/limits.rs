//! How many connections, and how slow a client may be.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use socket2::{Domain, Socket, Type};

use super::stub::{LONG, Stub, limits};
use crate::support::http::Request;

const GET: &[u8] = b"GET /quick HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn beyond_the_limit_connections_wait_and_are_served_when_one_ends() {
    let mut few = limits();
    few.max_connections = 2;
    let stub = Stub::start(few);
    let mut first = stub.connect();
    let mut second = stub.connect();
    for connection in [&mut first, &mut second] {
        assert_eq!(
            connection
                .send(&Request::new("GET", "/quick"))
                .unwrap()
                .status,
            200
        );
    }
    let mut third = stub.connect();
    third.write(GET).unwrap();
    third
        .socket()
        .set_read_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    let early = third.read(false).unwrap_err();
    assert_eq!(early.kind(), ErrorKind::WouldBlock, "{early}");
    drop(first);
    third.socket().set_read_timeout(Some(LONG)).unwrap();
    assert_eq!(third.read(false).unwrap().status, 200);
    assert_eq!(
        second.send(&Request::new("GET", "/quick")).unwrap().status,
        200
    );
}

#[test]
fn a_client_that_takes_no_byte_is_cut_off() {
    let mut impatient = limits();
    let patience = Duration::from_secs(2);
    impatient.write_stall = patience;
    impatient.max_connections = 1;
    let stub = Stub::start(impatient);
    let mut stalled = stub.connect();
    stalled
        .write(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    // Its place is the only one: whoever comes next is served when it has been cut off.
    let mut next = stub.connect();
    next.write(GET).unwrap();
    let began = Instant::now();
    assert_eq!(next.read(false).unwrap().status, 200);
    let took = began.elapsed();
    assert!(took > patience / 2 && took < patience * 2, "{took:?}");
    // And nothing more is offered to it than its own system has taken.
    let mut buffer = vec![0; 1 << 20];
    let end = loop {
        match stalled.read_some(&mut buffer) {
            Ok(0) => panic!("a proper end of an endless reply"),
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(end.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn a_client_that_takes_little_by_little_is_not_cut_off() {
    let patience = Duration::from_secs(2);
    let mut limits = limits();
    limits.write_stall = patience;
    let stub = Stub::start(limits);
    let mut slow = with_small_buffer(stub.address);
    slow.write_all(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    let mut buffer = vec![0; 32 * 1024];
    let began = Instant::now();
    while began.elapsed() < patience * 3 {
        slow.read_exact(&mut buffer).unwrap();
        thread::sleep(patience / 20);
    }
    // More than all buffers hold: the server is still there.
    for _ in 0..200 {
        slow.read_exact(&mut buffer).expect("cut off");
    }
}

/// A client whose own system tells the server soon of what it takes.
fn with_small_buffer(server: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(32 * 1024).unwrap();
    socket.set_tcp_mss(1000).unwrap();
    socket.connect(&server.into()).unwrap();
    socket.set_read_timeout(Some(LONG)).unwrap();
    socket.into()
}
