//! What stands in `run:`: no expression, and only commands, scripts and files that exist.

use std::fs;

use serde_json::Value;

use crate::{command_names, workflows::document::Repository};

/// First parts of paths in this repository.
const PLACES: [&str; 9] = [
    ".github/scripts/",
    "docs/",
    "helm/",
    "image/",
    "src/",
    "terraform/",
    "tests/",
    "load/",
    "deploy-targets.json",
];

pub(super) fn check(repository: &Repository) -> Vec<String> {
    let mut findings = Vec::new();
    for file in repository.files() {
        for (place, step) in file.steps() {
            if let Some(script) = step["run"].as_str() {
                script_of(repository, &place, script, &mut findings);
            }
            if step["with"]["script"]
                .as_str()
                .is_some_and(|it| it.contains("${{"))
            {
                findings.push(format!("{place}: an expression is pasted into a script"));
            }
            for (_, value) in step["with"].as_object().into_iter().flatten() {
                paths(repository, &place, &text(value), &mut findings);
            }
        }
    }
    scripts(repository, &mut findings);
    findings
}

fn script_of(repository: &Repository, place: &str, script: &str, findings: &mut Vec<String>) {
    // Whatever it is, it would be pasted into the script before a shell reads it.
    if script.contains("${{") {
        findings.push(format!(
            "{place}: an expression is pasted into the script: pass it by env"
        ));
    }
    commands(place, script, findings);
    paths(repository, place, script, findings);
}

/// `cargo xtask X`, and `xtask X` or `.xtask/xtask X` where the program is fetched.
fn commands(place: &str, script: &str, findings: &mut Vec<String>) {
    for line in script.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        for pair in words.windows(2) {
            let [program, command] = pair else { continue };
            let called = *program == "xtask" || program.ends_with("/xtask");
            let plain = command.starts_with(|c: char| c.is_ascii_lowercase());
            let known = *command == "help" || command_names().any(|name| name == *command);
            if called && plain && !known {
                findings.push(format!("{place}: there is no command `xtask {command}`"));
            }
        }
    }
}

fn paths(repository: &Repository, place: &str, text: &str, findings: &mut Vec<String>) {
    let ends = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '[' | ']' | '=' | '(' | ')' | ';')
    };
    for word in text.split(ends) {
        let path = word.trim_start_matches("./");
        if !PLACES.iter().any(|start| path.starts_with(start)) {
            continue;
        }
        // What follows a wildcard or a variable is not known here.
        let known = path.split(['*', '$', '{']).next().unwrap_or_default();
        let known = known.trim_end_matches('/');
        let exists = repository.root.join(known).exists();
        // A part of a name (`values-*`): its folder has to be there.
        let part = known.len() < path.trim_end_matches('/').len()
            && repository
                .root
                .join(known)
                .parent()
                .is_some_and(std::path::Path::is_dir);
        if !exists && !part {
            findings.push(format!("{place}: {path} is not there"));
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(String::new, str::to_owned)
}

/// Each script stops at its first fault, may be run, and is used.
fn scripts(repository: &Repository, findings: &mut Vec<String>) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = repository.root.join(".github/scripts");
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        let name = format!(".github/scripts/{}", entry.file_name().to_string_lossy());
        let script = fs::read_to_string(entry.path()).unwrap_or_default();
        if !script.contains("\nset -euo pipefail\n") {
            findings.push(format!("{name}: does not `set -euo pipefail`"));
        }
        let runs = entry
            .metadata()
            .is_ok_and(|it| it.permissions().mode() & 0o111 != 0);
        if !runs {
            findings.push(format!("{name}: may not be run"));
        }
        if !repository.files().any(|file| file.text.contains(&name)) {
            findings.push(format!("{name}: no workflow uses it"));
        }
        commands(&name, &script, findings);
    }
}
