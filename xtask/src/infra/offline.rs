//! Terraform against the offline stand-in of the AWS provider.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::{apt, workspace};

/// Where the stand-in lies, beside the repository. It is optional: people with the real provider need it not.
const PLACE: &str = "../shared/tools/tf-offline/tf-offline";

/// The program.
pub(super) struct TfOffline(PathBuf);

/// What `terraform test` said.
pub(super) struct Tested {
    /// Runs that passed.
    pub(super) passed: usize,
    /// Names of runs that failed.
    pub(super) failed: Vec<String>,
    /// Everything it said.
    pub(super) text: String,
}

impl TfOffline {
    /// Or what is missing.
    pub(super) fn find() -> Result<Self, &'static str> {
        let path = workspace::root().join(PLACE);
        if !path.is_file() {
            return Err(
                "../shared/tools/tf-offline is not there, and without a provider nothing can be validated or planned",
            );
        }
        if !apt::on_path("terraform") {
            return Err("terraform is not on the PATH");
        }
        Ok(Self(path))
    }

    pub(super) fn validate(&self, folder: &Path) -> anyhow::Result<()> {
        succeeded(&self.run(folder, &["validate", "-no-color"])?)
    }

    /// Runs the folder's native tests, all or one file of them.
    pub(super) fn test(&self, folder: &Path, file: Option<&str>) -> anyhow::Result<Tested> {
        let filter = file.map(|file| format!("-filter={file}"));
        let mut words = vec!["test", "-no-color"];
        words.extend(filter.as_deref());
        let output = self.run(folder, &words)?;
        let text = text_of(&output);
        let runs = |verdict: &str| -> Vec<String> {
            text.lines()
                .filter_map(|line| line.trim().strip_prefix("run \"")?.strip_suffix(verdict))
                .map(str::to_owned)
                .collect()
        };
        let (passed, failed) = (runs("\"... pass").len(), runs("\"... fail"));
        if failed.is_empty() && (passed == 0 || !output.status.success()) {
            bail!("no test ran, or one ended in an error: {text}");
        }
        Ok(Tested {
            passed,
            failed,
            text,
        })
    }

    /// The plan as JSON.
    pub(super) fn plan(&self, folder: &Path, words: &[String]) -> anyhow::Result<Value> {
        let mut all = vec!["plan-json"];
        all.extend(words.iter().map(String::as_str));
        let output = self.run(folder, &all)?;
        succeeded(&output)?;
        serde_json::from_slice(&output.stdout).context("reading the plan")
    }

    /// Applies against the stand-in, which makes up identifiers, and returns the state.
    pub(super) fn apply(
        &self,
        folder: &Path,
        state: &Path,
        words: &[String],
    ) -> anyhow::Result<Value> {
        let state_word = format!("-state={}", state.display());
        let mut all = vec!["apply", "-auto-approve", "-no-color", state_word.as_str()];
        all.extend(words.iter().map(String::as_str));
        succeeded(&self.run(folder, &all)?)?;
        let bytes = std::fs::read(state).with_context(|| format!("reading {}", state.display()))?;
        serde_json::from_slice(&bytes).context("reading the state")
    }

    fn run(&self, folder: &Path, words: &[&str]) -> anyhow::Result<Output> {
        Command::new(&self.0)
            .arg(format!("-chdir={}", folder.display()))
            .args(words)
            .env_remove("TF_CLI_CONFIG_FILE")
            // Reading the provider's schema for each run is most of the work, and most of that is collecting
            // garbage: a third of the time is saved by collecting late.
            .env("GOGC", "off")
            .env("GOMEMLIMIT", "500MiB")
            .output()
            .with_context(|| format!("starting {}", self.0.display()))
    }
}

fn succeeded(output: &Output) -> anyhow::Result<()> {
    if !output.status.success() {
        bail!("{}", text_of(output));
    }
    Ok(())
}

fn text_of(output: &Output) -> String {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    format!("{}\n{}", out.trim(), err.trim()).trim().to_owned()
}
