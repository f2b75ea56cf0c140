//! Clients that take every place and never finish a request head.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use expense_backend::server::raise_open_files;

use crate::support::{
    backend::Backend,
    environment,
    http::{Connection, Request},
    json,
};

/// As many places as there are slow clients. `TEST_SLOW_CONNECTIONS=9000` for a real crowd.
const SLOW: usize = 500;
/// Far below the patience with a head, which is `KEEP_ALIVE_SECS`.
const SERVED_LIMIT: Duration = Duration::from_secs(10);

#[test]
fn slow_clients_give_their_places_to_honest_ones() {
    raise_open_files().unwrap();
    let count = environment::number("TEST_SLOW_CONNECTIONS", SLOW);
    let backend = Backend::sqlite();
    let server = backend.serve_with(&[
        ("MAX_CONNECTIONS", &count.to_string()),
        ("KEEP_ALIVE_SECS", "75"),
    ]);
    // A load balancer's: it rests between two requests.
    let mut kept = server.connect();
    assert_eq!(
        kept.send(&Request::new("GET", "/livez")).unwrap().status,
        200
    );
    let slow: Vec<_> = (0..count)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream
                .write_all(b"GET /transaction HTTP/1.1\r\nHost: ")
                .unwrap();
            stream
        })
        .collect();
    for number in 0..20 {
        let mut honest = Connection::open(server.address()).unwrap();
        honest
            .socket()
            .set_read_timeout(Some(SERVED_LIMIT))
            .unwrap();
        let body = json::transaction("1", &format!("honest {number}"));
        let reply = honest
            .send(&Request::new("POST", "/transaction").json(body))
            .unwrap();
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    assert_eq!(
        kept.send(&Request::new("GET", "/livez")).unwrap().status,
        200
    );
    let gone = slow.iter().filter(|stream| is_closed(stream)).count();
    assert!(
        (1..=60).contains(&gone),
        "{gone} had to go, for twenty honest clients"
    );
}

fn is_closed(mut stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    match stream.read(&mut [0; 16]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    }
}
