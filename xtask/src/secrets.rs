//! `cargo xtask secrets`: was a secret ever committed? gitleaks reads the whole history.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail, ensure};

use crate::{apt, go_tool::GoTool, workspace};

const GITLEAKS: GoTool = GoTool {
    name: "gitleaks",
    version: "8.28.0",
    package: "github.com/zricethezav/gitleaks/v8",
};
const SETTINGS: &str = ".gitleaks.toml";
/// A key of a form that AWS gives out. In two parts, so that this file holds none.
const PLANTED: (&str, &str) = ("AKIAQ3EGR", "TZ5VBN7XKLM");

/// Reads every commit, or with `--staged` what is about to be one.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let staged = match words {
        [] => false,
        [word] if word == "--staged" => true,
        [word, ..] => bail!("it takes --staged or nothing, not {word:?}"),
    };
    if !apt::on_path("go") {
        println!(
            "\n!! LEFT OUT: secrets were not looked for: gitleaks is built with go, which is not on the PATH\n"
        );
        return Ok(());
    }
    let gitleaks = GITLEAKS.program()?;
    ensure!(
        !finds_nothing(&gitleaks, &planted()?)?,
        "gitleaks does not find a key that was planted for it: {SETTINGS} is wrong"
    );
    let mut command = gitleaks_command(&gitleaks, "git");
    if staged {
        command.args(["--pre-commit", "--staged"]);
    }
    let status = command
        .args(["--verbose", "."])
        .status()
        .context("starting gitleaks")?;
    ensure!(
        status.success(),
        "a secret was committed, or is about to be: rotate it first (SECURITY.md)"
    );
    Ok(())
}

/// A folder with a file that must be found.
fn planted() -> anyhow::Result<PathBuf> {
    let folder = workspace::cache()?.join("gitleaks-planted");
    fs::create_dir_all(&folder)?;
    let (one, two) = PLANTED;
    fs::write(folder.join("settings.env"), format!("KEY={one}{two}\n"))?;
    Ok(folder)
}

fn finds_nothing(gitleaks: &Path, folder: &Path) -> anyhow::Result<bool> {
    let output = gitleaks_command(gitleaks, "dir")
        .arg(folder)
        .output()
        .context("starting gitleaks")?;
    // 1 says that something was found; anything else that it did not run.
    match output.status.code() {
        Some(0) => Ok(true),
        Some(1) if String::from_utf8_lossy(&output.stderr).contains("leaks found") => Ok(false),
        _ => bail!(
            "gitleaks: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ),
    }
}

fn gitleaks_command(gitleaks: &Path, verb: &str) -> Command {
    let mut command = Command::new(gitleaks);
    command
        .arg(verb)
        .args([
            "--no-banner",
            "--no-color",
            "--redact",
            "--config",
            SETTINGS,
        ])
        .current_dir(workspace::root());
    command
}
