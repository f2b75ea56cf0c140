//! The service's own reading of what the chart tells it.

use std::{collections::BTreeMap, path::Path, process::Command};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{
    source::Source,
    variation::{self, Variation},
};
use crate::{check::Check, service};

/// How the names of these checks end.
pub(super) const TAKEN: &str = ": the service takes its configuration";

/// Configuration at fault: the service names the variables.
const USAGE: i32 = 64;
/// The configuration was taken; the database cannot be had, as is to be expected here.
const UNAVAILABLE: i32 = 69;

/// What an existing Secret holds: the hash of no key that anybody knows.
const KEYS: &str = r#"[{"name":"stand-in","sha256":"0000000000000000000000000000000000000000000000000000000000000000","scopes":["transactions:read"]}]"#;

/// Starts the service and its migration with the variables of each release, on a machine without its database.
pub(super) fn check(helm: &Path, source: &Source) -> Vec<Check> {
    // Built from what stands here: an older program would be asked about variables that it does not know.
    let program = match service::release() {
        Ok(program) => program,
        Err(error) => return vec![Check::failed("configuration", format!("{error:#}"))],
    };
    variation::ALL
        .iter()
        .map(|variation| {
            Check::of(
                format!("{}{TAKEN}", variation.name),
                taken(helm, source, &program, variation),
            )
        })
        .collect()
}

fn taken(
    helm: &Path,
    source: &Source,
    program: &Path,
    variation: &Variation,
) -> anyhow::Result<()> {
    let objects = variation::objects(&variation.manifests(helm, source)?)?;
    for object in &objects {
        let pod = &object["spec"]["template"]["spec"];
        for list in ["initContainers", "containers"] {
            for container in pod[list].as_array().into_iter().flatten() {
                starts(program, &objects, container)?;
            }
        }
    }
    Ok(())
}

/// Runs the container's command with its variables.
fn starts(program: &Path, objects: &[Value], container: &Value) -> anyhow::Result<()> {
    let words = text(&container["args"][0])?;
    let mut variables = variables(objects, container)?;
    isolate(&mut variables);
    let output = Command::new(program)
        .arg(&words)
        .env_clear()
        .envs(&variables)
        .output()
        .with_context(|| format!("starting {}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    match output.status.code() {
        Some(UNAVAILABLE) => Ok(()),
        Some(USAGE) => bail!("{words} refuses its configuration: {said}"),
        _ => bail!("{words} ended with {}: {said}", output.status),
    }
}

/// The variables of a container, as the kubelet would give them; an existing Secret holds stand-ins.
fn variables(objects: &[Value], container: &Value) -> anyhow::Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for source in container["envFrom"].as_array().into_iter().flatten() {
        let name = &source["configMapRef"]["name"];
        let map = objects
            .iter()
            .find(|object| object["kind"] == "ConfigMap" && object["metadata"]["name"] == *name)
            .with_context(|| format!("ConfigMap {name} is not there"))?;
        for (key, value) in map["data"].as_object().into_iter().flatten() {
            all.insert(key.clone(), text(value)?);
        }
    }
    for variable in container["env"].as_array().into_iter().flatten() {
        let name = text(&variable["name"])?;
        let value = match name.as_str() {
            _ if variable["valueFrom"].is_null() => text(&variable["value"])?,
            "API_KEYS" => KEYS.to_owned(),
            _ => "stand-in".to_owned(),
        };
        all.insert(name, value);
    }
    Ok(all)
}

fn text(value: &Value) -> anyhow::Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("{value} is no text"))
}

/// Nothing of the outside is asked: the stores and Secrets Manager are a closed loopback port, ports are any free ones.
fn isolate(variables: &mut BTreeMap<String, String>) {
    const NOWHERE: &str = "http://127.0.0.1:9";
    for (name, value) in [
        ("HOST", "127.0.0.1"),
        ("PORT", "0"),
        ("METRICS_PORT", "0"),
        ("STARTUP_TIMEOUT_SECS", "0"),
        ("AWS_ENDPOINT_URL", NOWHERE),
        ("AWS_ACCESS_KEY_ID", "stand-in"),
        ("AWS_SECRET_ACCESS_KEY", "stand-in"),
    ] {
        variables.insert(name.to_owned(), value.to_owned());
    }
    for host in ["DB_HOST", "REDIS_HOST"] {
        if let Some(value) = variables.get_mut(host) {
            "127.0.0.1".clone_into(value);
        }
    }
    for (port, value) in [("DB_PORT", "9"), ("REDIS_PORT", "9")] {
        variables.insert(port.to_owned(), value.to_owned());
    }
}
