//! Whether the dashboards of the service's own metrics have something to show, and their pictures.

use std::{collections::BTreeSet, process::Command};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{
    boards::{self, Query},
    live::Stage,
    promql,
    rules::RuleFile,
    sources::{BOARDS, Sources},
};
use crate::{python_tool::PythonTool, workspace};

const MATPLOTLIB: PythonTool = PythonTool {
    folder: "matplotlib-3.11.2",
    packages: &["matplotlib==3.11.2"],
};

/// The boards that the service's own metrics feed.
const OWN: [&str; 2] = ["application", "business"];
/// What a rate looks at: several scrapes.
const WINDOW: &str = "20s";

/// Asks Prometheus every query of these boards, and each recording rule of the service's own metrics.
pub(super) fn answered(sources: &Sources, stage: &mut Stage) -> anyhow::Result<Vec<String>> {
    stage.alive()?;
    let rules = sources.rules()?;
    let mut faults = Vec::new();
    let mut asked = 0;
    for (name, query) in own_queries(sources, &rules)? {
        asked += 1;
        let expression = query.settled(WINDOW);
        if !has_number(&stage.ask(&expression)?) {
            faults.push(format!(
                "{name} {:?} has nothing to show: {expression}",
                query.title
            ));
        }
    }
    for (name, rule) in rules.records() {
        if is_own(&rule.expr, &rules, &sources.exposition) {
            asked += 1;
            if !has_number(&stage.ask(name)?) {
                faults.push(format!("{name} records nothing"));
            }
        }
    }
    println!("      {asked} queries asked of Prometheus");
    Ok(faults)
}

/// The queries of the two boards that need nobody else's series.
fn own_queries(sources: &Sources, rules: &RuleFile) -> anyhow::Result<Vec<(&'static str, Query)>> {
    let mut queries = Vec::new();
    for name in OWN {
        let board = sources.json(&format!("{BOARDS}/{name}.json"))?;
        for query in boards::queries(&board) {
            let marks_releases = board["annotations"]["list"]
                .as_array()
                .is_some_and(|list| list.iter().any(|note| note["name"] == query.title.as_str()));
            if !marks_releases && is_own(&query.settled(WINDOW), rules, &sources.exposition) {
                queries.push((name, query));
            }
        }
    }
    Ok(queries)
}

/// Whether an expression needs only what the service exposes, directly or by recording rules.
fn is_own(expression: &str, rules: &RuleFile, exposition: &str) -> bool {
    promql::names(expression).metrics.keys().all(|metric| {
        let recorded = rules.records().find(|(name, _)| name == metric);
        match recorded {
            Some((_, rule)) => is_own(&rule.expr, rules, exposition),
            None => metric == "up" || exposed(exposition, metric),
        }
    })
}

fn exposed(exposition: &str, metric: &str) -> bool {
    let follows = |rest: &str| rest.starts_with('{') || rest.starts_with(' ');
    exposition
        .lines()
        .any(|line| line.strip_prefix(metric).is_some_and(follows))
}

/// Whether any of the series has a value that can be drawn.
fn has_number(series: &[Value]) -> bool {
    let number = |one: &Value| one["value"][1].as_str()?.parse::<f64>().ok();
    series.iter().filter_map(number).any(f64::is_finite)
}

/// Draws the two boards into `docs/images`.
pub(super) fn draw(sources: &Sources, stage: &Stage) -> anyhow::Result<()> {
    let python = MATPLOTLIB.bin()?.join("python");
    let rules = sources.rules()?;
    let own = own_queries(sources, &rules)?;
    let (began, ended) = stage.span();
    for name in OWN {
        let titles: BTreeSet<_> = own
            .iter()
            .filter(|(board, _)| *board == name)
            .map(|(_, query)| query.title.as_str())
            .collect();
        let mut command = Command::new(&python);
        command
            .arg("tests/monitoring/draw.py")
            .args(["--prometheus", &stage.url()])
            .args(["--from", &began.to_string(), "--to", &ended.to_string()])
            .args(["--board", &format!("{BOARDS}/{name}.json")])
            .args(["--picture", &format!("docs/images/{name}.png")])
            .args(titles)
            .current_dir(workspace::root());
        let status = command.status().context("starting draw.py")?;
        ensure!(
            status.success(),
            "docs/images/{name}.png could not be drawn"
        );
    }
    Ok(())
}
