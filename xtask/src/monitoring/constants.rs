//! Numbers that the rules repeat because no exporter tells them: they are Terraform's.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};

use super::sources::{ENVIRONMENTS, Sources, TARGETS, tfvars};

/// Records of constants, the variable that holds each, and what the rules multiply it with.
const CONSTANTS: &[(&str, &str, &str)] = &[
    (
        "expense:rds_allocated_storage_bytes",
        "rds_allocated_storage",
        " * 1024^3",
    ),
    ("expense:rds_max_connections", "rds_max_connections", ""),
    ("expense:monthly_budget_usd", "monthly_budget_usd", ""),
];

/// Compares them.
pub(super) fn agree(sources: &Sources) -> anyhow::Result<Vec<String>> {
    let rules = sources.rules()?;
    let mut faults = Vec::new();
    for (record, variable, factor) in CONSTANTS {
        let found = rules.records().find(|(name, _)| name == record);
        let (_, rule) = found.with_context(|| format!("{record} is not recorded"))?;
        let written = vectors(&rule.expr)?;
        for environment in ENVIRONMENTS {
            let wanted = format!("{}{factor}", value(sources, environment, variable)?);
            let found = written.get(environment).map_or("nothing", String::as_str);
            if found != wanted {
                faults.push(format!(
                    "{record} says {found} for {environment}, Terraform's {variable} {wanted}"
                ));
            }
        }
    }
    Ok(faults)
}

/// The environments and numbers of `label_replace(vector(20), "environment", "dev", "", "")`.
fn vectors(expression: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let mut vectors = BTreeMap::new();
    for part in expression.split("vector(").skip(1) {
        let (number, rest) = part.split_once("), ").context("a vector( does not end")?;
        let mut texts = rest.split('"').skip(1).step_by(2);
        let (Some("environment"), Some(environment)) = (texts.next(), texts.next()) else {
            bail!("{part:?} makes no label environment");
        };
        vectors.insert(environment.to_owned(), number.to_owned());
    }
    Ok(vectors)
}

/// A number of `terraform.tfvars`; of a map the one of the target that has a cluster.
fn value(sources: &Sources, environment: &str, variable: &str) -> anyhow::Result<String> {
    let path = tfvars(environment);
    let line = sources
        .text(&path)?
        .lines()
        .find(|line| line.split_whitespace().next() == Some(variable))
        .with_context(|| format!("{path} sets no {variable}"))?;
    let (_, value) = line.split_once('=').context("no value")?;
    let value = value.split('#').next().unwrap_or_default().trim();
    let Some(map) = value
        .strip_prefix('{')
        .and_then(|map| map.strip_suffix('}'))
    else {
        return Ok(value.to_owned());
    };
    let targets = sources.json(TARGETS)?;
    let target = targets[environment].as_str().unwrap_or_default();
    let target = if target == "both" { "both" } else { "eks" };
    let entry = map.split(',').find_map(|entry| {
        let (key, number) = entry.split_once('=')?;
        (key.trim() == target).then(|| number.trim().to_owned())
    });
    entry.with_context(|| format!("{path}: {variable} has nothing for {target}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_read_by_environment() {
        let text = "label_replace(vector(20 * 1024^3), \"environment\", \"dev\", \"\", \"\")\n\
                    or label_replace(vector(5), \"environment\", \"prod\", \"\", \"\")";
        let vectors = vectors(text).unwrap();
        assert_eq!(vectors["dev"], "20 * 1024^3");
        assert_eq!(vectors["prod"], "5");
        assert!(super::vectors("label_replace(vector(5), \"zone\", \"a\", \"\", \"\")").is_err());
    }
}
