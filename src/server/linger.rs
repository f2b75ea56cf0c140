//! Closing while the client still sends.
//!
//! A socket that is closed with unread bytes resets the connection, and the reset overtakes the reply: a client that
//! sends a body which is too large would see a broken connection instead of its 413. So the reply's end is sent, and
//! what the client still sends is read and thrown away for a while.

use std::{
    future::Future,
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// How long what the client sends is thrown away.
const LINGER: Duration = Duration::from_secs(5);

/// A closing connection, of which the reply's end has been sent.
pub(super) struct Linger(Pin<Box<Sleep>>);

impl Default for Linger {
    fn default() -> Self {
        Self(Box::pin(sleep(LINGER)))
    }
}

impl Linger {
    /// Ready when the client has closed its side, or has had its time.
    pub(super) fn poll(&mut self, socket: &mut TcpStream, cx: &mut Context<'_>) -> Poll<()> {
        let mut thrown_away = [MaybeUninit::uninit(); 8192];
        loop {
            let mut buf = ReadBuf::uninit(&mut thrown_away);
            match Pin::new(&mut *socket).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return self.0.as_mut().poll(cx),
            }
        }
    }
}
