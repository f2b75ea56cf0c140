//! The way of a release: verified before it is rolled out, a snapshot before prod migrates, the target from the one file.

use serde_json::Value;

use crate::{
    targets::ENVIRONMENTS,
    workflows::document::{File, Repository},
};

pub(super) fn check(repository: &Repository) -> Vec<String> {
    let mut findings = Vec::new();
    match repository.workflow("deploy.yml") {
        Some(file) => deploy(file, &mut findings),
        None => findings.push("there is no deploy.yml".to_owned()),
    }
    match repository.workflow("build.yml") {
        Some(file) => build(file, &mut findings),
        None => findings.push("there is no build.yml".to_owned()),
    }
    for environment in ENVIRONMENTS {
        match repository.workflow(&format!("cd-{environment}.yml")) {
            Some(file) => caller(file, environment, &mut findings),
            None => findings.push(format!("there is no cd-{environment}.yml")),
        }
    }
    findings
}

/// Where the first step stands whose `run` or `uses` begins so.
fn position(job: &Value, start: &str) -> Option<usize> {
    job["steps"].as_array()?.iter().position(|step| {
        [&step["run"], &step["uses"]]
            .iter()
            .filter_map(|value| value.as_str())
            // The program that prepare.yml built lies there.
            .map(|text| text.strip_prefix(".xtask/").unwrap_or(text))
            .any(|text| text.starts_with(start))
    })
}

fn in_order(file: &File, job: &Value, steps: &[&str], findings: &mut Vec<String>) {
    let mut before: Option<(usize, &str)> = None;
    for start in steps {
        let Some(at) = position(job, start) else {
            findings.push(format!("{}: has no step `{start}`", file.name));
            continue;
        };
        if let Some((earlier, name)) = before
            && at < earlier
        {
            findings.push(format!("{}: `{start}` comes before `{name}`", file.name));
        }
        before = Some((at, start));
    }
}

fn step<'a>(job: &'a Value, start: &str) -> &'a Value {
    position(job, start).map_or(&Value::Null, |at| &job["steps"][at])
}

fn deploy(file: &File, findings: &mut Vec<String>) {
    let job = &file.yaml["jobs"]["deploy"];
    let order = [
        "xtask release verify",
        "xtask snapshot",
        "xtask rollout",
        "xtask notify",
    ];
    in_order(file, job, &order, findings);
    if step(job, "xtask snapshot")["if"] != "inputs.environment == 'prod'" {
        findings.push(format!(
            "{}: the snapshot is not taken exactly in prod",
            file.name
        ));
    }
    // A step that may be left out verifies nothing.
    for always in ["xtask release verify", "xtask rollout"] {
        if !step(job, always)["if"].is_null() {
            findings.push(format!("{}: `{always}` has a condition", file.name));
        }
    }
    if step(job, "xtask notify")["if"] != "always()" {
        findings.push(format!("{}: the notice is not sent always", file.name));
    }
    for (name, input) in [("environment", "environment"), ("target", "target")] {
        if file.yaml["on"]["workflow_call"]["inputs"][input]["required"] != true {
            findings.push(format!("{}: the input {name} is not required", file.name));
        }
    }
}

fn build(file: &File, findings: &mut Vec<String>) {
    let job = &file.yaml["jobs"]["publish"];
    let order = [
        "xtask release find",
        "docker/build-push-action@",
        "aquasecurity/trivy-action@",
        "xtask release sign",
        "xtask release publish",
    ];
    in_order(file, job, &order, findings);
    let scans = job["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|step| {
            step["uses"]
                .as_str()
                .is_some_and(|it| it.starts_with("aquasecurity/trivy-action@"))
                && !step["with"]["severity"].is_null()
        });
    let mut platforms = 0;
    for scan in scans {
        platforms += 1;
        if scan["with"]["exit-code"] != "1" {
            findings.push(format!(
                "{}: a scan does not fail on what it finds",
                file.name
            ));
        }
    }
    if platforms != 2 {
        findings.push(format!(
            "{}: {platforms} scans gate the image of two processors",
            file.name
        ));
    }
}

fn caller(file: &File, environment: &str, findings: &mut Vec<String>) {
    let jobs = &file.yaml["jobs"];
    let with = &jobs["deploy"]["with"];
    if with["environment"] != environment {
        findings.push(format!("{}: deploys {}", file.name, with["environment"]));
    }
    if with["target"] != "${{ needs.prepare.outputs.target }}" {
        findings.push(format!(
            "{}: the target does not come from deploy-targets.json",
            file.name
        ));
    }
    if jobs["prepare"]["with"]["environment"] != environment {
        findings.push(format!("{}: prepares another environment", file.name));
    }
    let needs = jobs["deploy"]["needs"].to_string();
    let gate = if environment == "dev" {
        "build"
    } else {
        "promotion"
    };
    if !needs.contains(gate) {
        findings.push(format!("{}: deploys without waiting for {gate}", file.name));
    }
    let Some(before) = ENVIRONMENTS
        .iter()
        .zip(&ENVIRONMENTS[1..])
        .find(|(_, next)| **next == environment)
    else {
        return;
    };
    for workflow in ["ci.yml".to_owned(), format!("cd-{}.yml", before.0)] {
        let wanted = format!("--workflow {workflow}");
        if !jobs["promotion"]["steps"].to_string().contains(&wanted) {
            findings.push(format!(
                "{}: does not ask whether {workflow} succeeded",
                file.name
            ));
        }
    }
    if !jobs["build"].is_null() || file.text.contains("build.yml") {
        findings.push(format!("{}: builds, instead of promoting", file.name));
    }
}
