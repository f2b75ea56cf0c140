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

/// How apt is called by root; and on a machine of CI, where the user may become root without a word. On anybody's own
/// machine nothing is installed behind their back.
fn installer(is_root: bool, is_ci: bool) -> Option<&'static [&'static str]> {
    match (is_root, is_ci) {
        (true, _) => Some(&["env"]),
        (false, true) => Some(&["sudo", "--non-interactive", "env"]),
        (false, false) => None,
    }
}

/// GitHub Actions and its like say so.
fn own_installer() -> Option<&'static [&'static str]> {
    let is_ci = std::env::var_os("CI").is_some_and(|value| value == "true") && on_path("sudo");
    installer(rustix::process::geteuid().is_root(), is_ci).filter(|_| on_path("apt-get"))
}

/// Makes sure that every program is there. Installs with apt where it may, else fails with the packages' names.
pub(crate) fn ensure(programs: &[Program]) -> anyhow::Result<()> {
    let missing = missing(programs);
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if own_installer().is_none() {
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
    let installer = own_installer().context("apt-get cannot be called here")?;
    let output = Command::new(installer[0])
        .args(&installer[1..])
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
        .args(words)
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

#[cfg(test)]
mod tests {
    use super::installer;

    #[test]
    fn only_root_and_machines_of_ci_install() {
        assert_eq!(installer(true, false), Some(&["env"][..]));
        assert_eq!(installer(false, true).map(|words| words[0]), Some("sudo"));
        assert_eq!(installer(false, false), None);
    }
}
