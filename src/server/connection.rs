//! One connection, from its first byte to its last.

use std::{
    convert::Infallible,
    future::Future,
    net::IpAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::Router;
use hyper::{
    Request, Response,
    body::Incoming,
    header::{CONNECTION, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpStream, sync::futures::OwnedNotified};
use tower_service::Service as _;

use super::{
    Limits,
    activity::{Activity, Closing},
    bodies::{ReplyBody, RequestBody},
    crowd::Inside,
    stream::Stream,
};
use crate::{middleware::client_address::Peer, service::lifecycle::Lifecycle};

/// The longest request head: request line and headers. Longer ones are answered 431. hyper itself stops at 100 headers.
const HEAD_BYTES: usize = 16 * 1024;

/// Bytes of a request or of a reply that a connection holds at most: what a slow client costs.
const BUFFER_BYTES: usize = 128 * 1024;

/// What one connection needs.
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) peer: IpAddr,
    pub(super) router: Router,
    pub(super) lifecycle: Lifecycle,
    pub(super) write_stall: Duration,
    pub(super) inside: Inside,
}

/// HTTP/1.1 with our limits.
pub(super) fn protocol(limits: &Limits) -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        // Runs from the start of a connection and from each reply: silent ones, slow heads and idle ones end by it.
        .header_read_timeout(limits.keep_alive)
        .max_header_size(HEAD_BYTES)
        .max_buf_size(BUFFER_BYTES);
    protocol
}

impl Connection {
    /// Serves it to its end.
    pub(super) async fn serve(self, protocol: http1::Builder, closing: Closing) {
        if let Err(error) = self.stream.set_nodelay(true) {
            // The other end is gone already.
            tracing::debug!(%error, "a connection ended before it began");
            return;
        }
        let activity = self.inside.activity();
        let stream = Stream::new(self.stream, Arc::clone(&activity), self.write_stall);
        let (router, lifecycle, peer) = (self.router, self.lifecycle, Peer::Tcp(self.peer));
        let noted = Arc::clone(&activity);
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            let in_progress = noted.begin();
            let request = request.map(|body| RequestBody::new(body, Arc::clone(&noted)));
            let reply = router.clone().call(request);
            let lifecycle = lifecycle.clone();
            async move {
                let Ok(mut reply) = reply.await;
                if lifecycle.draining() {
                    let close = HeaderValue::from_static("close");
                    reply.headers_mut().insert(CONNECTION, close);
                }
                Ok::<Response<_>, Infallible>(reply.map(|body| ReplyBody::new(body, in_progress)))
            }
        });
        let connection = pin!(protocol.serve_connection(TokioIo::new(stream), service));
        let until_closed = UntilClosed {
            connection,
            activity,
            woken: pin!(closing.wait()),
            closing,
            stage: Stage::Open,
        };
        tokio::select! {
            biased;
            end = until_closed => if let Err(error) = end {
                // Clients that go away, stall or speak no HTTP: their business, and too many for a log.
                tracing::debug!(%error, "a connection ended early");
            },
            () = self.inside.sent_away() => {
                tracing::debug!("a connection without a request gave its place to the next one");
            }
        }
    }
}

/// How far the word that the door is closed has got.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The task would not be woken by it yet.
    Open,
    /// It would.
    Listening,
    /// It has come: the connection may end as soon as nothing has arrived on it.
    Closed,
    /// hyper knows: it ends with the present reply.
    Told,
}

/// A connection that ends when the door is closed, but not before a request that has arrived on it is answered.
///
/// hyper's own `graceful_shutdown` closes a connection between two requests at once, with the first half of a head in
/// its buffer or a whole one in the socket's. So it is told only once neither is the case.
struct UntilClosed<'a, C> {
    connection: Pin<&'a mut C>,
    activity: Arc<Activity>,
    closing: Closing,
    woken: Pin<&'a mut OwnedNotified>,
    stage: Stage,
}

impl<C: Graceful> Future for UntilClosed<'_, C> {
    type Output = hyper::Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        let this = self.get_mut();
        loop {
            if let Poll::Ready(end) = this.connection.as_mut().poll(cx) {
                return Poll::Ready(end);
            }
            match this.stage {
                Stage::Told => return Poll::Pending,
                Stage::Open | Stage::Listening => {
                    if !this.closing.begun() && !this.is_woken(cx) {
                        return Poll::Pending;
                    }
                    // From now on a read asks the socket itself; then the connection is polled once more, so that
                    // what has arrived by now is known.
                    this.activity.close();
                    this.stage = Stage::Closed;
                }
                // The rest of the head, the end of the patience with it, or the end of the drain wakes the task.
                Stage::Closed if this.activity.has_partial_head() => return Poll::Pending,
                Stage::Closed => {
                    if this.activity.is_idle() {
                        this.activity.nothing_left_unread();
                    }
                    this.connection.as_mut().graceful_shutdown();
                    this.stage = Stage::Told;
                }
            }
        }
    }
}

impl<C> UntilClosed<'_, C> {
    /// Asks once, so that the task is woken: to ask each time would be a lock that all connections share.
    fn is_woken(&mut self, cx: &mut Context<'_>) -> bool {
        if self.stage == Stage::Listening {
            return false;
        }
        self.stage = Stage::Listening;
        self.woken.as_mut().poll(cx).is_ready()
    }
}

/// The part of hyper's connection that [`UntilClosed`] uses; its full type cannot be written down.
trait Graceful: Future<Output = hyper::Result<()>> {
    fn graceful_shutdown(self: Pin<&mut Self>);
}

impl<S> Graceful for http1::Connection<TokioIo<Stream>, S>
where
    S: hyper::service::Service<
            Request<Incoming>,
            Response = Response<ReplyBody>,
            Error = Infallible,
        >,
{
    fn graceful_shutdown(self: Pin<&mut Self>) {
        Self::graceful_shutdown(self);
    }
}
