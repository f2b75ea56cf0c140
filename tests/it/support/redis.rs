//! A Redis (or Valkey) of one test: killed, frozen and started again at will.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    process::{Command, Stdio},
    time::Duration,
};

use rustix::process::Signal;

use super::{
    environment,
    process::{Process, free_port},
    wait,
};

const START_LIMIT: Duration = Duration::from_secs(20);

/// A server with nothing in it, which keeps nothing.
pub(crate) struct Redis {
    process: Process,
    port: u16,
}

impl Redis {
    /// Starts one on a free port.
    pub(crate) fn start() -> Self {
        let port = free_port();
        Self {
            process: launch(port),
            port,
        }
    }

    /// Its port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it anew on its old port, empty.
    pub(crate) fn start_again(&mut self) {
        self.process = launch(self.port);
    }

    /// Stops it without closing its connections.
    pub(crate) fn freeze(&self) {
        self.process.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.process.signal(Signal::CONT);
    }

    /// Sends an inline command such as `FLUSHALL`; gives the first part of the reply.
    pub(crate) fn command(&self, words: &str) -> String {
        ask(self.port, words).expect("Redis answers")
    }
}

fn launch(port: u16) -> Process {
    let command = environment::redis_command();
    let mut words = command.split(' ');
    let mut process = Process::start(
        Command::new(words.next().unwrap())
            .args(words)
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--dir", "/tmp"])
            .stdin(Stdio::null())
            .stdout(Stdio::null()),
    );
    wait::until("a Redis that answers", START_LIMIT, || {
        assert!(process.ended().is_none(), "Redis ended at its start");
        ask(port, "PING").filter(|reply| reply == "+PONG")
    });
    process
}

fn ask(port: u16, words: &str) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    stream.write_all(format!("{words}\r\n").as_bytes()).ok()?;
    let mut reply = [0; 4096];
    let length = stream.read(&mut reply).ok()?;
    Some(
        String::from_utf8_lossy(&reply[..length])
            .trim_end()
            .to_owned(),
    )
}
