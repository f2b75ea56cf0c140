//! A server whose routes do what a test needs: wait at a gate, swallow a body, refuse one, stream for ever.

use std::{
    net::SocketAddr,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use expense_backend::{
    config::{Config, Entrance},
    middleware::client_address::Peer,
    server::{Limits, Listeners, Outcome, Server},
    service::lifecycle::Lifecycle,
};
use tokio::sync::{Semaphore, oneshot};

use crate::support::{http::Connection, wait};

/// Longer than anything takes that is not about to fail.
pub const LONG: Duration = Duration::from_secs(20);

/// What the routes share with the test.
#[derive(Clone)]
struct Shared {
    gate: Arc<Semaphore>,
    entered: mpsc::Sender<()>,
}

/// A running server.
pub struct Stub {
    pub address: SocketAddr,
    pub lifecycle: Lifecycle,
    gate: Arc<Semaphore>,
    entered: mpsc::Receiver<()>,
    stop: Option<oneshot::Sender<()>>,
    end: Option<JoinHandle<Outcome>>,
}

/// Limits that no test meets by accident; each test changes the one that it is about.
pub fn limits() -> Limits {
    Limits {
        keep_alive: LONG,
        write_stall: LONG,
        max_connections: 1000,
        notice: Duration::ZERO,
        drain: LONG,
    }
}

impl Stub {
    pub fn start(limits: Limits) -> Self {
        Self::start_on("127.0.0.1", limits)
    }

    pub fn start_on(host: &'static str, limits: Limits) -> Self {
        let (entered_sender, entered) = mpsc::channel();
        let gate = Arc::new(Semaphore::new(0));
        let shared = Shared {
            gate: Arc::clone(&gate),
            entered: entered_sender,
        };
        let lifecycle = Lifecycle::default();
        let (stop, stopped) = oneshot::channel();
        let (bound, address) = mpsc::channel();
        let end = thread::spawn({
            let lifecycle = lifecycle.clone();
            move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    let listeners = listen(host);
                    bound.send(listeners.address().unwrap()).unwrap();
                    let server = Server {
                        listeners,
                        app: routes(shared),
                        metrics: None,
                        lifecycle,
                        limits,
                    };
                    server
                        .run(async {
                            let _stopped = stopped.await;
                        })
                        .await
                })
            }
        });
        Self {
            address: address.recv_timeout(LONG).unwrap(),
            lifecycle,
            gate,
            entered,
            stop: Some(stop),
            end: Some(end),
        }
    }

    pub fn connect(&self) -> Connection {
        Connection::open(self.address).unwrap()
    }

    /// Waits until a request stands at the gate.
    pub fn wait_at_gate(&self) {
        self.entered.recv_timeout(LONG).unwrap();
    }

    /// Lets that many requests through the gate.
    pub fn open_gate(&self, requests: usize) {
        self.gate.add_permits(requests);
    }

    /// The signal.
    pub fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until nobody can connect any more.
    pub fn wait_for_closed_door(&self) {
        wait::until("a closed door", LONG, || {
            let attempt =
                std::net::TcpStream::connect_timeout(&self.address, Duration::from_millis(100));
            attempt
                .err()
                .filter(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
        });
    }

    /// Waits for the end.
    pub fn end(&mut self) -> Outcome {
        let end = self.end.take().unwrap();
        wait::until("the end of the server", LONG * 2, || {
            end.is_finished().then_some(())
        });
        end.join().unwrap()
    }
}

fn listen(host: &str) -> Listeners {
    let lookup = |name: &str| match name {
        "HOST" => Some(host.to_owned()),
        "PORT" => Some("0".to_owned()),
        _ => None,
    };
    let config = Config::from_lookup(lookup, Entrance::Server).unwrap();
    Listeners::bind(&config.server).unwrap()
}

fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/quick", get(async || "quick"))
        .route("/peer", get(peer))
        .route("/gate", get(at_gate))
        .route("/length", post(length))
        .route("/length-at-gate", post(length_at_gate))
        .route(
            "/refuse",
            post(async || (StatusCode::PAYLOAD_TOO_LARGE, "no")),
        )
        .route("/endless", get(endless))
        .route("/stream", get(stream))
        .with_state(shared)
}

async fn peer(Extension(peer): Extension<Peer>) -> String {
    format!("{peer:?}")
}

async fn at_gate(State(shared): State<Shared>) -> &'static str {
    pass(&shared).await;
    "through"
}

async fn length(body: Bytes) -> String {
    body.len().to_string()
}

/// Reads the body only after the gate: the test knows that the head is here.
async fn length_at_gate(State(shared): State<Shared>, body: Body) -> String {
    pass(&shared).await;
    let whole = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    whole.len().to_string()
}

/// A reply that never ends.
async fn endless() -> Body {
    let chunk = Bytes::from(vec![b'x'; 64 * 1024]);
    let chunks = std::iter::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone()));
    Body::from_stream(futures_util::stream::iter(chunks))
}

/// A reply of two parts, with the gate between them.
async fn stream(State(shared): State<Shared>) -> Body {
    let parts = futures_util::stream::unfold(0, move |part| {
        let shared = shared.clone();
        async move {
            match part {
                0 => Some((Ok::<_, std::io::Error>("first"), 1)),
                1 => {
                    pass(&shared).await;
                    Some((Ok("second"), 2))
                }
                _ => None,
            }
        }
    });
    Body::from_stream(parts)
}

async fn pass(shared: &Shared) {
    // Nobody listens where the test is over.
    let _told = shared.entered.send(());
    if let Ok(place) = shared.gate.acquire().await {
        place.forget();
    }
}

/// Reads until the other side closes; how long that took. Fails where a byte comes.
pub fn closed_after(connection: &mut Connection, began: Instant) -> Duration {
    let mut byte = [0; 1];
    match connection.read_some(&mut byte) {
        Ok(0) => {}
        Ok(_) => panic!("a byte instead of the end"),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}"),
    }
    began.elapsed()
}
