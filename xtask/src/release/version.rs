//! `release version`: the tag, Cargo.toml, the chart and the changelog name one version.

use std::{fs, path::Path};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::{github, words::Words, workspace};

const CHART: &str = "helm/expense-backend/Chart.yaml";

/// Runs the verb.
pub(super) fn run(words: &Words) -> anyhow::Result<()> {
    let version = version_of(words.required("tag")?)?;
    agree(&version)?;
    let notes = notes(&read("CHANGELOG.md")?, &version)?;
    if let Some(folder) = words.optional("into") {
        let folder = Path::new(folder);
        fs::create_dir_all(folder)?;
        fs::write(folder.join("notes.md"), &notes)?;
    }
    println!("{version}\n\n{notes}");
    github::output("version", &version)
}

/// `v1.2.3` and `v1.2.3-rc.1`; deployment tags are of another kind.
fn version_of(tag: &str) -> anyhow::Result<String> {
    let version = tag
        .strip_prefix('v')
        .with_context(|| format!("the tag {tag:?} does not begin with v"))?;
    let (numbers, rest) = version.split_once('-').unwrap_or((version, ""));
    let number = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
            && !part.is_empty()
    };
    ensure!(
        numbers.split('.').count() == 3 && numbers.split('.').all(number),
        "the tag {tag:?} is no version: vX.Y.Z"
    );
    if matches!(rest, "staging" | "prod") {
        bail!("{tag:?} is a tag for deployment, not a release");
    }
    Ok(version.to_owned())
}

fn agree(version: &str) -> anyhow::Result<()> {
    let chart: Value = serde_saphyr::from_str(&read(CHART)?).context(CHART)?;
    let places = [
        ("Cargo.toml", Some(env!("CARGO_PKG_VERSION"))),
        ("the chart's version", chart["version"].as_str()),
        ("the chart's appVersion", chart["appVersion"].as_str()),
    ];
    for (place, found) in places {
        ensure!(
            found == Some(version),
            "{place} is {}, the tag says {version}",
            found.unwrap_or("missing")
        );
    }
    Ok(())
}

/// What stands below the version's heading.
fn notes(changelog: &str, version: &str) -> anyhow::Result<String> {
    let heading = |line: &&str| {
        line.strip_prefix("## ")
            .map(|title| title.trim_start_matches('['))
            .and_then(|title| title.split([']', ' ']).next())
            == Some(version)
    };
    let mut lines = changelog.lines().skip_while(|line| !heading(line));
    lines
        .next()
        .with_context(|| format!("CHANGELOG.md has no heading `## {version}`"))?;
    let body: Vec<_> = lines.take_while(|line| !line.starts_with("## ")).collect();
    let text = body.join("\n").trim().to_owned();
    ensure!(
        !text.is_empty(),
        "CHANGELOG.md says nothing below `## {version}`"
    );
    Ok(format!("{text}\n"))
}

fn read(file: &str) -> anyhow::Result<String> {
    fs::read_to_string(workspace::root().join(file)).with_context(|| format!("reading {file}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_for_deployment_are_no_versions() {
        assert_eq!(version_of("v1.2.3").unwrap(), "1.2.3");
        assert_eq!(version_of("v1.2.3-rc.1").unwrap(), "1.2.3-rc.1");
        for tag in [
            "1.2.3",
            "v1.2",
            "v1.02.3",
            "v1.2.3-prod",
            "v1.2.3-staging",
            "v1.2.x",
        ] {
            assert!(version_of(tag).is_err(), "{tag}");
        }
    }

    #[test]
    fn notes_are_those_of_the_version() {
        let log =
            "# Changes\n\n## [1.1.0] - 2026-12-01\n\n- new\n\n## 1.0.0\n\n- first\n\n## [0.9.0]\n";
        assert_eq!(notes(log, "1.1.0").unwrap(), "- new\n");
        assert_eq!(notes(log, "1.0.0").unwrap(), "- first\n");
        assert!(
            notes(log, "0.9.0")
                .unwrap_err()
                .to_string()
                .contains("nothing")
        );
        assert!(notes(log, "1.0").is_err());
    }
}
