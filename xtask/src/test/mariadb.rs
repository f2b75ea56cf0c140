//! A private MariaDB, with the durability of production.

use std::{
    fs,
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};

use super::Started;
use crate::{
    apt::{self, Program},
    child::{self, Server},
    temporary::Folder,
};

const PROGRAMS: &[Program] = &[
    Program {
        name: "mariadbd",
        package: "mariadb-server-core",
    },
    Program {
        name: "mariadb",
        package: "mariadb-client-core",
    },
    Program {
        name: "mariadb-install-db",
        package: "mariadb-server-core",
    },
    Program {
        name: "mariadb-dump",
        package: "mariadb-client",
    },
];

/// Starts one with an empty data folder. Root has no password.
pub(super) fn start(scratch: &Folder) -> anyhow::Result<Started> {
    apt::ensure(PROGRAMS)?;
    let port = child::free_port()?;
    let data = scratch.path().join(format!("mariadb-{port}"));
    // Of its own: a server that starts removes what another one keeps in a common one.
    let temporary = scratch.path().join(format!("mariadb-{port}-tmp"));
    fs::create_dir(&temporary)?;
    let socket = scratch.path().join(format!("mariadb-{port}.sock"));
    let user = if rustix::process::geteuid().is_root() {
        vec!["--user=root".to_owned()]
    } else {
        Vec::new()
    };
    let output = Command::new("mariadb-install-db")
        .arg("--no-defaults")
        .args(&user)
        .arg(format!("--datadir={}", data.display()))
        .arg(format!("--tmpdir={}", temporary.display()))
        .args(["--skip-test-db", "--auth-root-authentication-method=normal"])
        .output()
        .context("starting mariadb-install-db")?;
    if !output.status.success() {
        bail!(
            "mariadb-install-db: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let mut words = vec!["--no-defaults".to_owned()];
    words.extend(user);
    words.extend([
        format!("--datadir={}", data.display()),
        format!("--tmpdir={}", temporary.display()),
        format!("--socket={}", socket.display()),
        format!(
            "--pid-file={}",
            scratch.path().join("mariadb.pid").display()
        ),
        format!("--port={port}"),
        "--bind-address=127.0.0.1".to_owned(),
        "--max-connections=500".to_owned(),
        "--skip-log-bin".to_owned(),
        "--skip-name-resolve".to_owned(),
    ]);
    let mut server = Server::start(
        "MariaDB",
        "mariadbd",
        &words,
        scratch.path().join("mariadb.log"),
    )?;
    server.wait_until(|| {
        Command::new("mariadb")
            .args(["--no-defaults", "-uroot", "-h127.0.0.1", "-e", "DO 1"])
            .arg(format!("-P{port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })?;
    Ok(Started {
        server,
        variables: vec![("TEST_MYSQL_URL", format!("mysql://root@127.0.0.1:{port}"))],
    })
}
