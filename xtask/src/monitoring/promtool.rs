//! promtool: does Prometheus read the rules and queries, and do the alerts do what their cases say?

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    thread,
};

use anyhow::Context as _;

use super::{
    boards,
    sources::{CASES, RULES, Sources},
};
use crate::{
    apt::{self, Program},
    temporary::Folder,
};

/// Makes sure that promtool and Prometheus are there.
pub(super) fn ensure() -> anyhow::Result<()> {
    apt::ensure(&["promtool", "prometheus"].map(|name| Program {
        name,
        package: "prometheus",
    }))
}

/// `promtool check rules`, on the rules and on the dashboards' queries written as rules.
pub(super) fn reads(sources: &Sources) -> anyhow::Result<Vec<String>> {
    let folder = Folder::new("promtool")?;
    folder.file("rules.yaml", sources.text(RULES)?)?;
    let mut rules = Vec::new();
    for (_, board) in sources.boards()? {
        for query in boards::queries(&board) {
            let name = format!("query:{}", rules.len());
            rules.push(serde_json::json!({"record": name, "expr": query.settled("1m")}));
        }
    }
    let queries = serde_json::json!({"groups": [{"name": "queries", "rules": rules}]});
    folder.file("queries.yaml", queries.to_string())?;
    let mut faults = Vec::new();
    for file in ["rules.yaml", "queries.yaml"] {
        let words = ["check", "rules", file];
        faults.extend(failure(&promtool(folder.path(), &words)?));
    }
    Ok(faults)
}

/// `promtool test rules` on every file of cases.
pub(super) fn cases(sources: &Sources) -> anyhow::Result<Vec<String>> {
    let folder = Folder::new("promtool")?;
    write(&folder, RULES, sources.text(RULES)?)?;
    let mut files = Vec::new();
    for (path, text) in sources.below(CASES) {
        write(&folder, path, text)?;
        files.push(path);
    }
    let half = files.len() / 2;
    let run = |files: &[&str]| -> anyhow::Result<Vec<String>> {
        let mut words = vec!["test", "rules"];
        words.extend(files);
        Ok(failure(&promtool(folder.path(), &words)?))
    };
    thread::scope(|scope| {
        let first = scope.spawn(|| run(&files[..half]));
        let mut faults = run(&files[half..])?;
        let first = first.join().ok().context("a thread panicked")?;
        faults.extend(first?);
        Ok(faults)
    })
}

/// Writes a file where the repository has it: the cases name the rules by their place.
fn write(folder: &Folder, name: &str, text: &str) -> anyhow::Result<()> {
    let path = folder.path().join(name);
    let parent = path.parent().context("a path without a folder")?;
    fs::create_dir_all(parent)?;
    folder.file(name, text).map(drop)
}

fn promtool(folder: &Path, words: &[&str]) -> anyhow::Result<Output> {
    let program = Command::new("promtool")
        .args(words)
        .current_dir(folder)
        .output();
    program.context("starting promtool")
}

fn failure(output: &Output) -> Vec<String> {
    if output.status.success() {
        return Vec::new();
    }
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    vec![said.concat().trim().to_owned()]
}
