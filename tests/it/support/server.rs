//! The real program, run as its users run it.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;

use super::{
    environment,
    http::{Connection, Reply, Request},
    process::Process,
    wait,
};

const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(40);

/// Environment variables of a program.
pub(crate) type Variables = BTreeMap<String, String>;

/// The program with exactly these variables, in this folder.
pub(crate) fn program(folder: &Path, variables: &Variables, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_expense-backend"));
    command
        .args(words)
        .env_clear()
        .envs(environment::inherited())
        .envs(variables)
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

/// A running server. Dropping it stops it by SIGTERM and checks that it ends well and logged nothing but JSON.
pub(crate) struct Server {
    process: Process,
    address: SocketAddr,
    lines: Arc<Lines>,
    reader: Option<JoinHandle<()>>,
    killed: bool,
}

#[derive(Default)]
struct Lines {
    seen: Mutex<Vec<String>>,
    more: Condvar,
}

impl Server {
    /// Starts `serve` and waits until the port is open.
    pub(crate) fn start(folder: &Path, variables: &Variables) -> Self {
        Self::start_words(folder, variables, &[])
    }

    /// The same with other words on the command line.
    pub(crate) fn start_words(folder: &Path, variables: &Variables, words: &[&str]) -> Self {
        let mut command = program(folder, variables, words);
        command.stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut process = Process::start(&mut command);
        let lines = Arc::new(Lines::default());
        let stdout = process.child().stdout.take().unwrap();
        let reader = thread::spawn({
            let lines = Arc::clone(&lines);
            move || {
                for line in BufReader::new(stdout).lines() {
                    lines.seen.lock().unwrap().push(line.unwrap());
                    lines.more.notify_all();
                }
            }
        });
        let mut server = Self {
            process,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            lines,
            reader: Some(reader),
            killed: false,
        };
        server.address = server.wait_for_address();
        server
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process.
    pub(crate) fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// A connection of its own.
    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.address).unwrap()
    }

    /// Sends a request over a new connection.
    pub(crate) fn send(&self, request: &Request) -> Reply {
        self.try_send(request)
            .unwrap_or_else(|error| panic!("{error}: {request:?}"))
    }

    /// The same where the server may be gone.
    pub(crate) fn try_send(&self, request: &Request) -> std::io::Result<Reply> {
        Connection::open(self.address)?.send(request)
    }

    /// GET.
    pub(crate) fn get(&self, target: &str) -> Reply {
        self.send(&Request::new("GET", target))
    }

    /// DELETE.
    pub(crate) fn delete(&self, target: &str) -> Reply {
        self.send(&Request::new("DELETE", target))
    }

    /// POST of JSON.
    pub(crate) fn post(&self, target: &str, body: impl AsRef<[u8]>) -> Reply {
        self.send(&Request::new("POST", target).json(body))
    }

    /// Asks `/readyz` until it says 200.
    pub(crate) fn wait_until_ready(&self, limit: Duration) {
        wait::until("a ready server", limit, || {
            let reply = self.try_send(&Request::new("GET", "/readyz")).ok()?;
            (reply.status == 200).then_some(())
        });
    }

    /// Asks `/health` until the store and the cache are both there.
    pub(crate) fn wait_until_healthy(&self, limit: Duration) {
        wait::until("a healthy server", limit, || {
            let reply = self.try_send(&Request::new("GET", "/health")).ok()?;
            (reply.json()["status"] == "healthy").then_some(())
        });
    }

    /// Every line so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.lines.seen.lock().unwrap().clone()
    }

    /// Waits for a line that `wanted` takes.
    pub(crate) fn wait_for_line(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + START_LIMIT;
        let mut seen = self.lines.seen.lock().unwrap();
        loop {
            let found = seen
                .iter()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok())
                .find(|line| wanted(line));
            if let Some(line) = found {
                return line;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no log line {what}: {seen:#?}");
            seen = self.lines.more.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Sends SIGTERM and waits for the end.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        if self.process.ended().is_none() {
            self.process.signal(Signal::TERM);
        }
        self.wait_for_end()
    }

    /// Waits for an end that something else causes.
    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        let status = self.process.end_within(STOP_LIMIT);
        // All that it said has been read when the reader is done.
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.killed = true;
        status
    }

    /// `kill -9`, while others hold the server.
    pub(crate) fn kill_now(&self) {
        self.process.signal(Signal::KILL);
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
        self.killed = true;
    }

    fn wait_for_address(&mut self) -> SocketAddr {
        let end = Instant::now() + START_LIMIT;
        loop {
            let first = self.lines.seen.lock().unwrap().first().cloned();
            if let Some(address) = first.as_deref().and_then(address_in) {
                return address;
            }
            if let Some(status) = self.process.ended() {
                panic!(
                    "the server ended at its start ({status}): {:#?}",
                    self.log()
                );
            }
            assert!(Instant::now() < end, "no address in {:#?}", self.log());
            let seen = self.lines.seen.lock().unwrap();
            let step = Duration::from_millis(50);
            drop(self.lines.more.wait_timeout(seen, step).unwrap());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.killed {
            return;
        }
        let status = self.stop();
        if !thread::panicking() {
            let log = self.log();
            assert!(status.success(), "the server ended with {status}: {log:#?}");
            for line in &log {
                let parsed = serde_json::from_str::<serde_json::Map<String, Value>>(line);
                assert!(parsed.is_ok(), "a log line that is no JSON object: {line}");
            }
        }
    }
}

/// The first `ADDRESS:PORT` of IPv4 in a log line: the first line says where the server listens.
fn address_in(line: &str) -> Option<SocketAddr> {
    line.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':'))
        .find_map(|word| word.parse().ok())
}
