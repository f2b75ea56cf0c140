//! Redis by TLS: a certificate that is not to be trusted leaves the service without its cache, and says why.

use std::time::Duration;

use crate::support::{
    backend::Backend, certificates::Certificates, environment, process::free_port, redis::Redis,
    server::Server,
};

const READY_LIMIT: Duration = Duration::from_secs(30);

/// A Redis with a port for TLS beside its plain one.
struct TlsRedis {
    redis: Redis,
    port: u16,
}

fn redis(certificates: &Certificates) -> Option<TlsRedis> {
    // Where servers are missing altogether, this one is not tried either.
    environment::redis_url()?;
    let port = free_port();
    let file = |name: &str| certificates.path(name).display().to_string();
    let redis = Redis::start_with(&[
        "--tls-port",
        &port.to_string(),
        "--tls-cert-file",
        &file("server.pem"),
        "--tls-key-file",
        &file("server.key"),
        "--tls-ca-cert-file",
        &file("ca.pem"),
        "--tls-auth-clients",
        "no",
    ]);
    Some(TlsRedis { redis, port })
}

/// A ready server that has its cache at `port`, by TLS, and trusts `authority` where one is given.
fn serve(backend: &Backend, port: u16, tls: bool, authority: Option<&Certificates>) -> Server {
    let mut variables = backend.variables();
    let bundle = authority.map(|certificates| certificates.path("ca.pem").display().to_string());
    for (name, value) in [
        ("REDIS_HOST", Some("127.0.0.1".to_owned())),
        ("REDIS_PORT", Some(port.to_string())),
        ("REDIS_TLS", Some(tls.to_string())),
        ("REDIS_CA_BUNDLE", bundle),
    ] {
        if let Some(value) = value {
            variables.insert(name.to_owned(), value);
        }
    }
    let server = Server::start(backend.folder(), &variables);
    server.wait_until_ready(READY_LIMIT);
    server
}

#[track_caller]
fn connects(server: &Server) {
    server.wait_for_line("of a connection to Redis", |line| {
        line["message"] == "the cache server is connected"
    });
}

/// Waits for the reason; it never connected.
#[track_caller]
fn fails(server: &Server, part: &str) {
    let line = server.wait_for_line("of a cache that cannot be reached", |line| {
        line["message"] == "the cache server cannot be reached"
    });
    let cause = line["cause"].as_str().unwrap();
    // On a busy machine the first trial may be given up before it comes to the certificate.
    assert!(
        cause.contains(part) || cause.contains("no answer within"),
        "{cause}"
    );
    assert_eq!(
        server.get("/v1/transactions").status,
        200,
        "without a cache"
    );
    let connected = |line: &String| line.contains("the cache server is connected");
    assert!(!server.log().iter().any(connected));
}

#[test]
fn a_good_certificate_is_taken() {
    let certificates = Certificates::new("IP:127.0.0.1");
    let Some(redis) = redis(&certificates) else {
        return;
    };
    let backend = Backend::sqlite();
    connects(&serve(&backend, redis.port, true, Some(&certificates)));
    connects(&serve(&backend, redis.redis.port(), false, None));
}

#[test]
fn a_certificate_of_another_authority_is_refused() {
    let certificates = Certificates::new("IP:127.0.0.1");
    let Some(redis) = redis(&certificates) else {
        return;
    };
    let backend = Backend::sqlite();
    let other = Certificates::new("IP:127.0.0.1");
    fails(
        &serve(&backend, redis.port, true, Some(&other)),
        "invalid peer certificate",
    );
    // The system's roots do not know the test's authority.
    fails(
        &serve(&backend, redis.port, true, None),
        "invalid peer certificate",
    );
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let certificates = Certificates::new("DNS:cache.example.com");
    let Some(redis) = redis(&certificates) else {
        return;
    };
    let backend = Backend::sqlite();
    let server = serve(&backend, redis.port, true, Some(&certificates));
    fails(&server, "not valid for name");
}

#[test]
fn an_expired_certificate_is_refused() {
    let certificates = Certificates::expired("IP:127.0.0.1");
    let Some(redis) = redis(&certificates) else {
        return;
    };
    let backend = Backend::sqlite();
    let server = serve(&backend, redis.port, true, Some(&certificates));
    fails(&server, "certificate expired");
}

#[test]
fn a_plain_port_is_no_way_in_with_tls() {
    let certificates = Certificates::new("IP:127.0.0.1");
    let Some(redis) = redis(&certificates) else {
        return;
    };
    let plain = redis.redis.port();
    let backend = Backend::sqlite();
    let server = serve(&backend, plain, true, Some(&certificates));
    fails(&server, "");
}
