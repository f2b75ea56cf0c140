//! A want of open files.

use std::{
    net::{SocketAddr, TcpStream},
    process::{Command, Stdio},
    time::Duration,
};

use super::variables;
use crate::support::{
    http::{Connection, Request},
    process::{Process, free_port},
    server::program,
    wait,
};

const FILES: usize = 80;
const LIMIT: Duration = Duration::from_secs(20);

fn is_alive(address: SocketAddr) -> Option<()> {
    let reply = Connection::open(address)
        .ok()?
        .send(&Request::new("GET", "/livez"))
        .ok()?;
    (reply.status == 200).then_some(())
}

/// The soft limit is lower still: that the program gets further than it shows that it raised its own.
#[test]
fn accepting_goes_on_after_the_files_ran_out() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let pairs = [
        ("PORT", port.to_string()),
        ("SHUTDOWN_NOTICE_MS", "0".to_owned()),
    ];
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let inner = program(folder.path(), &variables(&pairs), &["serve"]);
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            &format!("ulimit -Sn 24 && ulimit -Hn {FILES} && exec \"$0\" serve"),
        ])
        .arg(inner.get_program())
        .env_clear()
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap());
    }
    let mut process = Process::start(&mut command);
    wait::until("a server", LIMIT, || is_alive(address));

    let open = || {
        std::fs::read_dir(format!("/proc/{}/fd", process.pid()))
            .unwrap()
            .count()
    };
    let crowd: Vec<_> = (0..FILES * 2)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    wait::until("the last file", LIMIT, || (open() >= FILES).then_some(()));
    drop(crowd);
    wait::until("a server that goes on", LIMIT, || is_alive(address));
    process.signal(rustix::process::Signal::TERM);
    assert!(process.end_within(LIMIT).success());
}
