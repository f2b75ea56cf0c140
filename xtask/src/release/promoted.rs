//! `release promoted`: a commit goes on only after the workflow before it succeeded with that commit.

use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::{program, words::Words};

/// Runs the verb.
pub(super) fn run(words: &Words) -> anyhow::Result<()> {
    let (commit, workflow) = (words.required("commit")?, words.required("workflow")?);
    let mut command = Command::new("gh");
    command
        .args(["run", "list", "--workflow", workflow, "--commit", commit])
        .args(["--status", "success", "--limit", "20"])
        .args(["--json", "headSha,conclusion,url"]);
    let runs: Value = serde_json::from_str(&program::said(&mut command)?)
        .context("what gh run list says is no JSON")?;
    let url = succeeded(&runs, commit).with_context(|| {
        format!("{workflow} has not succeeded for {commit}: it is not promoted")
    })?;
    println!("{workflow} succeeded for {commit}: {url}");
    Ok(())
}

/// The flags of `gh` choose; this makes sure that they did.
fn succeeded(runs: &Value, commit: &str) -> anyhow::Result<String> {
    let run = runs
        .as_array()
        .into_iter()
        .flatten()
        .find(|run| run["headSha"] == commit && run["conclusion"] == "success");
    ensure!(run.is_some(), "no run that succeeded");
    Ok(run
        .and_then(|run| run["url"].as_str())
        .unwrap_or_default()
        .to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_success_of_the_very_commit_counts() {
        let runs = json!([
            {"headSha": "a", "conclusion": "failure", "url": "1"},
            {"headSha": "b", "conclusion": "success", "url": "2"},
        ]);
        assert!(succeeded(&runs, "a").is_err());
        assert_eq!(succeeded(&runs, "b").unwrap(), "2");
        assert!(succeeded(&json!([]), "a").is_err());
    }
}
