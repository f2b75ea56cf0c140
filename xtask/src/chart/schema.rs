//! values.schema.json: closed, complete, and of one mind with values.yaml and with docs/CONFIGURATION.md.

use std::{collections::BTreeSet, fs};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::source::Source;
use crate::{check::Check, workspace};

/// Variables of the service that the chart sets itself, from other values.
const SET_BY_CHART: [&str; 13] = [
    "API_KEYS_SECRET_ID",
    "DB_DATABASE",
    "DB_HOST",
    "DB_MIGRATION_SECRET_ID",
    "DB_PORT",
    "DB_SECRET_ID",
    "ENVIRONMENT",
    "HOST",
    "METRICS_PORT",
    "PORT",
    "REDIS_HOST",
    "REDIS_PORT",
    "REDIS_SECRET_ID",
];
/// What may come from an existing Secret and from nowhere else.
const SECRET: [&str; 5] = [
    "API_KEYS",
    "DB_PWD",
    "DB_USER",
    "REDIS_AUTH_TOKEN",
    "REDIS_USERNAME",
];
/// What has no sense in these pods: files that they do not hold, other stores, other places, other commands.
const NOT_OFFERED: [&str; 6] = [
    "DB_ADMIN_SECRET_ID",
    "DB_CA_BUNDLE",
    "LAMBDA_KIND",
    "MIGRATE_ON_START",
    "REDIS_CA_BUNDLE",
    "SQLITE_PATH",
];
/// The OpenTelemetry library's own.
const OF_THE_LIBRARY: [&str; 3] = [
    "OTEL_SERVICE_NAME",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
];

pub(super) fn check(source: &Source) -> Vec<Check> {
    let schema = match read(source) {
        Ok(schema) => schema,
        Err(error) => return vec![Check::failed("schema", format!("{error:#}"))],
    };
    vec![
        Check::of(
            "schema: refuses unknown keys everywhere",
            closed(&schema, ""),
        ),
        Check::of("schema: has no place for a secret", no_secrets(&schema, "")),
        Check::of(
            "schema: every value has a default and a description",
            complete(source, &schema),
        ),
        Check::of(
            "schema: knows the service's variables and their ranges",
            variables(&schema),
        ),
    ]
}

pub(super) fn read(source: &Source) -> anyhow::Result<Value> {
    serde_json::from_str(&source.read("values.schema.json")?).context("values.schema.json")
}

/// Follows `$ref` within the schema.
pub(super) fn resolved<'a>(schema: &'a Value, at: &'a Value) -> &'a Value {
    at["$ref"]
        .as_str()
        .and_then(|reference| schema.pointer(reference.trim_start_matches('#')))
        .unwrap_or(at)
}

/// Objects list their properties and take no others, or map any key to a text.
fn closed(at: &Value, path: &str) -> anyhow::Result<()> {
    if at["type"] == "object" {
        let others = &at["additionalProperties"];
        let text_map = others["type"] == "string" && at["properties"].is_null();
        ensure!(*others == false || text_map, "{path}: takes unknown keys");
    }
    for (key, value) in at.as_object().into_iter().flatten() {
        closed(value, &format!("{path}/{key}"))?;
    }
    for (index, value) in at.as_array().into_iter().flatten().enumerate() {
        closed(value, &format!("{path}/{index}"))?;
    }
    Ok(())
}

/// No property is named as if a secret itself could stand there.
fn no_secrets(at: &Value, path: &str) -> anyhow::Result<()> {
    for (key, value) in at["properties"].as_object().into_iter().flatten() {
        let low = key.to_ascii_lowercase();
        let suspect = [
            "password",
            "passwd",
            "pwd",
            "token",
            "credential",
            "apikey",
            "headers",
        ]
        .iter()
        .any(|word| low.contains(word));
        let reference = key.ends_with("SecretId") || key.starts_with("existing");
        ensure!(
            !SECRET.contains(&key.as_str()) && (!suspect || reference),
            "{path}/{key}: a secret could stand here in words"
        );
        no_secrets(value, &format!("{path}/{key}"))?;
    }
    Ok(())
}

/// Both ways: each default has a property with words on it, each property a default, but for the service's variables,
/// whose defaults are the service's.
fn complete(source: &Source, schema: &Value) -> anyhow::Result<()> {
    let values: Value = serde_saphyr::from_str(&source.read("values.yaml")?)?;
    match_up(schema, schema, &values, "")
}

fn match_up(schema: &Value, at: &Value, values: &Value, path: &str) -> anyhow::Result<()> {
    let at = resolved(schema, at);
    let Some(properties) = at["properties"].as_object() else {
        return Ok(());
    };
    for key in values.as_object().context(path.to_owned())?.keys() {
        ensure!(
            properties.contains_key(key),
            "{path}.{key} is not in the schema"
        );
    }
    for (key, property) in properties {
        let place = format!("{path}.{key}");
        let value = &values[key];
        if place == ".global" {
            continue;
        }
        if value.is_null() {
            ensure!(path == ".config", "{place} has no default in values.yaml");
            continue;
        }
        let nested = resolved(schema, property)["properties"].is_object();
        ensure!(
            nested
                || property["description"].is_string()
                || path.starts_with(".probes")
                || path.contains("resources")
                || path.contains("behavior"),
            "{place} has no description"
        );
        if nested {
            match_up(schema, property, value, &place)?;
        }
    }
    Ok(())
}

/// A variable of the service as docs/CONFIGURATION.md has it, with what is allowed.
struct Variable {
    name: String,
    allowed: String,
}

/// Each is offered with the same range, or is on a list that says why not.
fn variables(schema: &Value) -> anyhow::Result<()> {
    let offered = schema["properties"]["config"]["properties"]
        .as_object()
        .context("the schema has no config")?;
    let documented = documented()?;
    let elsewhere: BTreeSet<&str> = SET_BY_CHART
        .iter()
        .chain(&SECRET)
        .chain(&NOT_OFFERED)
        .copied()
        .collect();
    for Variable { name, allowed } in &documented {
        match offered.get(name) {
            None if elsewhere.contains(name.as_str()) => {}
            None => bail!("{name} is a variable of the service; config does not offer it"),
            Some(_) if elsewhere.contains(name.as_str()) => {
                bail!("{name} must not stand in config")
            }
            Some(property) => same_range(name, allowed, property)?,
        }
    }
    for name in offered.keys().map(String::as_str) {
        let known = documented.iter().any(|variable| variable.name == name);
        ensure!(
            known || OF_THE_LIBRARY.contains(&name),
            "config.{name} is no variable of the service"
        );
    }
    Ok(())
}

fn documented() -> anyhow::Result<Vec<Variable>> {
    let path = workspace::root().join("docs/CONFIGURATION.md");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let rows: Vec<Variable> = text
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            Some(Variable {
                name: cells.next()?.trim_end_matches('`').to_owned(),
                allowed: cells.nth(1)?.to_owned(),
            })
        })
        .collect();
    ensure!(
        rows.len() > 40,
        "docs/CONFIGURATION.md lists only {} variables",
        rows.len()
    );
    Ok(rows)
}

/// `1 to 1000` is a minimum and a maximum, a list of words is an enum.
fn same_range(name: &str, allowed: &str, property: &Value) -> anyhow::Result<()> {
    if let Some((low, high)) = allowed.split_once(" to ") {
        let (low, high): (u64, u64) = (low.parse()?, high.parse()?);
        ensure!(
            property["minimum"] == low && property["maximum"] == high,
            "config.{name}: the service allows {allowed}, the schema {property}"
        );
    } else if let Some(words) = property["enum"].as_array() {
        let mut own: Vec<_> = words.iter().filter_map(Value::as_str).collect();
        let mut theirs: Vec<_> = allowed.split(", ").collect();
        own.sort_unstable();
        theirs.sort_unstable();
        ensure!(
            own == theirs,
            "config.{name}: the service allows {allowed}, the schema {own:?}"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{closed, no_secrets, same_range};

    #[test]
    fn an_open_object_is_found_wherever_it_is() {
        let shut = json!({"type": "object", "additionalProperties": false});
        assert!(closed(&shut, "").is_ok());
        assert!(
            closed(
                &json!({"type": "object", "additionalProperties": {"type": "string"}}),
                ""
            )
            .is_ok()
        );
        for open in [
            json!({"type": "object"}),
            json!({"type": "object", "additionalProperties": true}),
            json!({"type": "object", "additionalProperties": false, "properties": {"a": {"type": "array", "items": {"type": "object"}}}}),
        ] {
            assert!(closed(&open, "").is_err(), "{open}");
        }
    }

    #[test]
    fn a_place_for_a_password_is_found() {
        for name in ["password", "DB_PWD", "authToken", "DB_USER"] {
            let at =
                json!({"properties": {"database": {"properties": {name: {"type": "string"}}}}});
            assert!(no_secrets(&at, "").is_err(), "{name}");
        }
        let reference = json!({"properties": {"databaseSecretId": {}, "existingSecret": {}}});
        assert!(no_secrets(&reference, "").is_ok());
    }

    #[test]
    fn ranges_and_words_are_the_services() {
        let range = json!({"minimum": 1, "maximum": 5});
        assert!(same_range("X", "1 to 5", &range).is_ok());
        assert!(same_range("X", "1 to 6", &range).is_err());
        let words = json!({"enum": ["on", "off"]});
        assert!(same_range("X", "off, on", &words).is_ok());
        assert!(same_range("X", "on", &words).is_err());
    }
}
