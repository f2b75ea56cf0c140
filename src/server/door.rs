//! Closing a listening socket without resetting anybody.
//!
//! A connection is open for its client as soon as the system has shaken hands, before the program accepts it; and when
//! the listening socket is closed, the system resets whoever it has not handed over yet. However quickly the program
//! takes the last of them and closes, somebody can come in between. So first the system is told to shake no more hands,
//! then those who are inside the door are taken, then it is closed.

use std::{io, net::SocketAddr, time::Duration};

use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};

/// How long a handshake that has begun is given to end: well above the way to a load balancer in the same network.
pub(super) const SETTLE: Duration = Duration::from_millis(50);

/// From now on the system drops requests to connect. Their senders try again a second later, and are refused then.
#[cfg(target_os = "linux")]
pub(super) fn shake_no_more_hands(listener: &TcpListener) {
    use socket2::SockFilter;

    // A program for the system's packet filter, which sees the TCP header: load the byte with the flags; with SYN in
    // it take nothing of the packet, else all of it.
    const LOAD_BYTE: u16 = 0x30;
    const JUMP_IF_ANY_BIT: u16 = 0x45;
    const RETURN: u16 = 0x06;
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    let program = [
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(JUMP_IF_ANY_BIT, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ];
    if let Err(error) = SockRef::from(listener).attach_filter(&program) {
        // Then somebody may be reset, as with any other server.
        tracing::debug!(%error, "the system goes on shaking hands");
    }
}

/// Other systems have no such filter.
#[cfg(not(target_os = "linux"))]
pub(super) fn shake_no_more_hands(_listener: &TcpListener) {}

/// Somebody who is inside the door at this moment.
pub(super) fn take_one(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    // Asked of the system itself: what the runtime knows may be older than the connection.
    let socket = SockRef::from(listener);
    loop {
        match socket.accept() {
            Ok((accepted, peer)) => match adopt(accepted, &peer) {
                Ok(taken) => return Some(taken),
                Err(error) => tracing::debug!(%error, "a connection ended before it began"),
            },
            Err(error) if concerns_one_connection(&error) => {}
            Err(_) => return None,
        }
    }
}

fn adopt(
    accepted: socket2::Socket,
    peer: &socket2::SockAddr,
) -> io::Result<(TcpStream, SocketAddr)> {
    accepted.set_nonblocking(true)?;
    let stream = TcpStream::from_std(accepted.into())?;
    let peer = peer
        .as_socket()
        .ok_or_else(|| io::Error::other("a peer without an IP address"))?;
    Ok((stream, peer))
}

/// Whether only the connection that was to be accepted is lost.
pub(super) fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionAborted
            | Kind::ConnectionReset
            | Kind::ConnectionRefused
            | Kind::Interrupted
    )
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_is_inside_is_taken_and_who_is_outside_waits() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let knock = || std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200));
        let inside: Vec<_> = (0..3).map(|_| knock().unwrap()).collect();
        shake_no_more_hands(&listener);
        let outside = knock().unwrap_err();
        assert_eq!(outside.kind(), io::ErrorKind::TimedOut);
        for client in &inside {
            let (_, peer) = take_one(&listener).unwrap();
            assert_eq!(peer, client.local_addr().unwrap());
        }
        assert!(take_one(&listener).is_none());
        drop(listener);
        let late = knock().unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::ConnectionRefused);
    }
}
