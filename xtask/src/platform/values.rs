//! A chart's values: its files merged, the placeholders filled in, the account of its role set.

use std::{collections::BTreeSet, fs};

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

use super::{
    charts::{self, Chart},
    facts::Facts,
};
use crate::merge::merge;

/// The annotation by which EKS hands a role to a service account (IRSA).
const ROLE_ANNOTATION: &str = "eks.amazonaws.com/role-arn";

/// The values as they are handed to Helm.
pub(super) fn of(chart: &Chart, facts: &Facts) -> anyhow::Result<Value> {
    let mut values = Value::Object(Map::new());
    for file in &chart.values {
        let mut part = read(file)?;
        fill(&mut part, facts).with_context(|| format!("values/{file}"))?;
        merge(&mut values, part);
    }
    set_account(chart, facts, &mut values)?;
    Ok(values)
}

/// One values file, its placeholders still in it.
pub(super) fn read(file: &str) -> anyhow::Result<Value> {
    let path = charts::folder().join("values").join(file);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    serde_saphyr::from_str(&text).with_context(|| path.display().to_string())
}

fn fill(value: &mut Value, facts: &Facts) -> anyhow::Result<()> {
    match value {
        Value::Object(map) => map.values_mut().try_for_each(|value| fill(value, facts)),
        Value::Array(list) => list.iter_mut().try_for_each(|value| fill(value, facts)),
        Value::String(text) => {
            if let Some(filled) = filled(text, facts)? {
                *value = filled;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A text that is one placeholder takes the value with its type; else texts and numbers are put in.
fn filled(text: &str, facts: &Facts) -> anyhow::Result<Option<Value>> {
    let found = placeholders(text);
    if found.is_empty() {
        return Ok(None);
    }
    let mut out = text.to_owned();
    for path in found {
        let value = facts
            .find(&path)
            .with_context(|| format!("(({path})) is missing or null"))?;
        let written = format!("(({path}))");
        if text == written {
            return Ok(Some(value));
        }
        let put = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            other => bail!("(({path})) stands within a text, but is {other}"),
        };
        out = out.replace(&written, &put);
    }
    Ok(Some(Value::String(out)))
}

/// The paths that `text` names in double parentheses.
pub(super) fn placeholders(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("((") {
        let Some((path, _)) = after.split_once("))") else {
            break;
        };
        let is_path = path
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '-'));
        if is_path && !path.is_empty() {
            found.insert(path.to_owned());
        }
        rest = after;
    }
    found
}

/// The account that Terraform bound the role to; under IRSA also the role.
fn set_account(chart: &Chart, facts: &Facts, values: &mut Value) -> anyhow::Result<()> {
    let Some(account) = &chart.service_account else {
        return Ok(());
    };
    let bound = format!("helm.platform_service_accounts.{}", account.workload);
    let namespace = facts.text(&format!("{bound}.namespace"))?;
    if namespace != chart.namespace {
        bail!(
            "{} is installed in {}, but Terraform bound its role to an account in {namespace}",
            chart.release,
            chart.namespace
        );
    }
    let name = facts.text(&format!("{bound}.service_account"))?;
    set(values, &account.name, Value::String(name))?;
    if facts.text("helm.identity")? == "irsa" {
        let role = facts.text(&format!("helm.platform_role_arns.{}", account.workload))?;
        let annotations = Map::from_iter([(ROLE_ANNOTATION.to_owned(), Value::String(role))]);
        set(values, &account.annotations, Value::Object(annotations))?;
    }
    Ok(())
}

fn set(values: &mut Value, path: &str, to: Value) -> anyhow::Result<()> {
    let mut place = values;
    for key in path.split('.') {
        let map = place
            .as_object_mut()
            .with_context(|| format!("{path}: what {key:?} stands in is no map"))?;
        place = map.entry(key).or_insert_with(|| Value::Object(Map::new()));
    }
    *place = to;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::facts, *};

    fn chart(release: &str) -> Chart {
        let charts = charts::list().unwrap();
        charts
            .into_iter()
            .find(|chart| chart.release == release)
            .unwrap()
    }

    #[test]
    fn types_survive_alone_and_become_text_within_one() {
        let facts = facts::example("prod").unwrap();
        let mut values = json!({"a": "((settings.prometheus_replicas))", "b": ["x-((environment))-y"], "c": "((a) b)"});
        fill(&mut values, &facts).unwrap();
        assert_eq!(values, json!({"a": 2, "b": ["x-prod-y"], "c": "((a) b)"}));
        let error = fill(&mut json!("((helm.nothing))"), &facts).unwrap_err();
        assert!(error.to_string().contains("helm.nothing"));
        assert!(fill(&mut json!("a ((helm.log_group_names))"), &facts).is_err());
    }

    #[test]
    fn later_files_win_and_null_stays() {
        let mut values = json!({"a": {"b": 1, "c": 2}, "d": [1]});
        merge(&mut values, json!({"a": {"b": null}, "d": [2]}));
        assert_eq!(values, json!({"a": {"b": null, "c": 2}, "d": [2]}));
    }

    #[test]
    fn the_account_is_terraforms_and_carries_the_role_under_irsa_alone() {
        let facts = facts::example("prod").unwrap();
        let values = of(&chart("cluster-autoscaler"), &facts).unwrap();
        assert_eq!(
            values["rbac"]["serviceAccount"],
            json!({"name": "cluster-autoscaler"})
        );

        let path = charts::folder().join("terraform-output.example.json");
        let text = fs::read_to_string(path).unwrap();
        let irsa = Facts::new("prod", &text.replace("pod-identity", "irsa")).unwrap();
        let values = of(&chart("cluster-autoscaler"), &irsa).unwrap();
        assert_eq!(
            values["rbac"]["serviceAccount"]["annotations"][ROLE_ANNOTATION],
            "arn:aws:iam::777788889999:role/expense-prod-cluster-autoscaler"
        );
        let moved = text.replace(r#""namespace": "logging""#, r#""namespace": "log""#);
        let moved = Facts::new("prod", &moved).unwrap();
        let error = of(&chart("fluent-bit"), &moved).unwrap_err().to_string();
        assert!(error.contains("bound its role"), "{error}");
    }

    #[test]
    fn every_chart_of_every_environment_has_values_without_open_places() {
        for environment in facts::ENVIRONMENTS {
            let facts = facts::example(environment).unwrap();
            for chart in charts::list().unwrap() {
                let values = of(&chart, &facts).unwrap();
                let text = serde_json::to_string(&values).unwrap();
                assert!(placeholders(&text).is_empty(), "{}", chart.release);
            }
        }
    }
}
