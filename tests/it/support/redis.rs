//! A Redis (or Valkey) of one test: killed, frozen and started again at will.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::Path,
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

/// A server with nothing in it, which keeps nothing but what [`Redis::save`] is told to.
pub(crate) struct Redis {
    process: Process,
    port: u16,
    options: Vec<String>,
    folder: tempfile::TempDir,
}

impl Redis {
    /// Starts one on a free port.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with more options, such as `--requirepass`.
    pub(crate) fn start_with(options: &[&str]) -> Self {
        let port = free_port();
        let options: Vec<_> = options.iter().map(|word| (*word).to_owned()).collect();
        // Where it runs in a root of its own, its folder has to lie in there.
        let folder = match environment::redis_root() {
            Some(root) => tempfile::tempdir_in(root.join("tmp")).unwrap(),
            None => tempfile::tempdir().unwrap(),
        };
        Self {
            process: launch(port, folder.path(), &options),
            port,
            options,
            folder,
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

    /// Starts it anew on its old port: empty, or with what was last saved.
    pub(crate) fn start_again(&mut self) {
        self.process = launch(self.port, self.folder.path(), &self.options);
    }

    /// Writes a snapshot.
    pub(crate) fn save(&self) {
        assert_eq!(self.command("SAVE"), "+OK");
    }

    /// Stops it without closing its connections.
    pub(crate) fn freeze(&self) {
        self.process.freeze();
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

fn launch(port: u16, folder: &Path, options: &[String]) -> Process {
    let command = environment::redis_command();
    let root = environment::redis_root().unwrap_or_default();
    let folder = folder
        .strip_prefix(&root)
        .map_or(folder.into(), |inside| Path::new("/").join(inside));
    let mut words = command.split(' ');
    let mut process = Process::start(
        Command::new(words.next().unwrap())
            .args(words)
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(folder)
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::null()),
    );
    wait::until("a Redis that answers", START_LIMIT, || {
        assert!(process.ended().is_none(), "Redis ended at its start");
        ask(port, "PING").filter(|reply| reply == "+PONG" || reply.starts_with("-NOAUTH"))
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
