//! The service on stores of its own, as far as one machine can show production.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail, ensure};

use crate::{
    child::{self, Server},
    test::Stores,
    workspace,
};

/// Of a database that lives as long as this command, on loopback.
const PASSWORD: &str = "load-test";

/// A running service. The order of the fields is that of their ends.
pub(super) struct Scene {
    service: Server,
    port: u16,
    _stores: Stores,
}

impl Scene {
    /// Starts everything and waits until the service is ready. What it says goes to `log`.
    pub(super) fn start(binary: Option<&Path>, log: PathBuf) -> anyhow::Result<Self> {
        let binary = match binary {
            Some(path) => {
                fs::canonicalize(path).with_context(|| format!("--binary {}", path.display()))?
            }
            None => build()?,
        };
        let stores = Stores::start()?;
        let port = child::free_port()?;
        let variables = variables(&stores, port);
        make_database(stores.database)?;
        migrate(&binary, &variables)?;
        let mut service = Server::start_with(
            "the service",
            &binary.display().to_string(),
            &[],
            &variables,
            log,
        )?;
        service.wait_until(|| healthy(&binary, port))?;
        Ok(Self {
            service,
            port,
            _stores: stores,
        })
    }

    /// Where it listens.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The number of its process.
    pub(super) fn pid(&self) -> u32 {
        self.service.pid()
    }
}

fn build() -> anyhow::Result<PathBuf> {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "--bin", "expense-backend"])
        .current_dir(workspace::root())
        .status()
        .context("starting cargo build")?;
    ensure!(status.success(), "the release build failed");
    Ok(workspace::target().join("release/expense-backend"))
}

fn variables(stores: &Stores, port: u16) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("PORT", port.to_string()),
        ("DB_PORT", stores.database.to_string()),
        ("REDIS_PORT", stores.cache.to_string()),
    ];
    let fixed = [
        ("HOST", "127.0.0.1"),
        ("DB_HOST", "127.0.0.1"),
        ("DB_USER", "expense"),
        ("DB_PWD", PASSWORD),
        ("DB_DATABASE", "transactions"),
        ("REDIS_HOST", "127.0.0.1"),
        // All requests come from one address.
        ("RATE_LIMIT_REQUESTS", "0"),
        ("LOG_FORMAT", "json"),
    ];
    variables.extend(fixed.map(|(name, value)| (name, value.to_owned())));
    variables
}

fn make_database(port: u16) -> anyhow::Result<()> {
    let mut client = Command::new("mariadb")
        .args(["--no-defaults", "-uroot", "-h127.0.0.1"])
        .arg(format!("-P{port}"))
        .stdin(Stdio::piped())
        .spawn()
        .context("starting mariadb")?;
    let sql = format!(
        "CREATE DATABASE transactions CHARACTER SET utf8mb4;
         CREATE USER expense@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';
         GRANT ALL ON transactions.* TO expense@'127.0.0.1';"
    );
    let mut stdin = client.stdin.take().context("mariadb has no input")?;
    stdin.write_all(sql.as_bytes())?;
    drop(stdin);
    ensure!(client.wait()?.success(), "the database could not be made");
    Ok(())
}

fn migrate(binary: &Path, variables: &[(&'static str, String)]) -> anyhow::Result<()> {
    let output = Command::new(binary)
        .arg("migrate")
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .with_context(|| format!("starting {}", binary.display()))?;
    if !output.status.success() {
        bail!(
            "migrate: {}",
            String::from_utf8_lossy(&output.stdout).trim()
        );
    }
    Ok(())
}

fn healthy(binary: &Path, port: u16) -> bool {
    Command::new(binary)
        .arg("healthcheck")
        .env("HOST", "127.0.0.1")
        .env("PORT", port.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
