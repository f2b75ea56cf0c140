//! Timeouts, concurrency, runners, and credentials that a checkout would leave behind.

use serde_json::Value;

use crate::workflows::document::{File, Repository};

/// The longest job: two hours of load.
const MOST_MINUTES: u64 = 180;

pub(super) fn check(repository: &Repository) -> Vec<String> {
    let mut findings = Vec::new();
    for file in &repository.workflows {
        if !file.is_reusable() {
            concurrency(&file.name, &file.yaml["concurrency"], &mut findings);
        }
        for (name, job) in file.jobs() {
            let place = format!("{}: {name}", file.name);
            if job["uses"].is_null() {
                limits(&place, job, &mut findings);
            }
            if changes(file, job) {
                uncancelled(&place, job, &mut findings);
            }
        }
    }
    for file in repository.files() {
        for (place, step) in file.steps() {
            let checkout = step["uses"]
                .as_str()
                .is_some_and(|used| used.starts_with("actions/checkout@"));
            if checkout && step["with"]["persist-credentials"] != false {
                findings.push(format!(
                    "{place}: leaves the token in .git (persist-credentials)"
                ));
            }
        }
    }
    findings
}

fn concurrency(place: &str, value: &Value, findings: &mut Vec<String>) {
    if value["group"].as_str().is_none() || value["cancel-in-progress"].is_null() {
        findings.push(format!(
            "{place}: states no concurrency group with cancel-in-progress"
        ));
    }
}

fn limits(place: &str, job: &Value, findings: &mut Vec<String>) {
    match job["timeout-minutes"].as_u64() {
        Some(1..=MOST_MINUTES) => {}
        _ => findings.push(format!(
            "{place}: has no timeout-minutes up to {MOST_MINUTES}"
        )),
    }
    let runner = job["runs-on"].as_str().unwrap_or_default();
    if runner.is_empty() || runner.contains("latest") || runner.contains("self-hosted") {
        findings.push(format!(
            "{place}: runs on {runner:?}, which names no release of an image"
        ));
    }
}

/// Jobs that change an environment, by Terraform or by a release.
fn changes(file: &File, job: &Value) -> bool {
    job["uses"].is_null()
        && matches!(
            file.name.as_str(),
            "workflows/deploy.yml" | "workflows/terraform-ci.yml"
        )
        && !job["environment"].is_null()
        && !job["environment"]
            .as_str()
            .is_some_and(|name| name.ends_with("-plan"))
}

/// One change of an environment at a time, whichever workflow makes it, and none is cut off.
fn uncancelled(place: &str, job: &Value, findings: &mut Vec<String>) {
    let group = job["concurrency"]["group"].as_str().unwrap_or_default();
    if !group.starts_with("environment-${{") || job["concurrency"]["cancel-in-progress"] != false {
        findings.push(format!(
            "{place}: changes an environment outside of the group environment-…, or may be cancelled"
        ));
    }
}
