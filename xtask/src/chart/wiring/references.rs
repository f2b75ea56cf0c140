//! Names that one object says of another, and the labels that all carry.

use anyhow::ensure;
use serde_json::Value;

use super::objects::{Objects, list, named};

/// Accounts that another release makes, those that hold the roles, and the one that every namespace has.
const FOREIGN_ACCOUNTS: [&str; 3] = ["expense-backend", "expense-backend-migrate", "default"];

/// Labels of every object.
const LABELS: [&str; 6] = [
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "app.kubernetes.io/version",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/managed-by",
];

pub(super) fn check(objects: &Objects<'_>) -> anyhow::Result<()> {
    for pod in objects.pods() {
        let account = &pod.spec["serviceAccountName"];
        let foreign = account
            .as_str()
            .is_some_and(|name| FOREIGN_ACCOUNTS.contains(&name));
        ensure!(
            account.is_null() || foreign || objects.has("ServiceAccount", account),
            "{}: ServiceAccount {account} is not made here",
            pod.owner
        );
        for source in pod
            .containers()
            .iter()
            .flat_map(|one| list(&one["envFrom"]))
        {
            let name = &source["configMapRef"]["name"];
            ensure!(
                objects.has("ConfigMap", name),
                "{}: ConfigMap {name} is not made here",
                pod.owner
            );
        }
    }
    let deployment = objects.deployment()?;
    let mut scaled = false;
    for scaler in objects.of_kind("HorizontalPodAutoscaler") {
        scaled = true;
        ensure!(
            scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"],
            "{} scales something else than the Deployment",
            named(scaler)
        );
    }
    ensure!(
        !scaled || deployment["spec"]["replicas"].is_null(),
        "the Deployment sets replicas, which undoes the autoscaler's at each upgrade"
    );
    Ok(())
}

/// Names by which people, queries and Prometheus's operator find the objects.
pub(super) fn labels(objects: &Objects<'_>) -> anyhow::Result<()> {
    for object in objects.0 {
        let meta = &object["metadata"];
        ensure!(
            meta["namespace"].is_string(),
            "{} names no namespace",
            named(object)
        );
        for label in LABELS {
            ensure!(
                meta["labels"][label].is_string(),
                "{} has no label {label}",
                named(object)
            );
        }
        let kind = object["kind"].as_str().unwrap_or_default();
        if matches!(kind, "ServiceMonitor" | "PrometheusRule") {
            ensure!(
                meta["labels"]["release"] == "prometheus",
                "{}: without the label release: prometheus the operator never loads it",
                named(object)
            );
        }
        if is_dashboard(object) {
            ensure!(
                meta["labels"]["grafana_dashboard"] == "1",
                "{}: without the label grafana_dashboard the sidecar never loads it",
                named(object)
            );
        }
    }
    Ok(())
}

fn is_dashboard(object: &Value) -> bool {
    object["kind"] == "ConfigMap"
        && object["data"]
            .as_object()
            .is_some_and(|data| data.keys().any(|name| name.ends_with(".json")))
}
