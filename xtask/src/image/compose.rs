//! `compose.yaml`: a Compose file, of variables that the service knows, closed to other machines.

use std::{collections::BTreeSet, path::Path, process::Command};

use anyhow::{Context as _, ensure};
use serde_json::{Map, Value};

use crate::{program, python_tool::CHECK_JSONSCHEMA, workspace};

/// The service that is the program, and the job before it.
const OURS: &[&str] = &["expense-backend", "migrate"];
/// The server that it meets in the image's test speaks no TLS.
const NOT_HERE: &[&str] = &["DB_HOST", "DB_TLS", "REDIS_HOST", "METRICS_PORT"];

/// Checks the file against the specification and against the repository.
pub(super) fn check() -> anyhow::Result<()> {
    let mut schema = Command::new(CHECK_JSONSCHEMA.bin()?.join("check-jsonschema"));
    schema
        .args(["--builtin-schema", "vendor.compose-spec"])
        .arg("compose.yaml")
        .current_dir(workspace::root());
    program::shown(&mut schema)?;
    check_text(&read("compose.yaml")?)
}

/// What the service is given there, as far as it holds for a server on this machine.
pub(super) fn variables() -> anyhow::Result<Vec<(String, String)>> {
    let services = services(&read("compose.yaml")?)?;
    Ok(environment(&services["expense-backend"])?
        .into_iter()
        .filter(|(name, _)| !NOT_HERE.contains(&name.as_str()))
        .collect())
}

fn check_text(text: &str) -> anyhow::Result<()> {
    let services = services(text)?;
    let known = known_variables(&read("docs/CONFIGURATION.md")?);
    for name in OURS {
        let service = services
            .get(*name)
            .with_context(|| format!("compose.yaml: no service is called {name:?}"))?;
        for (variable, _) in environment(service)? {
            ensure!(
                known.contains(&variable),
                "compose.yaml: {name}: the service does not know {variable}"
            );
        }
        ensure!(
            service["read_only"] == true && service["cap_drop"][0] == "ALL",
            "compose.yaml: {name} runs with more rights than in production"
        );
    }
    for (name, service) in &services {
        check_service(name, service, &services)?;
    }
    Ok(())
}

fn check_service(name: &str, service: &Value, all: &Map<String, Value>) -> anyhow::Result<()> {
    let image = service["image"].as_str().unwrap_or_default();
    let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
    ensure!(
        !tag.is_empty() && tag != "latest",
        "compose.yaml: {name}: {image:?} names no version"
    );
    for port in texts(&service["ports"]) {
        ensure!(
            port.starts_with("127.0.0.1:"),
            "compose.yaml: {name}: the port {port} is open to other machines"
        );
    }
    for mount in texts(&service["volumes"]) {
        let source = mount.split(':').next().unwrap_or_default();
        ensure!(
            !source.starts_with('.') || workspace::root().join(Path::new(source)).exists(),
            "compose.yaml: {name} mounts {source}, which is not there"
        );
    }
    let needs = match &service["depends_on"] {
        Value::Object(needs) => needs.keys().map(String::as_str).collect(),
        list => texts(list),
    };
    for need in needs {
        ensure!(
            all.contains_key(need),
            "compose.yaml: {name} depends on {need:?}, which is no service"
        );
    }
    Ok(())
}

fn services(text: &str) -> anyhow::Result<Map<String, Value>> {
    let file: Value = serde_saphyr::from_str(text).context("reading compose.yaml")?;
    let services = file["services"]
        .as_object()
        .context("compose.yaml: no services")?;
    Ok(services
        .iter()
        .map(|(name, service)| (name.clone(), merged(service)))
        .collect())
}

/// With what `<<` names put in its place.
fn merged(value: &Value) -> Value {
    let Value::Object(fields) = value else {
        return value.clone();
    };
    let mut all = match fields.get("<<").map(merged) {
        Some(Value::Object(under)) => under,
        _ => Map::new(),
    };
    for (name, field) in fields.iter().filter(|(name, _)| *name != "<<") {
        all.insert(name.clone(), merged(field));
    }
    Value::Object(all)
}

fn environment(service: &Value) -> anyhow::Result<Vec<(String, String)>> {
    service["environment"]
        .as_object()
        .context("compose.yaml: no environment")?
        .iter()
        .map(|(name, value)| {
            let text = value
                .as_str()
                .with_context(|| format!("compose.yaml: {name} is not written as text: {value}"))?;
            Ok((name.clone(), text.to_owned()))
        })
        .collect()
}

/// The first column of the tables of `docs/CONFIGURATION.md`, which a test holds to the program.
fn known_variables(page: &str) -> BTreeSet<String> {
    page.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array()
        .map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

fn read(path: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(workspace::root().join(path)).with_context(|| format!("reading {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("../../../compose.yaml");

    #[test]
    fn the_file_keeps_the_rules() {
        check_text(TEXT).unwrap();
        let variables = variables().unwrap();
        assert!(variables.contains(&("DB_USER".to_owned(), "expense".to_owned())));
    }

    #[test]
    fn each_fault_is_named() {
        for (old, new, said) in [
            (
                "  LOG_FORMAT: json",
                "  LOGFORMAT: json",
                "does not know LOGFORMAT",
            ),
            (
                "METRICS_PORT: \"9090\"",
                "METRICS_PORT: 9090",
                "not written as text",
            ),
            ("read_only: true", "read_only: false", "more rights"),
            ("127.0.0.1:8080:8080", "8080:8080", "open to other machines"),
            ("mysql:8.4", "mysql", "names no version"),
            (
                "prom/prometheus:v3.5.0",
                "prom/prometheus:latest",
                "names no version",
            ),
            (
                "./compose/prometheus.yml",
                "./compose/absent.yml",
                "is not there",
            ),
            (
                "depends_on: [prometheus]",
                "depends_on: [graphite]",
                "is no service",
            ),
            ("  migrate:\n    <<", "  migration:\n    <<", "\"migrate\""),
        ] {
            let text = TEXT.replacen(old, new, 1);
            assert_ne!(text, TEXT, "{old} does not occur");
            let error = format!("{:#}", check_text(&text).expect_err(said));
            assert!(error.contains(said), "{old} -> {new}: {error}");
        }
    }
}
