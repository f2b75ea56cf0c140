//! A MariaDB of one test: killed, frozen and started again at will, its table kept.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use rustix::process::Signal;

use super::{
    database, environment,
    process::{Process, free_port},
    wait,
};

const START_LIMIT: Duration = Duration::from_secs(30);

/// A server with a data folder of its own. Root has no password.
pub(crate) struct MariaDb {
    process: Process,
    folder: tempfile::TempDir,
    port: u16,
    options: Vec<String>,
}

impl MariaDb {
    /// Starts one on a free port; `None`, with a printed reason, where MariaDB is not installed.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(Vec::new())
    }

    /// The same with further options.
    pub(crate) fn start_with(options: Vec<String>) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        // Of its own: a server that starts removes what another one keeps in a common one.
        let temporary = folder.path().join("tmp");
        std::fs::create_dir(&temporary).unwrap();
        let made = Command::new("mariadb-install-db")
            // A server that starts clears this folder of the temporary tables of every other one.
            .env("TMPDIR", folder.path())
            .args(["--no-defaults", "--skip-test-db"])
            .args(["--auth-root-authentication-method=normal"])
            .args(as_root())
            .arg(format!(
                "--datadir={}",
                folder.path().join("data").display()
            ))
            .output();
        match made {
            Ok(output) => assert!(output.status.success(), "{output:?}"),
            Err(error) => {
                environment::skip(&format!("mariadb-install-db cannot be run: {error}"));
                return None;
            }
        }
        let port = free_port();
        let process = launch(&folder, port, &options);
        Some(Self {
            process,
            folder,
            port,
            options,
        })
    }

    /// Where root may make databases.
    pub(crate) fn url(&self) -> String {
        url(self.port)
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Ends it as an operator would.
    pub(crate) fn stop(&mut self) {
        self.process.signal(Signal::TERM);
        self.process.end_within(START_LIMIT);
    }

    /// Starts it anew on its old port and data.
    pub(crate) fn start_again(&mut self) {
        self.process = launch(&self.folder, self.port, &self.options);
    }

    /// Stops it without closing its connections.
    pub(crate) fn freeze(&self) {
        self.process.freeze();
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.process.signal(Signal::CONT);
    }
}

fn url(port: u16) -> String {
    format!("mysql://root@127.0.0.1:{port}")
}

fn as_root() -> Option<&'static str> {
    rustix::process::geteuid()
        .is_root()
        .then_some("--user=root")
}

fn launch(folder: &tempfile::TempDir, port: u16, options: &[String]) -> Process {
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut process = Process::start(
        Command::new("mariadbd")
            .env("TMPDIR", folder.path())
            .arg("--no-defaults")
            .args(as_root())
            .arg(format!("--datadir={}", path("data")))
            .arg(format!("--tmpdir={}", path("tmp")))
            .arg(format!("--socket={}", path("sock")))
            .arg(format!("--pid-file={}", path("pid")))
            .arg(format!("--log-error={}", path("log")))
            .arg(format!("--port={port}"))
            .args(["--bind-address=127.0.0.1", "--skip-log-bin"])
            .args(["--skip-name-resolve", "--innodb-buffer-pool-size=32M"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null()),
    );
    wait::until("a MariaDB that answers", START_LIMIT, || {
        let log = std::fs::read_to_string(path("log")).unwrap_or_default();
        assert!(
            process.ended().is_none(),
            "MariaDB ended at its start: {log}"
        );
        database::answers(&url(port)).then_some(())
    });
    process
}
