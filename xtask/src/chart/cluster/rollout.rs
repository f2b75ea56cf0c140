//! A release: how the runbook deploys it, and what then stands in the cluster.

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{kube::Kube, runbook::Runbook};

/// Patience where success is expected: nobody else's work may make it fail.
pub(super) const PATIENT: &str = "120s";
/// Patience where pods never become ready.
pub(super) const SHORT: &str = "15s";

/// Runs a block of the runbook in production's values with this image.
pub(super) fn run(
    kube: &Kube,
    book: &Runbook,
    block: &str,
    tag: &str,
    timeout: &str,
) -> anyhow::Result<String> {
    with_values(kube, book, block, tag, timeout, "")
}

/// The same, with further values.
pub(super) fn with_values(
    kube: &Kube,
    book: &Runbook,
    block: &str,
    tag: &str,
    timeout: &str,
    values: &str,
) -> anyhow::Result<String> {
    let overlay = kube.overlay(values)?;
    book.run(
        block,
        &[
            ("ENVIRONMENT", "prod"),
            ("OVERLAY", &overlay.to_string_lossy()),
            ("IMAGE", &format!("image.tag={tag}")),
            ("TIMEOUT", timeout),
            (
                "ADMIN_SECRET",
                "arn:aws:secretsmanager:us-east-1:111122223333:secret:rds!db-1-AbCdEf",
            ),
        ],
    )
}

/// Changes the second release's share.
pub(super) fn share(book: &Runbook, percent: &str) -> anyhow::Result<String> {
    book.run("share", &[("WEIGHT", percent), ("TIMEOUT", PATIENT)])
}

pub(super) fn deployment(kube: &Kube, release: &str) -> anyhow::Result<Value> {
    kube.get(&["deployment", release])
}

/// The tag that the Deployment runs.
pub(super) fn tag(kube: &Kube, release: &str) -> anyhow::Result<String> {
    let deployment = deployment(kube, release)?;
    let image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
        .as_str()
        .context("the Deployment names no image")?;
    Ok(image.rsplit(':').next().unwrap_or_default().to_owned())
}

/// The tag is the wanted one, and every pod is of it and ready.
pub(super) fn ensure_runs(kube: &Kube, release: &str, wanted: &str) -> anyhow::Result<()> {
    let found = tag(kube, release)?;
    ensure!(found == wanted, "{release} runs {found}, not {wanted}");
    let status = &deployment(kube, release)?["status"];
    ensure!(
        status["replicas"] == status["readyReplicas"]
            && status["replicas"] == status["updatedReplicas"],
        "{release}: not all pods are ready and of this revision: {status}"
    );
    Ok(())
}

/// The state of the last revision.
pub(super) fn state(kube: &Kube, release: &str) -> anyhow::Result<String> {
    let status: Value =
        serde_json::from_str(&kube.helm(&["status", release, "--output", "json"])?)?;
    let state = &status["info"]["status"];
    Ok(state.as_str().unwrap_or_default().to_owned())
}

/// Names of the service's pods of a release that are not on their way out.
pub(super) fn pods(kube: &Kube, release: &str) -> anyhow::Result<Vec<String>> {
    let labels = deployment(kube, release)?["spec"]["selector"]["matchLabels"].clone();
    Ok(names(&kube.labelled("pods", &labels)?))
}

/// Sorted names of objects that are not being deleted.
pub(super) fn names(objects: &[Value]) -> Vec<String> {
    let mut names: Vec<String> = objects
        .iter()
        .filter(|object| object["metadata"]["deletionTimestamp"].is_null())
        .filter_map(|object| object["metadata"]["name"].as_str())
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}

/// The error of something that had to fail, which says `why`.
pub(super) fn ensure_fails(outcome: anyhow::Result<String>, why: &str) -> anyhow::Result<()> {
    match outcome {
        Ok(text) => anyhow::bail!("it succeeded: {text}"),
        Err(error) => {
            let text = format!("{error:#}");
            ensure!(
                text.contains(why),
                "it failed without saying {why:?}: {text}"
            );
            Ok(())
        }
    }
}
