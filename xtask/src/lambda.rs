//! `cargo xtask lambda`: the function's package, built as it is deployed.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail, ensure};

use crate::{
    python_tool::{self, PythonTool},
    workspace,
};

/// With zig, which links for Graviton on any machine.
const CARGO_LAMBDA: PythonTool = PythonTool {
    folder: "cargo-lambda-1.9.2",
    packages: &["cargo-lambda==1.9.2"],
};
const TARGET: &str = "aarch64-unknown-linux-gnu";
/// Read by cargo-lambda only where it is named.
const SETTINGS: &str = "cargo-lambda.toml";
const FUNCTION: &str = "expense-backend-lambda";
/// A larger package makes cold starts slower.
const MOST_BYTES: u64 = 8_000_000;

/// Builds the package, checks that the settings were heard, and prints its size.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    if let Some(word) = words.first() {
        bail!("it takes no options, not {word:?}");
    }
    ensure_target()?;
    let bin = CARGO_LAMBDA
        .bin()
        .context("cargo-lambda comes from PyPI, by Python 3 with pip: nothing was built")?;
    let path = python_tool::path_with(&bin)?;
    let folder = workspace::root().join("target/lambda").join(FUNCTION);
    if folder.exists() {
        // What an earlier build left proves nothing.
        fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    // No other word: target, profile and form have to come from the settings.
    let mut build = Command::new(env!("CARGO"));
    build
        .args(["lambda", "build", "--global", SETTINGS])
        .env("PATH", &path)
        .current_dir(workspace::root());
    let status = build.status().context("starting cargo lambda")?;
    ensure!(status.success(), "cargo lambda build failed: see above");
    let zip = folder.join("bootstrap.zip");
    ensure!(
        zip.is_file(),
        "{} is not there: cargo-lambda did not read output_format of {SETTINGS}",
        zip.display()
    );
    check_deploy(&mut Command::new(env!("CARGO")), &path)?;
    report(&zip)
}

/// The standard library for the function's processor.
fn ensure_target() -> anyhow::Result<()> {
    let output = Command::new("rustup")
        .args(["target", "add", TARGET])
        .output()
        .with_context(|| format!("rustup is not there to install the target {TARGET}"))?;
    ensure!(
        output.status.success(),
        "rustup cannot install the target {TARGET}: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}

/// What a deployment would do, by the same settings. Asks nobody.
fn check_deploy(command: &mut Command, path: &std::ffi::OsStr) -> anyhow::Result<()> {
    let output = command
        .args(["lambda", "deploy", "--global", SETTINGS])
        .args([
            "--dry",
            "--output-format",
            "json",
            "--binary-name",
            FUNCTION,
        ])
        .env("PATH", path)
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "dry")
        .env("AWS_SECRET_ACCESS_KEY", "dry")
        .current_dir(workspace::root())
        .stdin(Stdio::null())
        .output()
        .context("starting cargo lambda deploy --dry")?;
    ensure!(
        output.status.success(),
        "cargo lambda deploy --dry: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    heard(&plan(&String::from_utf8_lossy(&output.stdout))?)
}

/// What `--dry` prints: lines of progress, then the plan.
fn plan(printed: &str) -> anyhow::Result<serde_json::Value> {
    let start = printed.find('{').context("--dry printed no plan")?;
    serde_json::from_str(&printed[start..]).context("the plan that --dry printed")
}

/// Fails where the plan of a deployment is not that of the settings.
fn heard(plan: &serde_json::Value) -> anyhow::Result<()> {
    for (pointer, wanted) in [
        ("/arch", serde_json::json!("arm64")),
        ("/config/memory", serde_json::json!(512)),
        ("/config/timeout", serde_json::json!(30)),
    ] {
        let found = plan.pointer(pointer).unwrap_or(&serde_json::Value::Null);
        ensure!(
            *found == wanted,
            "cargo-lambda did not read {SETTINGS}: a deployment has {pointer} = {found}, not {wanted}"
        );
    }
    Ok(())
}

fn report(zip: &Path) -> anyhow::Result<()> {
    let bytes = fs::metadata(zip)?.len();
    println!("{}: {bytes} bytes", zip.display());
    ensure!(
        bytes <= MOST_BYTES,
        "the package has more than {MOST_BYTES} bytes"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As cargo-lambda 1.9.2 prints it, shortened.
    const PRINTED: &str = r#"▹▹▹▹▹ loading binary data
{
  "kind": "function",
  "arch": "arm64",
  "config": { "memory": 512, "timeout": 30, "runtime": "provided.al2023" }
}
"#;

    #[test]
    fn a_plan_is_read_past_the_lines_of_progress() {
        heard(&plan(PRINTED).unwrap()).unwrap();
    }

    #[test]
    fn settings_that_were_not_heard_are_named() {
        let other = PRINTED.replace("512", "128");
        let error = heard(&plan(&other).unwrap()).unwrap_err().to_string();
        assert!(error.contains("/config/memory = 128, not 512"), "{error}");
        assert!(plan("loading").is_err());
    }
}
