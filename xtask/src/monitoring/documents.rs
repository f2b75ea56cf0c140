//! The pages that people read: a runbook for each alert, and a table of them that is true.

use std::collections::BTreeMap;

use super::sources::{DOCUMENT, RUNBOOK, Sources};

/// What each runbook says.
const PARTS: [&str; 4] = ["**Means.**", "**First look.**", "```sh\n", "**Way out.**"];

/// Whether each alert leads to a heading that exists, with all parts below it, and no heading is left over.
pub(super) fn runbooks(sources: &Sources) -> anyhow::Result<Vec<String>> {
    let rules = sources.rules()?;
    let mut sections = sections(sources.text(RUNBOOK)?);
    let mut faults = Vec::new();
    for (name, alert) in rules.alerts() {
        let url = alert.says("runbook_url");
        let Some((page, fragment)) = url.split_once('#') else {
            faults.push(format!("{name}: {url:?} names no heading"));
            continue;
        };
        if !page.ends_with(&format!("/blob/main/{RUNBOOK}")) || fragment != name.to_lowercase() {
            faults.push(format!("{name}: its runbook is {url}"));
        }
        let Some(text) = sections.remove(name) else {
            faults.push(format!("{RUNBOOK} has no heading {name}"));
            continue;
        };
        for part in PARTS {
            if !text.contains(part) {
                faults.push(format!("{RUNBOOK}: {name} has no {}", part.trim()));
            }
        }
    }
    for left in sections.keys() {
        faults.push(format!(
            "{RUNBOOK} has a heading {left}, and there is no such alert"
        ));
    }
    Ok(faults)
}

/// The texts below headings of the second rank.
fn sections(text: &str) -> BTreeMap<&str, String> {
    let mut sections = BTreeMap::new();
    for part in text.split("\n## ").skip(1) {
        let (heading, below) = part.split_once('\n').unwrap_or((part, ""));
        sections.insert(heading.trim(), below.to_owned());
    }
    sections
}

/// Whether the table has a true line for each alert, and no other.
pub(super) fn table(sources: &Sources) -> anyhow::Result<Vec<String>> {
    let rules = sources.rules()?;
    let wanted: Vec<String> = rules
        .alerts()
        .map(|(name, alert)| {
            format!(
                "| [{name}](runbooks/alerts.md#{}) | {} | {} | {} |",
                name.to_lowercase(),
                alert.says("severity"),
                alert.waits.as_deref().unwrap_or_default(),
                alert.says("summary"),
            )
        })
        .collect();
    let page = sources.text(DOCUMENT)?;
    let found: Vec<&str> = page
        .lines()
        .filter(|line| line.contains("](runbooks/alerts.md#"))
        .collect();
    let missing = wanted.iter().filter(|line| !found.contains(&line.as_str()));
    let mut faults: Vec<_> = missing
        .map(|line| format!("{DOCUMENT} lacks {line}"))
        .collect();
    let left = found
        .iter()
        .filter(|line| !wanted.iter().any(|other| other == *line));
    faults.extend(left.map(|line| format!("{DOCUMENT} is wrong: {line}")));
    Ok(faults)
}
