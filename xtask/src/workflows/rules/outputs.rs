//! `fromJSON(vars.TERRAFORM_OUTPUTS).NAME.value.KEY`: Terraform has it, and a role is taken only where it is trusted.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    helm_values, outputs,
    targets::ENVIRONMENTS,
    workflows::document::{File, Repository},
};

const READ: &str = "fromJSON(vars.TERRAFORM_OUTPUTS).";

pub(super) fn check(repository: &Repository) -> Vec<String> {
    let known = keys(&repository.outputs);
    let mut findings = Vec::new();
    for path in helm_values::READ.iter().chain(outputs::path::ALL) {
        if !known.contains(*path) {
            findings.push(format!(
                "xtask reads {path}, which outputs.tf does not have"
            ));
        }
    }
    for file in repository.files() {
        for path in read(&file.text) {
            if !known.contains(&path) {
                findings.push(format!(
                    "{}: reads {path}, which outputs.tf does not have",
                    file.name
                ));
            }
        }
        for (name, job) in file.jobs() {
            roles(repository, file, name, job, &mut findings);
        }
    }
    findings
}

/// `output.key` of every output that is an object.
fn keys(terraform: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut output = "";
    for line in terraform.lines() {
        if let Some(rest) = line.strip_prefix("output \"") {
            output = rest.split('"').next().unwrap_or_default();
        } else if let Some(rest) = line.strip_prefix("    ")
            && let Some((key, _)) = rest.split_once('=')
            && !rest.starts_with(' ')
        {
            found.insert(format!("{output}.{}", key.trim()));
        }
    }
    found
}

fn read(text: &str) -> Vec<String> {
    text.match_indices(READ)
        .map(|(at, _)| {
            let path: String = text[at + READ.len()..]
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || matches!(c, '_' | '.'))
                .collect();
            path.replacen(".value.", ".", 1)
        })
        .collect()
}

/// The roles of `terraform/modules/oidc`, and the one environment (or its plan) that each trusts.
fn roles(
    repository: &Repository,
    file: &File,
    name: &str,
    job: &Value,
    findings: &mut Vec<String>,
) {
    let Some(role) = job["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .find_map(|step| step["with"]["role-to-assume"].as_str())
    else {
        return;
    };
    let environments = environments(job);
    let place = format!("{}: {name}", file.name);
    if environments.is_empty() {
        findings.push(format!("{place}: takes a role without an environment"));
    }
    let kind = ["push", "deploy", "plan", "apply"]
        .into_iter()
        .find(|kind| role.contains(&format!("{kind}_role_arn")));
    let Some(kind) = kind else {
        findings.push(format!("{place}: {role} is no role of Terraform's outputs"));
        return;
    };
    for environment in environments {
        if !trusted(&repository.trust, kind, &environment) {
            findings.push(format!(
                "{place}: the {kind} role does not trust the environment {environment}"
            ));
        }
    }
}

/// By the defaults that the module states.
fn trusted(terraform: &str, kind: &str, environment: &str) -> bool {
    let line = format!("coalesce(var.github_environments.{kind}, ");
    let Some(default) = terraform.lines().find_map(|text| {
        text.split_once(&line)
            .map(|(_, rest)| rest.trim_end_matches(')'))
    }) else {
        return false;
    };
    match default.trim_matches('"') {
        "var.environment" => ENVIRONMENTS.contains(&environment),
        "${var.environment}-plan" => environment
            .strip_suffix("-plan")
            .is_some_and(|name| ENVIRONMENTS.contains(&name)),
        fixed => fixed == environment,
    }
}

/// The GitHub environments that a job may run in.
pub(super) fn environments(job: &Value) -> Vec<String> {
    let environment = &job["environment"];
    let Some(name) = environment
        .as_str()
        .or_else(|| environment["name"].as_str())
    else {
        return Vec::new();
    };
    let listed: Vec<_> = job["strategy"]["matrix"]["environment"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (expression, values) in [
        ("${{ inputs.environment }}", &ENVIRONMENTS[..]),
        ("${{ matrix.environment }}", &listed[..]),
    ] {
        if name.contains(expression) {
            return values
                .iter()
                .map(|value| name.replace(expression, value))
                .collect();
        }
    }
    vec![name.to_owned()]
}
