//! The listening sockets: bound before anything slow, so that a client waits instead of being refused.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

use crate::config::ServerConfig;

/// Connections that wait to be accepted; the system cuts it to its own limit (`net.core.somaxconn`).
const BACKLOG: i32 = 4096;

/// Bytes of a reply that the system holds for one client, which accepted sockets inherit; Linux counts its own expense
/// in and doubles it. Left alone it grows to 4 MiB for each slow client, all of them charged to the container, and the
/// more it holds the less it tells of whether the client takes anything.
const SEND_BUFFER: usize = 128 * 1024;

/// The main listener, and the one for metrics.
#[derive(Debug)]
pub struct Listeners {
    main: TcpListener,
    metrics: Option<TcpListener>,
}

/// An address that could not be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} ({variable}): {source}")]
pub struct BindError {
    /// The variable that names the port.
    pub variable: &'static str,
    /// The address.
    pub address: SocketAddr,
    /// What the system says.
    pub source: io::Error,
}

impl Listeners {
    /// Listens on `HOST` with `PORT` and, where set, `METRICS_PORT`.
    ///
    /// # Errors
    /// Where the system refuses one of them.
    pub fn bind(config: &ServerConfig) -> Result<Self, BindError> {
        let bind = |variable, port| {
            let address = SocketAddr::new(config.host, port);
            listen(address).map_err(|source| BindError {
                variable,
                address,
                source,
            })
        };
        Ok(Self {
            main: bind("PORT", config.port)?,
            metrics: config
                .metrics_port
                .map(|port| bind("METRICS_PORT", port))
                .transpose()?,
        })
    }

    /// Where clients connect to, with the port that the system chose for 0.
    ///
    /// # Errors
    /// Where the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.main.local_addr()
    }

    /// Where metrics are scraped, where that is apart.
    ///
    /// # Errors
    /// Where the system does not say.
    pub fn metrics_address(&self) -> io::Result<Option<SocketAddr>> {
        self.metrics
            .as_ref()
            .map(TcpListener::local_addr)
            .transpose()
    }

    pub(super) fn into_parts(self) -> (TcpListener, Option<TcpListener>) {
        (self.main, self.metrics)
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for the last connections of the process before it to be forgotten.
    socket.set_reuse_address(true)?;
    if let IpAddr::V6(host) = address.ip()
        && host.is_unspecified()
    {
        socket.set_only_v6(false)?;
    }
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}
