//! Ports go by their names, and the names lead to a container.

use anyhow::ensure;
use serde_json::Value;

use super::objects::{Objects, list, named};

pub(super) fn check(objects: &Objects<'_>) -> anyhow::Result<()> {
    let pod = objects.service_pod()?;
    let ports: Vec<&Value> = pod
        .containers()
        .iter()
        .flat_map(|one| list(&one["ports"]))
        .collect();
    for (name, variable) in [("http", "PORT"), ("metrics", "METRICS_PORT")] {
        let port = ports.iter().find(|port| port["name"] == name);
        let number = port.map(|port| port["containerPort"].to_string());
        let told = objects
            .of_kind("ConfigMap")
            .find_map(|map| map["data"][variable].as_str());
        ensure!(
            number.is_some() && number.as_deref() == told,
            "the container's port {name:?} is {number:?}, {variable} says {told:?}"
        );
    }
    for service in objects.of_kind("Service") {
        for port in list(&service["spec"]["ports"]) {
            ensure!(
                port["name"] == port["targetPort"]
                    && ports.iter().any(|own| own["name"] == port["targetPort"]),
                "{}: port {} leads to {}, which no container has",
                named(service),
                port["name"],
                port["targetPort"]
            );
        }
    }
    for monitor in objects.of_kind("ServiceMonitor") {
        for endpoint in list(&monitor["spec"]["endpoints"]) {
            ensure!(
                endpoint["port"] == "metrics",
                "{} scrapes {}, where no metrics are",
                named(monitor),
                endpoint["port"]
            );
        }
    }
    policies(objects, &ports)?;
    ingresses(objects)
}

fn policies(objects: &Objects<'_>, ports: &[&Value]) -> anyhow::Result<()> {
    for policy in objects.of_kind("NetworkPolicy") {
        let rules = list(&policy["spec"]["ingress"]);
        for port in rules.iter().flat_map(|rule| list(&rule["ports"])) {
            ensure!(
                ports.iter().any(|own| own["name"] == port["port"]),
                "{} lets in {}, which no container has",
                named(policy),
                port["port"]
            );
        }
    }
    Ok(())
}

/// The way from outside leads to the Service's `http`, never to the metrics, or to an action that begins there.
fn ingresses(objects: &Objects<'_>) -> anyhow::Result<()> {
    for ingress in objects.of_kind("Ingress") {
        for rule in list(&ingress["spec"]["rules"]) {
            for path in list(&rule["http"]["paths"]) {
                backend(objects, ingress, &path["backend"]["service"])?;
            }
        }
    }
    Ok(())
}

fn backend(objects: &Objects<'_>, ingress: &Value, backend: &Value) -> anyhow::Result<()> {
    if backend["port"]["name"] != "use-annotation" {
        ensure!(
            backend["port"]["name"] == "http" && objects.has("Service", &backend["name"]),
            "{} leads to {backend}, which is no port of a Service here",
            named(ingress)
        );
        return Ok(());
    }
    let name = backend["name"].as_str().unwrap_or_default();
    let action =
        &ingress["metadata"]["annotations"][format!("alb.ingress.kubernetes.io/actions.{name}")];
    let action: Value = serde_json::from_str(action.as_str().unwrap_or_default())?;
    let groups = list(&action["forwardConfig"]["targetGroups"]);
    let weights: u64 = groups
        .iter()
        .filter_map(|group| group["weight"].as_u64())
        .sum();
    ensure!(
        weights == 100,
        "{}: the weights add up to {weights}",
        named(ingress)
    );
    let own = objects.of_kind("Service").any(|service| {
        groups.iter().any(|group| {
            group["serviceName"] == service["metadata"]["name"]
                && group["servicePort"] == service["spec"]["ports"][0]["port"]
        })
    });
    ensure!(
        own,
        "{}: {action} leads to no port of the Service here",
        named(ingress)
    );
    Ok(())
}
