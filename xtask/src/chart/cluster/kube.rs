//! kubectl and helm in the cluster that this process was started in.

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::{chart::source::Source, program, temporary::Folder};

pub(super) const NAMESPACE: &str = "expense";

/// The cluster. Its programs come first on the PATH, its kubeconfig is set.
pub(super) struct Kube {
    scratch: Folder,
}

impl Kube {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            scratch: Folder::new("chart")?,
        })
    }

    pub(super) fn kubectl(&self, words: &[&str]) -> anyhow::Result<String> {
        let mut kubectl = Command::new("kubectl");
        kubectl.args(["--namespace", NAMESPACE]).args(words);
        program::said(&mut kubectl).with_context(|| format!("kubectl {}", words.join(" ")))
    }

    pub(super) fn helm(&self, words: &[&str]) -> anyhow::Result<String> {
        let mut helm = Command::new("helm");
        helm.args(["--namespace", NAMESPACE]).args(words);
        program::said(&mut helm).with_context(|| format!("helm {}", words.join(" ")))
    }

    /// An object, or a list of them.
    pub(super) fn get(&self, words: &[&str]) -> anyhow::Result<Value> {
        let words = [&["get", "--output", "json"], words].concat();
        Ok(serde_json::from_str(&self.kubectl(&words)?)?)
    }

    /// The items of a list that carry these labels.
    pub(super) fn labelled(&self, kind: &str, labels: &Value) -> anyhow::Result<Vec<Value>> {
        let selector: Vec<String> = labels
            .as_object()
            .context("a selector without labels")?
            .iter()
            .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
            .collect();
        let list = self.get(&[kind, "--selector", &selector.join(",")])?;
        Ok(list["items"].as_array().cloned().unwrap_or_default())
    }

    /// Waits for a field of an object to have a value.
    pub(super) fn wait_for(&self, object: &str, field: &str, value: &str) -> anyhow::Result<()> {
        let what = format!("--for=jsonpath={{{field}}}={value}");
        self.kubectl(&["wait", object, &what, "--timeout=60s"])
            .map(drop)
    }

    /// What the API server says to a manifest that it must refuse.
    pub(super) fn refusal(&self, manifest: &str) -> anyhow::Result<String> {
        let mut child = Command::new("kubectl")
            .args(["--namespace", NAMESPACE, "create", "--filename", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("starting kubectl")?;
        let mut input = child.stdin.take().context("kubectl has no input")?;
        input.write_all(manifest.as_bytes())?;
        drop(input);
        let output = child.wait_with_output()?;
        if output.status.success() {
            bail!("it was taken: {manifest}");
        }
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// A values file as Terraform's overlay, with lines of the test's own after it.
    pub(super) fn overlay(&self, more: &str) -> anyhow::Result<PathBuf> {
        let path = self.scratch.path().join("overlay.yaml");
        let known = Source::own().read("tests/values/terraform.yaml")?;
        fs::write(&path, format!("{known}\n{more}")).context("writing the overlay")?;
        Ok(path)
    }
}

impl Kube {
    /// What the API server says to an object that is posted to a place and must be refused.
    pub(super) fn refused_at(&self, place: &str, object: &Value) -> anyhow::Result<String> {
        let path = self.scratch.path().join("posted.json");
        fs::write(&path, object.to_string()).context("writing the object")?;
        let posted = self.kubectl(&[
            "create",
            "--raw",
            place,
            "--filename",
            &path.to_string_lossy(),
        ]);
        match posted {
            Ok(text) => bail!("{place} took it: {text}"),
            Err(error) => Ok(format!("{error:#}")),
        }
    }

    /// Starts an upgrade that cannot end, and kills Helm while it waits.
    pub(super) fn leave_pending(&self, release: &str) -> anyhow::Result<()> {
        let mut child = Command::new("helm")
            .args([
                "--namespace",
                NAMESPACE,
                "upgrade",
                release,
                "helm/expense-backend",
            ])
            .args([
                "--reset-then-reuse-values",
                "--set",
                "image.tag=missing",
                "--no-hooks",
            ])
            .args(["--wait", "--timeout", "120s"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting helm")?;
        let seen = self.kubectl(&[
            "wait",
            "secret",
            "--selector",
            &format!("owner=helm,name={release},status=pending-upgrade"),
            "--for=create",
            "--timeout=60s",
        ]);
        child.kill().context("killing helm")?;
        child.wait()?;
        seen.map(drop)
    }
}
