//! Listeners, stopping, and limits of connections.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use super::{ConfigFaults, Entrance, Variables, environment::Context, read_env};

/// Listeners, stopping, and limits of connections.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// `HOST`
    pub host: IpAddr,
    /// `PORT`; 0 lets the system choose.
    pub port: u16,
    /// `METRICS_PORT`
    pub metrics_port: Option<u16>,
    /// `DRAIN_TIMEOUT_SECS`
    pub drain_timeout: Duration,
    /// `SHUTDOWN_NOTICE_MS`
    pub shutdown_notice: Duration,
    /// `KEEP_ALIVE_SECS`
    pub keep_alive: Duration,
    /// `MAX_CONNECTIONS`
    pub max_connections: usize,
}

/// `HOST` and `PORT` alone: what a probe inside the container needs, whatever else is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// `HOST`
    pub host: IpAddr,
    /// `PORT`
    pub port: u16,
}

impl Address {
    /// Reads `HOST` and `PORT` through `lookup`.
    ///
    /// # Errors
    /// Where one of them is at fault.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigFaults> {
        let mut vars = Variables::new(&lookup);
        let address = Self::read(&mut vars);
        vars.finish(address)
    }

    /// Reads `HOST` and `PORT` from the environment.
    ///
    /// # Errors
    /// Where one of them is at fault.
    pub fn from_env() -> Result<Self, ConfigFaults> {
        read_env(|lookup| Self::from_lookup(lookup))
    }

    /// Where a client on this machine finds the server: loopback where it listens on every address.
    #[must_use]
    pub fn to_local(self) -> SocketAddr {
        let host = match self.host {
            IpAddr::V4(any) if any.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(any) if any.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            host => host,
        };
        SocketAddr::new(host, self.port)
    }

    fn read(vars: &mut Variables<'_>) -> Self {
        let host = vars.parsed("HOST", |value| {
            value.parse::<IpAddr>().map_err(|_| {
                "allowed is an IP address, such as 127.0.0.1, 0.0.0.0 or ::".to_owned()
            })
        });
        Self {
            host: host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            port: vars.number("PORT", 0..=65535).unwrap_or(8080),
        }
    }
}

impl ServerConfig {
    pub(super) fn read(vars: &mut Variables<'_>, context: &Context) -> Self {
        let Address { host, port } = Address::read(vars);
        let (drain_timeout, shutdown_notice) = stopping(vars);
        Self {
            host,
            port,
            metrics_port: metrics_port(vars, context, port),
            drain_timeout,
            shutdown_notice,
            keep_alive: vars.seconds("KEEP_ALIVE_SECS", 75, 1..=3600),
            max_connections: vars
                .number("MAX_CONNECTIONS", 1..=1_000_000)
                .unwrap_or(10_000),
        }
    }
}

fn metrics_port(vars: &mut Variables<'_>, context: &Context, port: u16) -> Option<u16> {
    if context.entrance == Entrance::Lambda {
        return None;
    }
    let metrics: u16 = vars.number("METRICS_PORT", 0..=65535)?;
    // Two zeros are two ports: the system chooses each.
    if metrics == port && port != 0 {
        vars.fault(
            "METRICS_PORT",
            format!("is {metrics}, as PORT is: it needs a port of its own"),
        );
    }
    Some(metrics)
}

/// The notice is a part of the drain time, so that something of it is left to finish requests in.
fn stopping(vars: &mut Variables<'_>) -> (Duration, Duration) {
    let drain = vars.seconds("DRAIN_TIMEOUT_SECS", 25, 1..=3600);
    let Some(notice) = vars.number::<u64>("SHUTDOWN_NOTICE_MS", 0..=3_600_000) else {
        return (drain, Duration::from_secs(1).min(drain / 2));
    };
    let notice_time = Duration::from_millis(notice);
    if notice_time >= drain {
        let drain = drain.as_secs();
        vars.fault(
            "SHUTDOWN_NOTICE_MS",
            format!("is {notice}: it must be less than DRAIN_TIMEOUT_SECS, {drain} s, of which it is a part"),
        );
    }
    (drain, notice_time)
}
