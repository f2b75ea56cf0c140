//! The pods: `helm upgrade --rollback-on-failure` with a digest, the smoke test, and the revision before where it fails.

use std::{path::PathBuf, process::Command};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::options::Options;
use crate::{
    helm_values, outputs::path, program, targets::ENVIRONMENTS, temporary::Folder, workspace,
};

/// The chart, and the name of its one release in the namespace.
pub(crate) const CHART: &str = "helm/expense-backend";
const RELEASE: &str = "expense-backend";
/// Old revisions are kept for `helm rollback`.
const HISTORY: &str = "10";

/// A cluster that answers.
pub(super) struct Cluster {
    namespace: String,
    url: Option<String>,
    timeout: String,
    kubeconfig: PathBuf,
    folder: Folder,
}

impl Cluster {
    /// Writes a kubeconfig for the job alone: it holds no credential, kubectl asks AWS for a token by the role.
    pub(super) fn connect(options: &Options) -> anyhow::Result<Self> {
        let folder = Folder::new("rollout")?;
        let kubeconfig = match &options.kubeconfig {
            Some(file) => file.clone(),
            None => Self::ask(options, &folder)?,
        };
        Ok(Self {
            namespace: options.outputs.text(path::NAMESPACE)?.to_owned(),
            url: options.outputs.optional(path::BASE_URL)?.map(str::to_owned),
            timeout: options.timeout.clone(),
            kubeconfig,
            folder,
        })
    }

    fn ask(options: &Options, folder: &Folder) -> anyhow::Result<PathBuf> {
        let file = folder.path().join("kubeconfig");
        let mut command = Command::new("aws");
        command
            .args(["eks", "update-kubeconfig", "--region"])
            .arg(options.outputs.text(path::REGION)?)
            .arg("--name")
            .arg(options.outputs.text(path::CLUSTER_NAME)?)
            .arg("--kubeconfig")
            .arg(&file);
        program::said(&mut command)?;
        Ok(file)
    }

    /// Brings the release out; returns the revision that served before. Fails with that one serving again.
    pub(super) fn deploy(&self, options: &Options) -> anyhow::Result<Option<u64>> {
        self.unlock()?;
        let before = self.deployed()?;
        let overlay = helm_values::overlay(&options.outputs, Some(options.digest()?))?;
        let overlay = self.folder.file("overlay.yaml", overlay)?;
        let chart = workspace::root().join(CHART);
        let mut command = self.helm(&["upgrade", RELEASE]);
        command
            .arg(&chart)
            .args(["--install", "--rollback-on-failure", "--wait"])
            .args(["--timeout", &self.timeout, "--history-max", HISTORY])
            .arg("--values")
            .arg(chart.join(values(options.environment)?))
            .arg("--values")
            .arg(overlay)
            .args(["--description", &description(&options.commit)]);
        if let Some(further) = &options.values {
            command.arg("--values").arg(further);
        }
        program::shown(&mut command)
            .context("the release was rolled back by Helm, or there was none to go back to")?;
        let tested = self
            .url()
            .and_then(|url| options.smoke.test(url, options.smoke_wait));
        let Err(error) = tested else {
            return Ok(before);
        };
        let Some(revision) = before else {
            bail!("there is no earlier release to go back to, the new one stays: {error:#}");
        };
        self.rollback(revision)
            .with_context(|| format!("{error:#}; and the rollback failed too"))?;
        bail!("rolled back to revision {revision}: {error:#}");
    }

    /// To `to`, or to the newest revision that served before the present one.
    pub(super) fn back(&self, to: Option<u64>) -> anyhow::Result<()> {
        let target = match to {
            Some(revision) => revision,
            None => earlier(&self.history()?)
                .context("no earlier revision has served: there is nothing to go back to")?,
        };
        self.rollback(target)
    }

    pub(super) fn rollback(&self, revision: u64) -> anyhow::Result<()> {
        println!("going back to revision {revision}");
        let mut command = self.helm(&["rollback", RELEASE, &revision.to_string()]);
        command.args(["--wait", "--timeout", &self.timeout]);
        program::shown(&mut command)
    }

    /// A rollout that was killed leaves the release locked: the revision that served is brought back first.
    fn unlock(&self) -> anyhow::Result<()> {
        let history = self.history()?;
        let Some(state) = pending(&history) else {
            return Ok(());
        };
        println!("an interrupted rollout left the release in {state}");
        let revision = newest(&history, "deployed")
            .context("no revision has served yet: `helm uninstall` it by hand, then begin again")?;
        self.rollback(revision)
    }

    fn deployed(&self) -> anyhow::Result<Option<u64>> {
        Ok(newest(&self.history()?, "deployed"))
    }

    fn history(&self) -> anyhow::Result<Vec<Value>> {
        let name = format!("^{RELEASE}$");
        // Helm 4 lists every state, also of a release that is locked.
        let text = program::said(&mut self.helm(&["list", "--output", "json", "--filter", &name]))?;
        let listed: Vec<Value> = serde_json::from_str(&text).context("what helm list says")?;
        if listed.is_empty() {
            return Ok(Vec::new());
        }
        let text = program::said(&mut self.helm(&["history", RELEASE, "--output", "json"]))?;
        serde_json::from_str(&text).context("what helm history says")
    }

    fn url(&self) -> anyhow::Result<&str> {
        self.url
            .as_deref()
            .context("the output workflows.base_url is null: the smoke test has no address")
    }

    fn helm(&self, words: &[&str]) -> Command {
        let mut command = Command::new("helm");
        command
            .args(words)
            .args(["--namespace", &self.namespace])
            .env("KUBECONFIG", &self.kubeconfig);
        command
    }
}

fn values(environment: &str) -> anyhow::Result<String> {
    if !ENVIRONMENTS.contains(&environment) {
        bail!("{environment:?} is no environment");
    }
    Ok(format!("values-{environment}.yaml"))
}

fn description(commit: &str) -> String {
    if commit.is_empty() {
        "by hand".to_owned()
    } else {
        commit.to_owned()
    }
}

fn status(revision: &Value) -> &str {
    revision["status"].as_str().unwrap_or_default()
}

fn newest(history: &[Value], wanted: &str) -> Option<u64> {
    history
        .iter()
        .filter(|revision| status(revision) == wanted)
        .filter_map(|revision| revision["revision"].as_u64())
        .max()
}

fn pending(history: &[Value]) -> Option<&str> {
    let last = history
        .iter()
        .max_by_key(|revision| revision["revision"].as_u64())?;
    Some(status(last)).filter(|status| status.starts_with("pending-"))
}

/// The newest revision that was replaced by a later one that served.
fn earlier(history: &[Value]) -> Option<u64> {
    let current = newest(history, "deployed")?;
    history
        .iter()
        .filter(|revision| status(revision) == "superseded")
        .filter_map(|revision| revision["revision"].as_u64())
        .filter(|revision| *revision < current)
        .max()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn history(states: &[&str]) -> Vec<Value> {
        (1..)
            .zip(states)
            .map(|(revision, status)| json!({"revision": revision, "status": status}))
            .collect()
    }

    #[test]
    fn failed_revisions_are_nothing_to_go_back_to() {
        let past = history(&["superseded", "superseded", "failed", "deployed"]);
        assert_eq!(earlier(&past), Some(2));
        assert_eq!(newest(&past, "deployed"), Some(4));
        assert_eq!(earlier(&history(&["deployed"])), None);
        assert_eq!(earlier(&history(&["failed"])), None);
    }

    #[test]
    fn a_locked_release_is_seen() {
        assert_eq!(
            pending(&history(&["deployed", "pending-upgrade"])),
            Some("pending-upgrade")
        );
        assert_eq!(pending(&history(&["pending-upgrade", "deployed"])), None);
        assert_eq!(pending(&[]), None);
    }
}
