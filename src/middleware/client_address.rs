//! Where a request comes from, as far as it can be known.

use std::net::IpAddr;

/// Who handed the request to us. Each entrance puts one into the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// The other end of the TCP connection.
    Tcp(IpAddr),
    /// A gateway event's `sourceIp`, which the gateway also appended to `X-Forwarded-For`.
    Gateway(IpAddr),
    /// An event of a load balancer, which appended the peer to `X-Forwarded-For` and says nothing else.
    LoadBalancer,
}
