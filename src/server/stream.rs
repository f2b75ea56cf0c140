//! The socket of one connection: notes what arrives, and cuts off a client that takes nothing.

use std::{
    future::Future,
    io::{self, IoSlice, Read as _},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};

use super::{activity::Activity, linger::Linger};

/// A socket with an eye on it.
pub(super) struct Stream {
    socket: TcpStream,
    activity: Arc<Activity>,
    write_stall: Duration,
    /// Made at the first write that has to wait, which most connections never see.
    patience: Option<Pin<Box<Sleep>>>,
    waiting: bool,
    half_closed: bool,
    lingering: Option<Linger>,
}

impl Stream {
    pub(super) fn new(socket: TcpStream, activity: Arc<Activity>, write_stall: Duration) -> Self {
        Self {
            socket,
            activity,
            write_stall,
            patience: None,
            waiting: false,
            half_closed: false,
            lingering: None,
        }
    }

    /// What became of a write: the clock runs while it waits.
    ///
    /// The system says that there is room once a third of its buffer is free (of a fixed size, see `listeners`), so
    /// "no byte" is in truth less than some 85 KiB in that time.
    fn written(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if outcome.is_ready() {
            self.waiting = false;
            return outcome;
        }
        let deadline = Instant::now() + self.write_stall;
        let patience = self
            .patience
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if !self.waiting {
            self.waiting = true;
            patience.as_mut().reset(deadline);
        }
        ready!(patience.as_mut().poll(cx));
        tracing::debug!("a client took nothing for too long and is cut off");
        // Without this the system would go on offering what it has buffered, for minutes.
        let _gone_already = SockRef::from(&self.socket).set_linger(Some(Duration::ZERO));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let mut outcome = Pin::new(&mut self.socket).poll_read(cx, buf);
        if outcome.is_pending() && self.activity.closing() {
            // What the runtime knows of the socket may be older than the bytes that decide whether it may be closed.
            outcome = read_now(&self.socket, buf);
        }
        // Blank lines between two requests are allowed, and are no part of a head (RFC 9112, 2.2).
        let part_of_a_head = |byte: &u8| !matches!(byte, b'\r' | b'\n');
        if buf.filled()[before..].iter().any(part_of_a_head) {
            self.activity.bytes_arrived();
        }
        outcome
    }
}

/// What is there at this moment. The runtime was asked before, and wakes the task when more comes.
fn read_now(socket: &TcpStream, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
    match (&*SockRef::from(socket)).read(buf.initialize_unfilled()) {
        Ok(read) => {
            buf.advance(read);
            Poll::Ready(Ok(()))
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        Err(error) => Poll::Ready(Err(error)),
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.socket).poll_write(cx, buf);
        self.written(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.socket).poll_write_vectored(cx, bufs);
        self.written(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.half_closed {
            ready!(Pin::new(&mut this.socket).poll_shutdown(cx))?;
            this.half_closed = true;
            this.lingering = this.activity.is_left_unread().then(Linger::default);
        }
        if let Some(lingering) = &mut this.lingering {
            ready!(lingering.poll(&mut this.socket, cx));
        }
        Poll::Ready(Ok(()))
    }
}
