//! The service on stores of its own, as far as one machine can show production.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    child::{self, Server},
    program, service,
    test::Stores,
};

/// A running service. The order of the fields is that of their ends.
pub(super) struct Scene {
    service: Server,
    port: u16,
    _stores: Stores,
}

impl Scene {
    /// Starts everything and waits until the service is ready. What it says goes to `log`.
    pub(super) fn start(binary: Option<&Path>, log: PathBuf) -> anyhow::Result<Self> {
        let binary = service::named_or_release(binary)?;
        let stores = Stores::start()?;
        let port = child::free_port()?;
        let mut variables = stores.for_the_service()?;
        let fixed = [
            ("HOST", "127.0.0.1"),
            // All requests come from one address.
            ("RATE_LIMIT_REQUESTS", "0"),
            ("LOG_FORMAT", "json"),
        ];
        variables.extend(fixed.map(|(name, value)| (name, value.to_owned())));
        variables.push(("PORT", port.to_string()));
        program::said(Command::new(&binary).arg("migrate").envs(variables.clone()))?;
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
