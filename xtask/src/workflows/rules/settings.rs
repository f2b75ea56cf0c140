//! `docs/REPOSITORY-SETTINGS.md` describes every variable, secret and environment, and none that is not used.

use std::collections::BTreeSet;

use super::outputs::environments;
use crate::workflows::document::{Repository, names_after};

const DOCUMENT: &str = "docs/REPOSITORY-SETTINGS.md";

pub(super) fn check(repository: &Repository) -> Vec<String> {
    let mut findings = Vec::new();
    for (kind, used) in [
        ("variable", names(repository, "vars.")),
        ("secret", names(repository, "secrets.")),
        ("environment", used_environments(repository)),
    ] {
        let described = rows(&repository.settings, kind);
        for name in used.difference(&described) {
            findings.push(format!("{DOCUMENT} does not describe the {kind} {name}"));
        }
        for name in described.difference(&used) {
            findings.push(format!(
                "{DOCUMENT} describes the {kind} {name}, which no workflow uses"
            ));
        }
        for name in &described {
            commands(&repository.settings, kind, name, &mut findings);
        }
    }
    findings
}

fn names(repository: &Repository, prefix: &str) -> BTreeSet<String> {
    repository
        .files()
        .flat_map(|file| names_after(&file.text, prefix))
        .collect()
}

fn used_environments(repository: &Repository) -> BTreeSet<String> {
    repository
        .workflows
        .iter()
        .flat_map(|file| {
            file.jobs()
                .flat_map(|(_, job)| environments(job))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Rows of the form ``| `NAME` | kind | … |``.
fn rows(document: &str, kind: &str) -> BTreeSet<String> {
    document
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split('|');
            let name = cells.next()?.trim().trim_end_matches('`');
            (cells.next()?.trim() == kind).then(|| name.to_owned())
        })
        .collect()
}

/// How it is set stands there too.
fn commands(document: &str, kind: &str, name: &str, findings: &mut Vec<String>) {
    let wanted = match kind {
        "environment" => format!("environments/{name}"),
        other => format!("gh {other} set {name} "),
    };
    // One loop may set all environments.
    let looped =
        kind == "environment" && document.contains("environments/$name") && document.contains(name);
    if !looped && !document.contains(&wanted) {
        findings.push(format!(
            "{DOCUMENT} does not say how the {kind} {name} is set ({wanted:?})"
        ));
    }
}
