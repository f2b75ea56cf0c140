//! Failures of every layer look alike.

use std::io::{Read as _, Write as _};

use crate::support::{
    backend::Backend,
    http::{Connection, Request},
    problem,
};

#[test]
fn bytes_that_are_no_request_get_no_body_and_harm_nobody() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    for bytes in [
        &b"NONSENSE\r\n\r\n"[..],
        b"GET /livez\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: x\r\nBroken header\r\n\r\n",
        b"GET /liv ez HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /transaction HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"POST /transaction HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ] {
        let mut connection = Connection::open(server.address()).unwrap();
        connection.write(bytes).unwrap();
        let mut stream = connection.socket();
        // Some end with our side: half of a request is none.
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        let text = String::from_utf8_lossy(&reply);
        if !text.is_empty() {
            assert!(text.starts_with("HTTP/1.1 4"), "{text}");
            assert!(text.ends_with("\r\n\r\n"), "it has a body: {text}");
        }
        assert_eq!(server.get("/livez").status, 200);
    }
}

#[test]
fn headers_that_are_too_large_are_refused() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    let request = Request::new("GET", "/livez").header("X-Large", &"x".repeat(1_000_000));
    let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
    // The server may hang up before all of it is sent.
    let _sent = stream.write_all(&request.bytes(server.address()));
    let mut reply = Vec::new();
    let _end = stream.read_to_end(&mut reply);
    assert!(
        !reply.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&reply)
    );
    assert_eq!(server.get("/livez").status, 200);
}

#[test]
fn a_row_and_a_route_that_are_missing_are_told_apart() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    problem::check(&server.get("/v1/transactions/7"), 404, "not_found", &[]);
    problem::check(&server.get("/v1/transaction/7"), 404, "no_route", &[]);
    let reply = server.get("/secret-word-in-a-path");
    problem::check(&reply, 404, "no_route", &[]);
}

#[test]
fn all_faults_come_at_once_under_the_clients_names() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    let both = server.post("/transaction", r#"{"amount":"","desc":" "}"#);
    problem::check(&both, 422, "validation_failed", &["amount", "desc"]);
    let long = server.post("/transaction", r#"{"amount":"","description":" "}"#);
    problem::check(&long, 422, "validation_failed", &["amount", "description"]);
    let none = server.post("/transaction", "{}");
    assert_eq!(none.status, 422);
    let v1 = server.post(
        "/v1/transactions",
        r#"{"amount":-1,"description":1,"id":4}"#,
    );
    problem::check(
        &v1,
        422,
        "validation_failed",
        &["amount", "description", "id"],
    );
}
