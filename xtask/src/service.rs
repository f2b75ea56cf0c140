//! The service's own program, for commands that run it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

use crate::{program, workspace};

/// Builds it as it is released; says where it lies.
pub(crate) fn release() -> anyhow::Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--release", "--locked", "--bin", "expense-backend"])
        .current_dir(workspace::root());
    program::shown(&mut cargo)?;
    Ok(workspace::target().join("release/expense-backend"))
}

/// The program that `--binary` names, by its whole path; without one the release build.
pub(crate) fn named_or_release(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    match named {
        Some(path) => {
            fs::canonicalize(path).with_context(|| format!("--binary {}", path.display()))
        }
        None => release(),
    }
}
