//! `helm/platform/manifests`: what stands in the cluster before any chart.

use std::fs;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::charts;

/// Namespaces, and what Pod Security admits there at most.
const NAMESPACES: &[(&str, &str)] = &[
    ("expense", "restricted"),
    ("monitoring", "privileged"),
    ("logging", "privileged"),
];

/// Every document of every file, in the order in which kubectl takes them.
pub(super) fn all() -> anyhow::Result<Vec<Value>> {
    let folder = charts::folder().join("manifests");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .with_context(|| format!("reading {}", folder.display()))?
        .collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    let mut documents = Vec::new();
    for file in files {
        let text = fs::read_to_string(file.path())?;
        let found: Vec<Value> = serde_saphyr::from_multiple(&text)
            .with_context(|| file.path().display().to_string())?;
        documents.extend(found);
    }
    Ok(documents)
}

/// Fails where something that charts or the pipeline count on is missing.
pub(super) fn check(documents: &[Value]) -> anyhow::Result<()> {
    for (name, level) in NAMESPACES {
        let namespace = one(documents, "Namespace", name, None)?;
        let found = &namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"];
        ensure!(
            found == level,
            "namespace {name}: Pod Security admits {found}, not {level}"
        );
    }
    let expense = one(documents, "Namespace", "expense", None)?;
    ensure!(
        expense["metadata"]["labels"]["elbv2.k8s.aws/pod-readiness-gate-inject"] == "enabled",
        "namespace expense: pods get no readiness gate, and a rollout would end before the load balancer sees them"
    );
    default_class(documents)?;
    deployers(documents)?;
    priorities(documents)
}

fn one<'a>(
    documents: &'a [Value],
    kind: &str,
    name: &str,
    namespace: Option<&str>,
) -> anyhow::Result<&'a Value> {
    let mut found = documents.iter().filter(|document| {
        document["kind"] == kind
            && document["metadata"]["name"] == name
            && document["metadata"]["namespace"].as_str() == namespace
    });
    let first = found
        .next()
        .with_context(|| format!("there is no {kind} {name}"))?;
    ensure!(found.next().is_none(), "{kind} {name} is there twice");
    Ok(first)
}

fn default_class(documents: &[Value]) -> anyhow::Result<()> {
    const DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";
    let class = one(documents, "StorageClass", "gp3", None)?;
    ensure!(
        class["metadata"]["annotations"][DEFAULT] == "true",
        "StorageClass gp3 is not the default"
    );
    ensure!(
        class["parameters"]["encrypted"] == "true",
        "StorageClass gp3 does not encrypt"
    );
    Ok(())
}

/// The group that Terraform puts the pipeline's role in may change what EKS' edit policy does not know.
fn deployers(documents: &[Value]) -> anyhow::Result<()> {
    let binding = one(
        documents,
        "RoleBinding",
        "expense-deployers",
        Some("expense"),
    )?;
    let subject = &binding["subjects"][0];
    ensure!(
        subject["kind"] == "Group" && subject["name"] == "expense-deployers",
        "RoleBinding expense-deployers binds {subject}"
    );
    let name = binding["roleRef"]["name"].as_str().unwrap_or_default();
    let role = one(documents, "Role", name, Some("expense"))?;
    let rules = role["rules"].as_array().context("its Role has no rules")?;
    for kind in ["servicemonitors", "prometheusrules"] {
        let allowed = rules.iter().any(|rule| {
            has(&rule["apiGroups"], "monitoring.coreos.com")
                && has(&rule["resources"], kind)
                && ["get", "list", "create", "update", "patch", "delete"]
                    .iter()
                    .all(|verb| has(&rule["verbs"], verb))
        });
        ensure!(allowed, "Role {name} does not let deployers change {kind}");
    }
    let wide = rules
        .iter()
        .any(|rule| has(&rule["verbs"], "*") || has(&rule["resources"], "*"));
    ensure!(!wide, "Role {name} allows everything of a kind");
    Ok(())
}

fn has(list: &Value, wanted: &str) -> bool {
    list.as_array()
        .is_some_and(|list| list.iter().any(|item| item == wanted))
}

/// Classes that values name exist, here or in Kubernetes itself.
fn priorities(documents: &[Value]) -> anyhow::Result<()> {
    for chart in charts::list()? {
        for file in &chart.values {
            let values = super::values::read(file)?;
            let mut names = Vec::new();
            classes(&values, &mut names);
            for name in names {
                if !name.starts_with("system-") {
                    one(documents, "PriorityClass", &name, None)
                        .with_context(|| format!("values/{file}"))?;
                }
            }
        }
    }
    Ok(())
}

fn classes(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if key == "priorityClassName" {
                    into.extend(value.as_str().map(str::to_owned));
                }
                classes(value, into);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| classes(value, into)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(kind: &str, name: &str, change: impl Fn(&mut Value), wanted: &str) {
        let mut documents = all().unwrap();
        let mut found = documents
            .iter_mut()
            .filter(|document| document["kind"] == kind && document["metadata"]["name"] == name);
        change(found.next().unwrap());
        let error = format!("{:#}", check(&documents).unwrap_err());
        assert!(error.contains(wanted), "{error}");
    }

    #[test]
    fn the_manifests_hold_what_others_count_on() {
        check(&all().unwrap()).unwrap();
    }

    #[test]
    fn weaker_namespaces_classes_and_roles_are_found() {
        refused(
            "Namespace",
            "expense",
            |it| it["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = json!("baseline"),
            "not restricted",
        );
        refused(
            "Namespace",
            "expense",
            |it| {
                it["metadata"]["labels"]["elbv2.k8s.aws/pod-readiness-gate-inject"] =
                    json!("disabled")
            },
            "readiness gate",
        );
        refused(
            "StorageClass",
            "gp3",
            |it| it["parameters"]["encrypted"] = json!("false"),
            "encrypt",
        );
        refused(
            "StorageClass",
            "gp3",
            |it| it["metadata"]["annotations"] = json!({}),
            "default",
        );
        refused(
            "PriorityClass",
            "expense-platform",
            |it| it["metadata"]["name"] = json!("x"),
            "expense-platform",
        );
        refused(
            "Role",
            "expense-deployers",
            |it| it["rules"][0]["verbs"] = json!(["get"]),
            "servicemonitors",
        );
        refused(
            "Role",
            "expense-deployers",
            |it| it["rules"][0]["resources"] = json!(["servicemonitors"]),
            "prometheusrules",
        );
        refused(
            "RoleBinding",
            "expense-deployers",
            |it| it["subjects"][0]["name"] = json!("deployers"),
            "binds",
        );
    }
}
