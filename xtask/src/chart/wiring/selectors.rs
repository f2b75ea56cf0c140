//! Every selector takes the service's pods, all of them, and no others.

use anyhow::{bail, ensure};
use serde_json::Value;

use super::objects::{Objects, list, named, selects};

pub(super) fn check(objects: &Objects<'_>) -> anyhow::Result<()> {
    let deployment = objects.deployment()?;
    let service_pod = objects.service_pod()?;
    let mut selectors = vec![(
        named(deployment),
        &deployment["spec"]["selector"]["matchLabels"],
    )];
    for (kind, path) in [
        ("Service", "/spec/selector"),
        ("PodDisruptionBudget", "/spec/selector/matchLabels"),
    ] {
        selectors.extend(objects.of_kind(kind).map(|object| {
            let labels = object.pointer(path).unwrap_or(&Value::Null);
            (named(object), labels)
        }));
    }
    for spread in list(&service_pod.spec["topologySpreadConstraints"]) {
        let labels = &spread["labelSelector"]["matchLabels"];
        selectors.push((
            format!("topology spread by {}", spread["topologyKey"]),
            labels,
        ));
        ensure!(
            list(&spread["matchLabelKeys"])
                .iter()
                .any(|key| key == "pod-template-hash"),
            "topology spread by {} counts pods of the outgoing revision",
            spread["topologyKey"]
        );
    }
    for (owner, labels) in selectors {
        ensure!(
            service_pod.is_selected_by(labels),
            "{owner} selects {labels}, which the pods of {} do not carry",
            service_pod.owner
        );
        for other in objects.pods().iter().filter(|pod| pod.kind != "Deployment") {
            ensure!(
                !other.is_selected_by(labels),
                "{owner} also selects the pod of {}",
                other.owner
            );
        }
    }
    monitors(objects)?;
    policies(objects)
}

fn monitors(objects: &Objects<'_>) -> anyhow::Result<()> {
    for monitor in objects.of_kind("ServiceMonitor") {
        let labels = &monitor["spec"]["selector"]["matchLabels"];
        ensure!(
            objects
                .of_kind("Service")
                .any(|service| selects(labels, &service["metadata"]["labels"])),
            "{} selects {labels}, which no Service carries",
            named(monitor)
        );
    }
    Ok(())
}

/// Each policy is about some pods; where there are policies, the pods of Deployment and Job have one each.
fn policies(objects: &Objects<'_>) -> anyhow::Result<()> {
    let all: Vec<_> = objects.of_kind("NetworkPolicy").collect();
    for policy in &all {
        let labels = &policy["spec"]["podSelector"]["matchLabels"];
        if !objects.pods().iter().any(|pod| pod.is_selected_by(labels)) {
            bail!("{} selects {labels}, which no pod carries", named(policy));
        }
    }
    for pod in objects.pods().iter().filter(|pod| pod.kind != "Pod") {
        let own = all
            .iter()
            .filter(|policy| pod.is_selected_by(&policy["spec"]["podSelector"]["matchLabels"]))
            .count();
        ensure!(
            all.is_empty() || own == 1,
            "{own} NetworkPolicies select the pods of {}, not one",
            pod.owner
        );
    }
    Ok(())
}
