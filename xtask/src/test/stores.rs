//! A database and a cache for commands that run the service itself.

use anyhow::Context as _;

use super::{Started, mariadb, redis, retried, scratch::Scratch};
use crate::child::Server;

/// A private MariaDB, whose root has no password, and a private Redis. Dropping it ends both.
pub(crate) struct Stores {
    /// The loopback port of the database.
    pub(crate) database: u16,
    /// The loopback port of the cache.
    pub(crate) cache: u16,
    // In this order: the servers end, then their folder goes.
    _running: [Server; 2],
    _scratch: Scratch,
}

impl Stores {
    /// Starts both.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let scratch = Scratch::new()?;
        let database = retried("MariaDB", || mariadb::start(&scratch))?;
        let cache = retried("Redis", || redis::start(&scratch))?;
        Ok(Self {
            database: port(&database)?,
            cache: port(&cache)?,
            _running: [database.server, cache.server],
            _scratch: scratch,
        })
    }
}

/// The port at the end of its address, the first of its variables.
fn port(started: &Started) -> anyhow::Result<u16> {
    let (_, address) = started.variables.first().context("no address")?;
    let (_, port) = address.rsplit_once(':').context("no port")?;
    port.parse()
        .with_context(|| format!("the port of {address}"))
}
