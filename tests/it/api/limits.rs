//! Limits of size, time and number.

use std::time::{Duration, Instant};

use crate::support::{
    backend::Backend,
    http::{Connection, Request},
    json, problem, wait,
};

#[test]
fn a_body_that_is_too_large_is_refused_by_its_length_alone_and_chunked() {
    let backend = Backend::sqlite();
    let server = backend.serve_with(&[("BODY_LIMIT_BYTES", "1000")]);
    let padded = |length: usize| {
        let body = json::transaction("1", "x");
        let spaces = " ".repeat(length - body.len());
        body + &spaces
    };
    for target in ["/transaction", "/v1/transactions"] {
        let fits = Request::new("POST", target).json(padded(1000));
        let status = server.send(&fits).status;
        assert!(status == 200 || status == 201, "{target}: {status}");
        let fits = fits.chunked(100);
        let status = server.send(&fits).status;
        assert!(status == 200 || status == 201, "{target}: {status}");
        let large = Request::new("POST", target).json(padded(1001));
        problem::check(&server.send(&large), 413, "body_too_large", &[]);
        problem::check(
            &server.send(&large.chunked(100)),
            413,
            "body_too_large",
            &[],
        );
        // Only the head is sent: the answer must not wait for what it announces.
        let mut connection = server.connect();
        let head = format!(
            "POST {target} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1001\r\n\r\n"
        );
        connection.write(head.as_bytes()).unwrap();
        problem::check(&connection.read(false).unwrap(), 413, "body_too_large", &[]);
    }
    assert_eq!(
        server.get("/transaction").text().matches("\"id\":").count(),
        4
    );
}

#[test]
fn a_body_that_does_not_arrive_is_408() {
    let backend = Backend::sqlite();
    let server = backend.serve_with(&[("REQUEST_TIMEOUT_MS", "300")]);
    let mut connection = server.connect();
    let head = "POST /transaction HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{";
    connection.write(head.as_bytes()).unwrap();
    problem::check(
        &connection.read(false).unwrap(),
        408,
        "request_timeout",
        &[],
    );
    assert_eq!(server.get("/transaction").text(), r#"{"result":[]}"#);
}

#[test]
fn beyond_the_limit_of_requests_at_work_the_rest_is_refused_at_once() {
    let backend = Backend::sqlite();
    let server = backend.serve_with(&[("MAX_IN_FLIGHT", "1"), ("LOG_LEVEL", "debug")]);
    let mut slow = server.connect();
    let body = json::transaction("1", "x");
    let head = format!(
        "POST /v1/transactions HTTP/1.1\r\nHost: x\r\nX-Correlation-ID: slow\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    slow.write(head.as_bytes()).unwrap();
    server.wait_for_line("of the slow request", |line| {
        line["correlation_id"] == "slow" && line["message"] == "request_started"
    });
    problem::check(&server.get("/transaction"), 503, "overloaded", &[]);
    for probe in ["/livez", "/readyz", "/health"] {
        assert_eq!(server.get(probe).status, 200, "{probe}");
    }
    slow.write(body.as_bytes()).unwrap();
    assert_eq!(slow.read(false).unwrap().status, 201);
    wait::until("a free place", Duration::from_secs(10), || {
        (server.get("/transaction").status == 200).then_some(())
    });
}

#[test]
fn a_silent_connection_is_closed_after_the_idle_time() {
    let backend = Backend::sqlite();
    let server = backend.serve_with(&[("KEEP_ALIVE_SECS", "1")]);
    let mut silent = server.connect();
    let mut half = server.connect();
    half.write(b"GET /livez HTTP/1.1\r\nHost: x\r\n").unwrap();
    let mut idle = server.connect();
    assert_eq!(
        idle.send(&Request::new("GET", "/livez")).unwrap().status,
        200
    );
    let start = Instant::now();
    for connection in [&mut silent, &mut half, &mut idle] {
        let mut rest = [0; 1024];
        // A connection that gets an answer first (408) is closed all the same.
        while connection
            .read_some(&mut rest)
            .is_ok_and(|length| length > 0)
        {}
    }
    let took = start.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn one_connection_serves_many_requests() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    let mut connection = Connection::open(server.address()).unwrap();
    for _ in 0..50 {
        for target in ["/livez", "/transaction", "/nothing", "/v1/transactions/1"] {
            let reply = connection.send(&Request::new("GET", target)).unwrap();
            assert_ne!(reply.header("connection"), Some("close"), "{target}");
        }
    }
}
