//! File systems of newer Debians, for servers that this one does not have.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context as _, bail};

use crate::{
    apt::{self, Program},
    workspace,
};

/// A Debian with a server in it.
pub(super) struct RootFs {
    folder: &'static str,
    release: &'static str,
    packages: &'static str,
}

/// MySQL 9: what Debian's unstable release has (9.7 when this was written).
pub(super) const MYSQL: RootFs = RootFs {
    folder: "mysql-9-rootfs",
    release: "sid",
    packages: "mysql-server-core,mysql-client-core",
};

/// Valkey 8 of Debian 13.
pub(super) const VALKEY: RootFs = RootFs {
    folder: "valkey-8-rootfs",
    release: "trixie",
    packages: "valkey-server",
};

impl RootFs {
    /// Its root folder; makes it where it is missing (half a minute, once). Needs root.
    pub(super) fn ensure(&self) -> anyhow::Result<PathBuf> {
        if !rustix::process::geteuid().is_root() {
            bail!("--mysql uses chroot and needs root");
        }
        let root = workspace::cache()?.join(self.folder);
        let done = root.join("installed");
        if done.is_file() {
            return Ok(root);
        }
        apt::ensure(&[Program {
            name: "debootstrap",
            package: "debootstrap",
        }])?;
        if root.exists() {
            fs::remove_dir_all(&root)?;
        }
        println!("installing {} of Debian {}", self.packages, self.release);
        let output = Command::new("debootstrap")
            .args(["--variant=minbase", &format!("--include={}", self.packages)])
            .arg(self.release)
            .arg(&root)
            .output()
            .context("starting debootstrap")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stdout);
            let last: Vec<_> = said.lines().rev().take(5).collect();
            bail!("debootstrap {}: {last:?}", self.release);
        }
        fs::write(&done, "")?;
        Ok(root)
    }
}
