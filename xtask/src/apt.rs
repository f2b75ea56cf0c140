//! Debian packages that a command needs: installed where that is possible, named where it is not.

use std::{path::Path, process::Command, thread, time::Duration};

use anyhow::{Context as _, bail};

/// How often a package manager that is busy (another job holds its lock) is asked again.
const ATTEMPTS: u32 = 5;

/// A program and the package that brings it.
pub(crate) struct Program {
    /// Its file name.
    pub(crate) name: &'static str,
    /// The Debian package.
    pub(crate) package: &'static str,
}

/// Makes sure that every program is there. Installs as root with apt, else fails with the packages' names.
pub(crate) fn ensure(programs: &[Program]) -> anyhow::Result<()> {
    let missing = missing(programs);
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !rustix::process::geteuid().is_root() || !on_path("apt-get") {
        bail!("these Debian packages are needed: {list}. As root: apt-get install {list}");
    }
    println!("installing {list}");
    for attempt in 1..=ATTEMPTS {
        let outcome = install(&missing);
        if self::missing(programs).is_empty() {
            return Ok(());
        }
        if attempt == ATTEMPTS {
            outcome.with_context(|| format!("installing {list}"))?;
        }
        thread::sleep(Duration::from_secs(3));
    }
    bail!("apt-get installed {list}, yet a program of them is not on the PATH")
}

fn missing(programs: &[Program]) -> Vec<&'static str> {
    let mut packages: Vec<_> = programs
        .iter()
        .filter(|program| !on_path(program.name))
        .map(|program| program.package)
        .collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

fn install(packages: &[&str]) -> anyhow::Result<()> {
    apt_get(&["update", "-qq"])?;
    let mut words = vec!["install", "-y", "-qq", "--no-install-recommends"];
    words.extend(packages);
    apt_get(&words)
}

fn apt_get(words: &[&str]) -> anyhow::Result<()> {
    let output = Command::new("apt-get")
        .args(words)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .output()
        .context("starting apt-get")?;
    if !output.status.success() {
        bail!(
            "apt-get {}: {}",
            words.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

/// Whether a program of that name is on the PATH, or in the folders of system programs.
pub(crate) fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
        || Path::new("/usr/sbin").join(name).is_file()
}
