//! Ways to the parts of Kubernetes objects.

use anyhow::Context as _;
use serde_json::{Map, Value};

/// All objects of a release.
pub(super) struct Objects<'a>(pub(super) &'a [Value]);

/// A pod or the template of one, with the name of its owner.
pub(super) struct Pod<'a> {
    pub(super) owner: String,
    pub(super) kind: &'a str,
    pub(super) labels: &'a Value,
    pub(super) spec: &'a Value,
}

impl<'a> Objects<'a> {
    pub(super) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &'a Value> {
        let kind = kind.to_owned();
        self.0.iter().filter(move |object| object["kind"] == kind)
    }

    /// The Deployment: there is exactly one.
    pub(super) fn deployment(&self) -> anyhow::Result<&'a Value> {
        let mut all = self.of_kind("Deployment");
        let only = all.next().context("there is no Deployment")?;
        anyhow::ensure!(all.next().is_none(), "there is more than one Deployment");
        Ok(only)
    }

    /// The service's own pods.
    pub(super) fn service_pod(&self) -> anyhow::Result<Pod<'a>> {
        Ok(templated(self.deployment()?))
    }

    /// Every pod of the release.
    pub(super) fn pods(&self) -> Vec<Pod<'a>> {
        self.0
            .iter()
            .filter_map(|object| match object["kind"].as_str()? {
                "Deployment" | "Job" => Some(templated(object)),
                "Pod" => Some(Pod {
                    owner: named(object),
                    kind: "Pod",
                    labels: &object["metadata"]["labels"],
                    spec: &object["spec"],
                }),
                _ => None,
            })
            .collect()
    }

    /// Whether there is an object of that kind and name.
    pub(super) fn has(&self, kind: &str, name: &Value) -> bool {
        self.of_kind(kind)
            .any(|object| object["metadata"]["name"] == *name)
    }
}

impl<'a> Pod<'a> {
    pub(super) fn containers(&self) -> &'a [Value] {
        list(&self.spec["containers"])
    }

    /// Also those that run before it.
    pub(super) fn every_container(&self) -> impl Iterator<Item = &'a Value> {
        list(&self.spec["initContainers"])
            .iter()
            .chain(self.containers())
    }

    /// Whether a selector of labels takes this pod. An empty one takes every pod, which no object of ours may want.
    pub(super) fn is_selected_by(&self, labels: &Value) -> bool {
        selects(labels, self.labels)
    }
}

/// Whether every label of the selector is there.
pub(super) fn selects(selector: &Value, labels: &Value) -> bool {
    let empty = Map::new();
    let wanted = selector.as_object().unwrap_or(&empty);
    !wanted.is_empty() && wanted.iter().all(|(key, value)| labels[key] == *value)
}

/// `Kind name`, for faults.
pub(super) fn named(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    format!(
        "{} {}",
        text(&object["kind"]),
        text(&object["metadata"]["name"])
    )
}

/// The items; none where there is no list.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn templated(object: &Value) -> Pod<'_> {
    let template = &object["spec"]["template"];
    Pod {
        owner: named(object),
        kind: object["kind"].as_str().unwrap_or_default(),
        labels: &template["metadata"]["labels"],
        spec: &template["spec"],
    }
}
