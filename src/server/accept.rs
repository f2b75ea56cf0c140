//! The accept loop of one listener.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep},
};
use tokio_util::task::TaskTracker;

use super::{
    Limits,
    activity::Closing,
    connection::{Connection, protocol},
    crowd::Crowd,
    door::{self, SETTLE, concerns_one_connection},
};
use crate::service::lifecycle::Lifecycle;

/// How long to wait after an accept that failed for want of files or memory: nothing tells when there are some again.
const RETRY: Duration = Duration::from_millis(100);

/// How often such a failure is logged.
const COMPLAINT: Duration = Duration::from_secs(10);

/// One listener, and what its connections have in common.
pub(super) struct Acceptor {
    listener: TcpListener,
    router: Router,
    lifecycle: Lifecycle,
    write_stall: Duration,
    protocol: http1::Builder,
    places: Arc<Semaphore>,
    connections: TaskTracker,
    closing: Closing,
    crowd: Crowd,
    /// Accepted, and waiting for a place.
    at_the_door: Option<(TcpStream, SocketAddr)>,
}

impl Acceptor {
    /// At most `max_connections` at once, each a task of `connections` that heeds `closing`.
    pub(super) fn new(
        listener: TcpListener,
        router: Router,
        lifecycle: Lifecycle,
        limits: &Limits,
    ) -> Self {
        Self {
            listener,
            router,
            lifecycle,
            write_stall: limits.write_stall,
            protocol: protocol(limits),
            places: Arc::new(Semaphore::new(limits.max_connections)),
            connections: TaskTracker::new(),
            closing: Closing::default(),
            crowd: Crowd::default(),
            at_the_door: None,
        }
    }

    /// The tasks of its connections.
    pub(super) fn connections(&self) -> TaskTracker {
        self.connections.clone()
    }

    /// Accepts until `shut`; then takes who is inside the door, closes it, and tells the connections.
    ///
    /// Beyond the limit one connection waits at the door, the others in the backlog of the system, which costs neither a
    /// file nor memory of ours: to refuse them would make the load balancer report errors where a little patience serves
    /// them.
    pub(super) async fn run(mut self, shut: impl Future<Output = ()>) {
        let mut complaint = Complaint::default();
        let mut shut = pin!(shut);
        loop {
            tokio::select! {
                biased;
                () = &mut shut => break,
                () = self.accept_one(&mut complaint) => {}
            }
        }
        door::shake_no_more_hands(&self.listener);
        let mut settled = pin!(sleep(SETTLE));
        loop {
            tokio::select! {
                biased;
                () = &mut settled => break,
                () = self.accept_one(&mut complaint) => {}
            }
        }
        if let Some((stream, peer)) = self.at_the_door.take() {
            self.spawn(stream, peer, None);
        }
        // They are at most as many as the backlog holds, whatever the limit says.
        while let Some((stream, peer)) = door::take_one(&self.listener) {
            self.spawn(stream, peer, None);
        }
        drop(self.listener);
        self.closing.begin();
        self.connections.close();
    }

    /// Loses nobody when it is dropped half way: whoever was accepted stays at the door.
    async fn accept_one(&mut self, complaint: &mut Complaint) {
        match self.accept().await {
            Ok(place) => {
                if let Some((stream, peer)) = self.at_the_door.take() {
                    self.spawn(stream, peer, Some(place));
                }
            }
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                complaint.make(&error);
                sleep(RETRY).await;
            }
        }
    }

    /// A connection, then a place for it.
    async fn accept(&mut self) -> io::Result<OwnedSemaphorePermit> {
        if self.at_the_door.is_none() {
            self.at_the_door = Some(self.listener.accept().await?);
        }
        let mut place = pin!(Arc::clone(&self.places).acquire_owned());
        loop {
            // Once a place is free nobody is sent away; one who is frees a place at once.
            tokio::select! {
                biased;
                place = &mut place => return place.map_err(io::Error::other),
                () = self.crowd.somebody_sent_away() => {}
            }
        }
    }

    fn spawn(&self, stream: TcpStream, peer: SocketAddr, place: Option<OwnedSemaphorePermit>) {
        let connection = Connection {
            stream,
            // An IPv4 client of an IPv6 listener is the same client.
            peer: peer.ip().to_canonical(),
            router: self.router.clone(),
            lifecycle: self.lifecycle.clone(),
            write_stall: self.write_stall,
            inside: self.crowd.enter(),
        };
        let end = connection.serve(self.protocol.clone(), self.closing.clone());
        self.connections.spawn(async move {
            end.await;
            drop(place);
        });
    }
}

/// Says that accepting fails, not more often than a log can bear.
#[derive(Default)]
struct Complaint(Option<Instant>);

impl Complaint {
    fn make(&mut self, error: &io::Error) {
        if self.0.is_none_or(|last| last.elapsed() >= COMPLAINT) {
            self.0 = Some(Instant::now());
            tracing::error!(%error, "cannot accept connections");
        }
    }
}
