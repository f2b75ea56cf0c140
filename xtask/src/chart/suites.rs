//! The suites of helm-unittest, one a template.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, bail, ensure};

use super::source::Source;
use crate::{check::Check, temporary::Folder};

/// Suites that are about more than one template.
const OTHERS: [&str; 3] = ["consistency", "schema", "notes"];

/// Every template has its suite, and no suite is about nothing.
pub(super) fn complete(source: &Source) -> Check {
    Check::of("suites: one a template", pair(source))
}

fn pair(source: &Source) -> anyhow::Result<()> {
    let (templates, suites) = (source.templates()?, source.suites()?);
    let without: Vec<_> = templates
        .iter()
        .filter(|name| !suites.contains(name))
        .collect();
    ensure!(without.is_empty(), "no suite is about {without:?}");
    let idle: Vec<_> = suites
        .iter()
        .filter(|name| !templates.contains(name) && !OTHERS.contains(&name.as_str()))
        .collect();
    ensure!(idle.is_empty(), "no template has the name of {idle:?}");
    Ok(())
}

/// One check a suite.
pub(super) fn run(unittest: &Path, source: &Source) -> Vec<Check> {
    let names = match source.suites() {
        Ok(names) if !names.is_empty() => names,
        Ok(_) => return vec![Check::failed("suites", "there are none")],
        Err(error) => return vec![Check::failed("suites", format!("{error:#}"))],
    };
    names
        .iter()
        .map(|name| one(unittest, source, name))
        .collect()
}

/// One suite by its name.
pub(super) fn one(unittest: &Path, source: &Source, name: &str) -> Check {
    let title = format!("suite {name}");
    match ran(unittest, source, name) {
        Ok(count) => Check::passed_many(title, count),
        Err(error) => Check::failed(title, format!("{error:#}")),
    }
}

/// Runs it and counts its tests; fails with what it said where one of them does.
fn ran(unittest: &Path, source: &Source, name: &str) -> anyhow::Result<usize> {
    let scratch = Folder::new("chart")?;
    let report = scratch.path().join("report.xml");
    let output = Command::new(unittest)
        .arg("--strict")
        .args(["--file", &format!("tests/{name}_test.yaml")])
        .args(["--output-type", "JUnit", "--output-file"])
        .arg(&report)
        .arg(source.path())
        .output()
        .context("starting helm-unittest")?;
    if !output.status.success() {
        bail!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout).trim(),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let text = fs::read_to_string(&report).context("reading helm-unittest's report")?;
    let count = text.matches("<testcase ").count();
    ensure!(count > 0, "it ran no test");
    Ok(count)
}
