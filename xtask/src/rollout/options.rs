//! What a rollout is asked for.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, bail, ensure};

use super::smoke::Smoke;
use crate::{
    outputs::Outputs,
    targets::{self, Target},
    words::{Grammar, Words},
};

/// `rollout`
pub(super) const ROLLOUT: Grammar = Grammar {
    options: &[
        "environment",
        "outputs",
        "commit",
        "digest",
        "archive",
        "smoke",
        "smoke-wait",
        "values",
        "canary",
        "watch-seconds",
        "poll-seconds",
        "timeout",
        "kubeconfig",
    ],
    flags: &["despite-alarms"],
    usage: "\
cargo xtask rollout TARGET --environment ENV --commit SHA [OPTIONS]

TARGET is lambda, eks or both. Migrates, brings the release out, smoke-tests it, and brings the release before
it back where any of that fails. Exit code 0: the new release serves; 1: the old one does, or an error says why not.

  --outputs FILE        what `terraform output -json` printed (default: the variable TERRAFORM_OUTPUTS)
  --digest sha256:...   eks: the image, by digest
  --archive ZIP         lambda: the package
  --smoke MODE          read, write or off (default: read in prod, write elsewhere)
  --smoke-wait SECONDS  how long the service may take to answer (60)
  --values FILE         eks: further values of the chart
  --canary PERCENTS     lambda: steps of the alias' weight (10,50); 100 shifts at once
  --watch-seconds N     lambda: how long the alarms are watched in each step (360: longer than their period)
  --poll-seconds N      lambda: how often (15)
  --despite-alarms      lambda: begin although an alarm is on (a fix for it), and heed only the others
  --timeout DURATION    eks: how long pods may take to be ready (5m)
  --kubeconfig FILE     eks: instead of asking AWS for the cluster",
};

/// `rollback`
pub(super) const ROLLBACK: Grammar = Grammar {
    options: &["environment", "outputs", "to", "timeout", "kubeconfig"],
    flags: &["canary-only"],
    usage: "\
cargo xtask rollback TARGET --environment ENV [OPTIONS]

TARGET is lambda or eks. The program goes back, the database's schema does not: migrations only add.

  --outputs FILE    what `terraform output -json` printed (default: the variable TERRAFORM_OUTPUTS)
  --to NUMBER       version of the function, or revision of the release (default: the one before)
  --canary-only     lambda: only take the weight from a version that is being tried
  --timeout DURATION, --kubeconfig FILE   as in rollout",
};

/// The words, read.
pub(super) struct Options {
    pub(super) target: Target,
    pub(super) environment: &'static str,
    pub(super) outputs: Outputs,
    /// Empty in a rollback.
    pub(super) commit: String,
    digest: Option<String>,
    archive: Option<PathBuf>,
    pub(super) smoke: Smoke,
    pub(super) smoke_wait: u64,
    pub(super) values: Option<PathBuf>,
    /// Percent of the requests, step by step.
    pub(super) canary: Vec<u32>,
    pub(super) watch: Duration,
    pub(super) poll: Duration,
    pub(super) despite_alarms: bool,
    pub(super) timeout: String,
    pub(super) kubeconfig: Option<PathBuf>,
}

impl Options {
    pub(super) fn read(words: &Words) -> anyhow::Result<Self> {
        let target = Target::parse(words.only("the target (lambda, eks or both)")?)?;
        let environment = targets::environment(words.required("environment")?)?;
        Ok(Self {
            target,
            environment,
            outputs: Outputs::read(words.optional("outputs"))?,
            commit: commit(words.optional("commit").unwrap_or_default())?,
            digest: words.optional("digest").map(digest).transpose()?,
            archive: words.optional("archive").map(PathBuf::from),
            smoke: Smoke::read(words.optional("smoke"), environment)?,
            smoke_wait: words.number("smoke-wait", 60)?,
            values: words.optional("values").map(PathBuf::from),
            canary: canary(words.optional("canary").unwrap_or("10,50"))?,
            watch: Duration::from_secs(words.number("watch-seconds", 360)?),
            poll: Duration::from_secs(words.number("poll-seconds", 15)?),
            despite_alarms: words.flag("despite-alarms"),
            timeout: words.optional("timeout").unwrap_or("5m").to_owned(),
            kubeconfig: words.optional("kubeconfig").map(PathBuf::from),
        })
    }

    /// The image.
    pub(super) fn digest(&self) -> anyhow::Result<&str> {
        self.digest
            .as_deref()
            .context("--digest is missing: an image is deployed by its digest")
    }

    /// The package, which is there.
    pub(super) fn archive(&self) -> anyhow::Result<&PathBuf> {
        let archive = self.archive.as_ref().context("--archive is missing")?;
        ensure!(
            archive.is_file(),
            "--archive: {} is not there",
            archive.display()
        );
        Ok(archive)
    }
}

fn commit(word: &str) -> anyhow::Result<String> {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    ensure!(
        word.is_empty() || (word.len() == 40 && word.bytes().all(hex)),
        "--commit {word:?} is no commit: 40 hexadecimal digits"
    );
    Ok(word.to_owned())
}

fn digest(word: &str) -> anyhow::Result<String> {
    let hex = word.strip_prefix("sha256:").unwrap_or_default();
    ensure!(
        hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "--digest {word:?} is no digest: sha256: and 64 hexadecimal digits"
    );
    Ok(word.to_owned())
}

/// Rising percents; 100 is where every rollout ends and need not be written.
fn canary(word: &str) -> anyhow::Result<Vec<u32>> {
    let mut steps = Vec::new();
    for part in word.split(',') {
        match part.trim().parse::<u32>() {
            Ok(percent) if (1..=100).contains(&percent) => steps.push(percent),
            _ => bail!("--canary {word:?}: {part:?} is no percentage from 1 to 100"),
        }
    }
    ensure!(
        steps.is_sorted_by(|one, next| one < next),
        "--canary {word:?} does not rise"
    );
    steps.retain(|percent| *percent < 100);
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canary_steps_rise() {
        assert_eq!(canary("10,50").unwrap(), [10, 50]);
        assert_eq!(canary("5, 25, 100").unwrap(), [5, 25]);
        assert!(canary("100").unwrap().is_empty());
        for word in ["50,10", "0", "101", "ten", "10,10", ""] {
            assert!(canary(word).is_err(), "{word}");
        }
    }

    #[test]
    fn tags_and_short_commits_are_refused() {
        assert!(digest(&format!("sha256:{}", "a".repeat(64))).is_ok());
        assert!(digest("latest").is_err());
        assert!(commit(&"0a".repeat(20)).is_ok());
        assert!(commit("0a0a0a0").is_err());
    }
}
