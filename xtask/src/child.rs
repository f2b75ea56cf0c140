//! A server that a command started: it ends with the command, however that ends.

use std::{
    fs::File,
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal};

use crate::apt;

/// How long a server may take until it answers.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long it may take to end after a SIGTERM.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// A running server. Dropping it ends it.
pub(crate) struct Server {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts `program`; what it says goes to `log`. Call it from the main thread.
    ///
    /// `setpriv --pdeathsig` has the kernel end it when this process ends, by whatever signal.
    pub(crate) fn start(
        name: &'static str,
        program: &str,
        words: &[String],
        log: PathBuf,
    ) -> anyhow::Result<Self> {
        Self::start_with(name, program, words, &[], log)
    }

    /// The same with variables for its environment.
    pub(crate) fn start_with(
        name: &'static str,
        program: &str,
        words: &[String],
        variables: &[(&str, String)],
        log: PathBuf,
    ) -> anyhow::Result<Self> {
        let mut command = if apt::on_path("setpriv") {
            let mut command = Command::new("setpriv");
            command.args(["--pdeathsig", "KILL", program]);
            command
        } else {
            Command::new(program)
        };
        let out = File::create(&log).with_context(|| format!("making {}", log.display()))?;
        let child = command
            .args(words)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        Ok(Self { name, child, log })
    }

    /// The number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until `ready` says so; fails with the server's own words where it ends before, or never gets ready.
    pub(crate) fn wait_until(&mut self, ready: impl Fn() -> bool) -> anyhow::Result<()> {
        let end = Instant::now() + START_LIMIT;
        while !ready() {
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "{} ended at its start ({status}): {}",
                    self.name,
                    self.words()
                );
            }
            if Instant::now() > end {
                bail!("{} does not answer: {}", self.name, self.words());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn words(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&text[text.len().saturating_sub(2000)..]).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // It may have ended by itself.
            let _ended_before = rustix::process::kill_process(pid, Signal::TERM);
        }
        let end = Instant::now() + STOP_LIMIT;
        while Instant::now() < end {
            match self.child.try_wait() {
                Ok(None) => thread::sleep(Duration::from_millis(20)),
                Ok(Some(_)) | Err(_) => return,
            }
        }
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// A loopback port that was free a moment ago.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("asking for a free port")?;
    Ok(listener.local_addr()?.port())
}

/// Whether something listens on the loopback port.
pub(crate) fn listens(port: u16) -> bool {
    std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}
