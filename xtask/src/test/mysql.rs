//! A private MySQL 9, run inside a Debian of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};

use super::{Started, rootfs};
use crate::{
    child::{self, Server},
    temporary::Folder,
};

/// Where data folders lie, seen from inside.
const PARENT: &str = "/var/tmp";

/// Starts one with an empty data folder. Root has no password.
pub(super) fn start(scratch: &Folder) -> anyhow::Result<Started> {
    let root = rootfs::MYSQL.ensure()?;
    sweep(&root.join("var/tmp"));
    let port = child::free_port()?;
    let data = format!("{PARENT}/mysql-{}-{port}", std::process::id());
    let chrooted = |program: &str| {
        let mut command = Command::new("chroot");
        command.arg(&root).arg(program);
        command
    };
    let output = chrooted("/usr/sbin/mysqld")
        .args(["--no-defaults", "--initialize-insecure", "--user=root"])
        .args([
            format!("--datadir={data}"),
            "--secure-file-priv=".to_owned(),
        ])
        .output()
        .context("starting mysqld --initialize-insecure")?;
    if !output.status.success() {
        bail!(
            "mysqld --initialize-insecure: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let words = [
        root.display().to_string(),
        "/usr/sbin/mysqld".to_owned(),
        "--no-defaults".to_owned(),
        "--user=root".to_owned(),
        format!("--datadir={data}"),
        format!("--socket={data}/mysql.sock"),
        format!("--pid-file={data}/mysql.pid"),
        format!("--port={port}"),
        "--bind-address=127.0.0.1".to_owned(),
        "--secure-file-priv=".to_owned(),
        "--mysqlx=OFF".to_owned(),
        "--skip-log-bin".to_owned(),
        "--max-connections=500".to_owned(),
    ];
    let mut server = Server::start("MySQL", "chroot", &words, scratch.path().join("mysql.log"))?;
    server.wait_until(|| {
        chrooted("/usr/bin/mysql")
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

/// Removes the data folders of runs that have ended.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let pid = name
            .to_str()
            .and_then(|name| name.strip_prefix("mysql-")?.split('-').next());
        let abandoned = pid.is_some_and(|pid| !PathBuf::from(format!("/proc/{pid}")).exists());
        if abandoned && let Err(error) = fs::remove_dir_all(entry.path()) {
            eprintln!("{} cannot be removed: {error}", entry.path().display());
        }
    }
}
