//! An issuer on loopback: serves its keys, counts how often, falls silent or says nonsense when told to.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use expense_backend::{
    auth::{
        jwks::{Jwks, Timing},
        jwt::JwtVerifier,
    },
    config::{JwksSource, JwtConfig},
};

use super::signer::{AUDIENCE, ISSUER};
use crate::support::wait;

/// An issuer. Dropping it closes its port.
pub(super) struct Issuer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    reply: Mutex<String>,
    asked: AtomicUsize,
    over: AtomicBool,
    silent: Mutex<bool>,
    speaks: Condvar,
}

impl Issuer {
    /// An issuer with these keys.
    pub(super) fn start(keys: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            reply: Mutex::default(),
            asked: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            silent: Mutex::new(false),
            speaks: Condvar::new(),
        });
        let issuer = Self {
            address,
            shared: Arc::clone(&shared),
        };
        issuer.publish(keys);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.over.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.answer(stream.unwrap()));
            }
        });
        issuer
    }

    /// Other keys from now on.
    pub(super) fn publish(&self, keys: &str) {
        self.reply_with("200 OK", "", keys);
    }

    /// Another reply from now on.
    pub(super) fn reply_with(&self, status: &str, headers: &str, body: &str) {
        let length = body.len();
        *self.shared.reply.lock().unwrap() = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
        );
    }

    /// Takes requests and answers none, until [`speak`](Self::speak).
    pub(super) fn fall_silent(&self) {
        *self.shared.silent.lock().unwrap() = true;
    }

    /// Answers what waits, and all that comes.
    pub(super) fn speak(&self) {
        *self.shared.silent.lock().unwrap() = false;
        self.shared.speaks.notify_all();
    }

    /// How often it was asked.
    pub(super) fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    /// Waits until it was asked so often.
    pub(super) async fn was_asked(&self, times: usize) {
        let shared = Arc::clone(&self.shared);
        let enough = move || (shared.asked.load(Ordering::SeqCst) >= times).then_some(());
        let waiting =
            move || wait::until("a request to the issuer", Duration::from_secs(10), enough);
        tokio::task::spawn_blocking(waiting).await.unwrap();
    }

    /// Where its keys are.
    pub(super) fn address(&self) -> String {
        format!("http://{}/jwks", self.address)
    }

    /// A verifier of its tokens, with these bounds.
    pub(super) fn verifier(&self, timing: Timing) -> JwtVerifier {
        verifier(JwksSource::Url(self.address()), timing)
    }
}

/// A verifier with the keys of `source`.
pub(super) fn verifier(source: JwksSource, timing: Timing) -> JwtVerifier {
    let jwks = Jwks::with_timing(&source, timing).unwrap();
    let config = JwtConfig {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        jwks: source,
    };
    JwtVerifier::with_keys(&config, jwks)
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        self.speak();
        // Wakes the listener, which then sees that it is over.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn answer(&self, mut stream: TcpStream) {
        let mut head = Vec::new();
        let mut buffer = [0; 1024];
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut buffer) {
                Ok(length) if length > 0 => head.extend_from_slice(&buffer[..length]),
                _ => return,
            }
        }
        self.asked.fetch_add(1, Ordering::SeqCst);
        let silent = self.silent.lock().unwrap();
        drop(self.speaks.wait_while(silent, |silent| *silent).unwrap());
        let reply = self.reply.lock().unwrap().clone();
        // The other side may have lost patience.
        let _ = stream.write_all(reply.as_bytes());
    }
}
