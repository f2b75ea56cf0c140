//! Programs that Go builds from source, each pinned, in a folder of its own below the cache.

use std::{path::PathBuf, process::Command};

use crate::{program, workspace};

/// One pinned program.
pub(crate) struct GoTool {
    /// The program.
    pub(crate) name: &'static str,
    /// Without the `v`.
    pub(crate) version: &'static str,
    /// The package that it is built from.
    pub(crate) package: &'static str,
}

impl GoTool {
    /// Where it lies; builds it where it is missing: a minute, once.
    pub(crate) fn program(&self) -> anyhow::Result<PathBuf> {
        let (name, version) = (self.name, self.version);
        let bin = workspace::cache()?.join(format!("{name}-{version}"));
        let program = bin.join(name);
        if !program.is_file() {
            println!("building {name} {version}");
            let source = format!("{}@v{version}", self.package);
            let mut go = Command::new("go");
            program::said(go.args(["install", &source]).env("GOBIN", &bin))?;
        }
        Ok(program)
    }
}
