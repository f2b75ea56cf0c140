//! A database and a cache for commands that run the service itself.

use std::process::Command;

use anyhow::Context as _;

use super::{Started, mariadb, redis, retried};
use crate::{child::Server, program, temporary::Folder};

/// Of a user that lives as long as the command, on loopback.
const USER: (&str, &str) = ("expense", "private");

/// A private MariaDB, whose root has no password, and a private Redis. Dropping it ends both.
pub(crate) struct Stores {
    /// The loopback port of the database.
    pub(crate) database: u16,
    /// The loopback port of the cache.
    pub(crate) cache: u16,
    // In this order: the servers end, then their folder goes.
    _running: [Server; 2],
    _scratch: Folder,
}

impl Stores {
    /// Starts both.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let scratch = Folder::new("test")?;
        let database = retried("MariaDB", || mariadb::start(&scratch))?;
        let cache = retried("Redis", || redis::start(&scratch))?;
        Ok(Self {
            database: port(&database)?,
            cache: port(&cache)?,
            _running: [database.server, cache.server],
            _scratch: scratch,
        })
    }

    /// Makes the database `transactions`, and a user who may do everything in it.
    pub(crate) fn make_database(&self, user: &str, password: &str) -> anyhow::Result<()> {
        let mut client = Command::new("mariadb");
        client
            .args(["--no-defaults", "-uroot", "-h127.0.0.1"])
            .arg(format!("-P{}", self.database));
        let sql = format!(
            "CREATE DATABASE transactions CHARACTER SET utf8mb4;
             CREATE USER {user}@'127.0.0.1' IDENTIFIED BY '{password}';
             GRANT ALL ON transactions.* TO {user}@'127.0.0.1';"
        );
        program::told(&mut client, &sql).map(drop)
    }

    /// Makes a database for the service; the variables that lead it to both stores.
    pub(crate) fn for_the_service(&self) -> anyhow::Result<Vec<(&'static str, String)>> {
        let (user, password) = USER;
        self.make_database(user, password)?;
        let variables = [
            ("DB_HOST", "127.0.0.1"),
            ("DB_USER", user),
            ("DB_PWD", password),
            ("DB_DATABASE", "transactions"),
            ("REDIS_HOST", "127.0.0.1"),
        ];
        let mut variables: Vec<_> = variables
            .map(|(name, value)| (name, value.to_owned()))
            .into();
        variables.push(("DB_PORT", self.database.to_string()));
        variables.push(("REDIS_PORT", self.cache.to_string()));
        Ok(variables)
    }
}

/// The port at the end of its address, the first of its variables.
fn port(started: &Started) -> anyhow::Result<u16> {
    let (_, address) = started.variables.first().context("no address")?;
    let (_, port) = address.rsplit_once(':').context("no port")?;
    port.parse()
        .with_context(|| format!("the port of {address}"))
}
