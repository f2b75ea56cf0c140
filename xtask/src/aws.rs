//! The AWS CLI, 1 or 2: credentials come from the environment, no secret stands in a word.

use std::process::Command;

use anyhow::Context as _;
use serde_json::Value;

use crate::program;

/// The CLI for one region.
pub(crate) struct Aws {
    region: String,
}

impl Aws {
    pub(crate) fn new(region: &str) -> Self {
        Self {
            region: region.to_owned(),
        }
    }

    /// What the call answers. Null where it answers nothing.
    pub(crate) fn json(&self, words: &[&str]) -> anyhow::Result<Value> {
        let text = program::said(&mut self.command(words))?;
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text)
            .with_context(|| format!("the answer of aws {}", words.join(" ")))
    }

    /// Waits for something; the CLI asks again and again, and gives up by itself.
    pub(crate) fn wait(&self, words: &[&str]) -> anyhow::Result<()> {
        program::said(&mut self.command(words)).map(drop)
    }

    /// The CLI, for what the two above do not fit.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("aws");
        command
            .args(words)
            .args(["--output", "json", "--region", &self.region])
            .env("AWS_PAGER", "");
        // Version 1 does not read the variable for RDS.
        if let Some(address) = std::env::var_os("AWS_ENDPOINT_URL").filter(|it| !it.is_empty()) {
            command.arg("--endpoint-url").arg(address);
        }
        command
    }
}
