//! Nothing by default; a job that may write something stands in the table below, so that a new right is seen in review.

use serde_json::Value;

use crate::workflows::document::{File, Repository};

/// File, job, scope: every right to write.
const WRITES: &[(&str, &str, &str)] = &[
    ("build.yml", "publish", "attestations"),
    ("build.yml", "publish", "id-token"),
    ("build.yml", "publish", "security-events"),
    ("cd-dev.yml", "build", "attestations"),
    ("cd-dev.yml", "build", "id-token"),
    ("cd-dev.yml", "build", "security-events"),
    ("cd-dev.yml", "deploy", "id-token"),
    ("cd-prod.yml", "deploy", "id-token"),
    ("cd-staging.yml", "deploy", "id-token"),
    ("ci.yml", "image", "security-events"),
    ("ci.yml", "secrets", "security-events"),
    ("ci.yml", "zizmor", "security-events"),
    ("codeql.yml", "analyze", "security-events"),
    ("deploy.yml", "deploy", "id-token"),
    ("load.yml", "load", "id-token"),
    ("release.yml", "publish", "attestations"),
    ("release.yml", "publish", "contents"),
    ("release.yml", "publish", "id-token"),
    ("release.yml", "publish", "packages"),
    ("terraform-ci.yml", "apply", "id-token"),
    ("terraform-ci.yml", "comment", "pull-requests"),
    ("terraform-ci.yml", "plan", "id-token"),
];

/// Triggers that run with the rights of the repository on code or words of others.
const REFUSED_TRIGGERS: [&str; 3] = ["pull_request_target", "workflow_run", "issue_comment"];

pub(super) fn check(repository: &Repository) -> Vec<String> {
    let mut findings = Vec::new();
    let mut seen = Vec::new();
    for file in &repository.workflows {
        top(file, &mut findings);
        let short = file.name.trim_start_matches("workflows/");
        for (name, job) in file.jobs() {
            let Some(rights) = job["permissions"].as_object() else {
                findings.push(format!("{}: {name}: states no permissions", file.name));
                continue;
            };
            for (scope, right) in rights {
                if right != "write" {
                    continue;
                }
                let entry = WRITES.iter().find(|known| **known == (short, name, scope));
                match entry {
                    Some(entry) => seen.push(*entry),
                    None => findings.push(format!("{}: {name}: may write {scope}", file.name)),
                }
            }
            if rights.get("id-token").is_some_and(|right| right == "write") {
                bound(file, name, job, &mut findings);
            }
        }
    }
    for (file, job, scope) in WRITES.iter().filter(|entry| !seen.contains(entry)) {
        findings.push(format!(
            "{file}: {job} no longer writes {scope}: drop it from the table"
        ));
    }
    findings
}

fn top(file: &File, findings: &mut Vec<String>) {
    if file.yaml["permissions"]
        .as_object()
        .is_none_or(|all| !all.is_empty())
    {
        findings.push(format!(
            "{}: wants `permissions: {{}}` at the top",
            file.name
        ));
    }
    for trigger in REFUSED_TRIGGERS {
        // A trigger without settings is a key without a value.
        if file.yaml["on"].get(trigger).is_some() || file.yaml["on"] == trigger {
            findings.push(format!("{}: is triggered by {trigger}", file.name));
        }
    }
    for word in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "secrets: inherit",
        "write-all",
    ] {
        if file.text.contains(word) {
            findings.push(format!("{}: holds {word}", file.name));
        }
    }
}

/// A token is worth something only where a protected environment stands before it.
fn bound(file: &File, name: &str, job: &Value, findings: &mut Vec<String>) {
    if job["environment"].is_null() && job["uses"].is_null() {
        findings.push(format!(
            "{}: {name}: has id-token but no environment, so no role trusts it",
            file.name
        ));
    }
}
