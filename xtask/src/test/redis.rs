//! A private Redis or Valkey, and the command by which tests start their own.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use super::{Started, rootfs};
use crate::{
    apt::{self, Program},
    child::{self, Server},
    temporary::Folder,
};

/// Starts Redis.
pub(super) fn start(scratch: &Folder) -> anyhow::Result<Started> {
    apt::ensure(&[Program {
        name: "redis-server",
        package: "redis-server",
    }])?;
    launch("Redis", "redis-server", scratch)
}

/// Starts Valkey 8 out of a Debian of its own.
pub(super) fn start_valkey(scratch: &Folder) -> anyhow::Result<Started> {
    let root = rootfs::VALKEY.ensure()?;
    let command = format!("chroot {} valkey-server", root.display());
    let mut started = launch("Valkey", &command, scratch)?;
    let root = root.display().to_string();
    started.variables.push(("TEST_REDIS_ROOT", root));
    Ok(started)
}

fn launch(name: &'static str, command: &str, scratch: &Folder) -> anyhow::Result<Started> {
    let port = child::free_port()?;
    let mut words = command.split(' ').map(str::to_owned);
    let program = words.next().unwrap_or_default();
    let mut words: Vec<_> = words.collect();
    words.extend(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"].map(str::to_owned));
    words.extend(["--port".to_owned(), port.to_string()]);
    words.extend(["--dir".to_owned(), "/tmp".to_owned()]);
    let log = scratch.path().join(format!("{name}.log"));
    let mut server = Server::start(name, &program, &words, log)?;
    server.wait_until(|| answers(port))?;
    Ok(Started {
        server,
        variables: vec![
            ("TEST_REDIS_URL", format!("redis://127.0.0.1:{port}")),
            ("TEST_REDIS_COMMAND", command.to_owned()),
        ],
    })
}

fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return false;
    };
    let limited = stream
        .set_read_timeout(Some(Duration::from_secs(1)))
        .is_ok();
    let mut reply = [0; 7];
    limited
        && stream.write_all(b"PING\r\n").is_ok()
        && stream.read_exact(&mut reply).is_ok()
        && &reply == b"+PONG\r\n"
}
