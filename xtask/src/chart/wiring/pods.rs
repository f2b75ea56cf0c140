//! What each pod and container has to say.

use anyhow::ensure;
use serde_json::{Value, json};

use super::objects::{Objects, Pod};

/// Startup and liveness ask for the process alone, readiness for what it needs.
pub(super) fn probes(objects: &Objects<'_>) -> anyhow::Result<()> {
    for container in objects.service_pod()?.containers() {
        for (probe, path) in [
            ("startupProbe", "/livez"),
            ("livenessProbe", "/livez"),
            ("readinessProbe", "/readyz"),
        ] {
            let asked = &container[probe]["httpGet"];
            ensure!(
                asked["path"] == path && asked["port"] == "http",
                "container {}: {probe} asks {asked}, not {path} of http",
                container["name"]
            );
        }
    }
    Ok(())
}

/// The level `restricted` of Pod Security, and a root file system that nobody writes to.
pub(super) fn restricted(objects: &Objects<'_>) -> anyhow::Result<()> {
    for pod in objects.pods() {
        let context = &pod.spec["securityContext"];
        for (pointer, wanted) in [
            ("/runAsNonRoot", json!(true)),
            ("/seccompProfile/type", json!("RuntimeDefault")),
        ] {
            ensure_is(&pod, context, pointer, &wanted)?;
        }
        ensure_is(
            &pod,
            pod.spec,
            "/automountServiceAccountToken",
            &json!(false),
        )?;
        for container in pod.every_container() {
            for (pointer, wanted) in [
                ("/securityContext/allowPrivilegeEscalation", json!(false)),
                ("/securityContext/readOnlyRootFilesystem", json!(true)),
                ("/securityContext/capabilities/drop", json!(["ALL"])),
            ] {
                ensure_is(&pod, container, pointer, &wanted)?;
            }
            for needed in [
                "/resources/requests/cpu",
                "/resources/requests/memory",
                "/resources/limits/memory",
            ] {
                ensure!(
                    container.pointer(needed).is_some(),
                    "{}: container {} has no {needed}",
                    pod.owner,
                    container["name"]
                );
            }
        }
    }
    Ok(())
}

fn ensure_is(pod: &Pod<'_>, place: &Value, pointer: &str, wanted: &Value) -> anyhow::Result<()> {
    let found = place.pointer(pointer).unwrap_or(&Value::Null);
    ensure!(
        found == wanted,
        "{}: {pointer} is {found}, not {wanted}",
        pod.owner
    );
    Ok(())
}

/// Every image names one release, and all pods of a release run the same.
pub(super) fn images(objects: &Objects<'_>) -> anyhow::Result<()> {
    let mut seen = Vec::new();
    for pod in objects.pods() {
        for container in pod.every_container() {
            let image = container["image"].as_str().unwrap_or_default();
            ensure!(
                names_a_release(image),
                "{}: image {image:?} has no digest and no tag but latest",
                pod.owner
            );
            seen.push(image);
        }
    }
    seen.dedup();
    ensure!(seen.len() == 1, "the pods run different images: {seen:?}");
    Ok(())
}

fn names_a_release(image: &str) -> bool {
    if image.contains("@sha256:") {
        return true;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    matches!(name.split_once(':'), Some((_, tag)) if !tag.is_empty() && tag != "latest")
}

#[cfg(test)]
mod tests {
    use super::names_a_release;

    #[test]
    fn a_release_is_a_digest_or_a_tag_that_stays() {
        for good in ["r:5000/x:1.0", "x@sha256:ab", "x:abc"] {
            assert!(names_a_release(good), "{good}");
        }
        for bad in ["x", "r:5000/x", "x:latest", "x:"] {
            assert!(!names_a_release(bad), "{bad}");
        }
    }
}
