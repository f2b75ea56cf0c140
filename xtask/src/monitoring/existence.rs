//! Whether every metric and label that is named anywhere exists: ours in what the running service shows, those of other
//! programs in a dated list, CloudWatch's by the exporter's own way of making names.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use serde_json::Value;

use super::{
    boards, cloudwatch,
    promql::{self, Names},
    rules::RuleFile,
    sources::{PLATFORM, SERVICE_MONITOR, Sources, THIRD_PARTY},
};

/// Labels that Prometheus gives to whatever it scrapes by a ServiceMonitor.
const TARGET: [&str; 6] = [
    "container",
    "instance",
    "job",
    "namespace",
    "pod",
    "service",
];

type Known = BTreeMap<String, BTreeSet<String>>;

/// Looks up every name of rules, dashboards and the autoscaler's adapter.
pub(super) fn proved(sources: &Sources) -> anyhow::Result<Vec<String>> {
    let rules = sources.rules()?;
    let known = known(sources, &rules)?;
    let mut faults = Vec::new();
    for rule in rules.all() {
        let used = |text: &str| words_after(text, "$labels.");
        let labels: BTreeSet<_> = rule
            .annotations
            .values()
            .flat_map(|text| used(text))
            .collect();
        faults.extend(unknown(&known, rule.name(), &rule.expr, &labels));
    }
    for (path, board) in sources.boards()? {
        for query in boards::queries(&board) {
            let place = format!("{path} {:?}", query.title);
            let labels = words_after(&query.legend, "{{");
            faults.extend(unknown(&known, &place, &query.settled("1m"), &labels));
        }
    }
    for (path, text) in sources.below(PLATFORM) {
        let series = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- seriesQuery: "));
        for expression in series {
            faults.extend(unknown(&known, path, expression, &BTreeSet::new()));
        }
    }
    Ok(faults)
}

/// A metric of ours has a label `endpoint`, and so has each target of a ServiceMonitor: ours must win.
pub(super) fn scraped(sources: &Sources) -> anyhow::Result<Vec<String>> {
    let monitor = sources.text(SERVICE_MONITOR)?;
    let wins = monitor
        .lines()
        .any(|line| line.trim() == "honorLabels: true");
    let fault = format!(
        "{SERVICE_MONITOR} does not say honorLabels: true: Prometheus would call the route exported_endpoint"
    );
    Ok(if wins { Vec::new() } else { vec![fault] })
}

fn known(sources: &Sources, rules: &RuleFile) -> anyhow::Result<Known> {
    let mut known = exposed(&sources.exposition);
    let listed = sources.json(THIRD_PARTY)?;
    let exporters = listed["exporters"].as_array();
    for exporter in exporters.context("third_party.json lists no exporters")? {
        let metrics = exporter["metrics"].as_object();
        for (metric, labels) in metrics.context("an exporter has no metrics")? {
            known.insert(metric.clone(), texts(labels));
        }
    }
    known.extend(cloudwatch::series(sources)?);
    // A record may use another one that stands below it.
    for _ in 0..2 {
        for (name, rule) in rules.records() {
            let labels = labels_of(&promql::names(&rule.expr), &known);
            known.insert(name.to_owned(), labels);
        }
    }
    Ok(known)
}

/// The metrics of an exposition with their labels.
fn exposed(text: &str) -> Known {
    let mut known = Known::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        for (metric, labels) in promql::names(line).metrics {
            let entry = known.entry(metric).or_default();
            entry.extend(labels);
            entry.extend(TARGET.map(str::to_owned));
        }
    }
    known
}

/// What the result of an expression can be labelled with.
fn labels_of(names: &Names, known: &Known) -> BTreeSet<String> {
    let mut labels: BTreeSet<_> = names.grouped.union(&names.made).cloned().collect();
    if names.grouped.is_empty() {
        let from = names.metrics.keys().filter_map(|metric| known.get(metric));
        labels.extend(from.flatten().cloned());
    }
    labels
}

/// What an expression, or the text beside it, names and nobody exposes.
fn unknown(known: &Known, place: &str, expression: &str, beside: &BTreeSet<String>) -> Vec<String> {
    let names = promql::names(expression);
    let mut faults = Vec::new();
    let mut possible = names.made.clone();
    for (metric, matched) in &names.metrics {
        let Some(labels) = known.get(metric) else {
            faults.push(format!("{place}: nobody exposes {metric}"));
            continue;
        };
        for label in matched.difference(labels) {
            faults.push(format!("{place}: {metric} has no label {label}"));
        }
        possible.extend(labels.iter().cloned());
    }
    // Histograms have it in their buckets.
    possible.insert("le".to_owned());
    for label in names.grouped.union(beside) {
        if !possible.contains(label) {
            faults.push(format!("{place}: no metric there has a label {label}"));
        }
    }
    faults
}

/// The words that follow a mark.
fn words_after(text: &str, mark: &str) -> BTreeSet<String> {
    let word = |rest: &str| {
        let rest = rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        rest[..end.unwrap_or(rest.len())].to_owned()
    };
    text.split(mark)
        .skip(1)
        .map(word)
        .filter(|word| !word.is_empty())
        .collect()
}

fn texts(list: &Value) -> BTreeSet<String> {
    let texts = list.as_array().into_iter().flatten();
    texts.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nobody_exposes_is_found() {
        let known = exposed("# TYPE a counter\na{x=\"1\"} 5\nb_bucket{le=\"0.2\"} 1\n");
        let faults = |expression: &str, beside: &str| {
            let beside = words_after(beside, "{{");
            unknown(&known, "here", expression, &beside).join("; ")
        };
        assert_eq!(
            faults("sum by (x, pod) (rate(a{x=\"1\"}[5m]))", "{{x}}"),
            ""
        );
        assert_eq!(faults("a_total", ""), "here: nobody exposes a_total");
        assert_eq!(faults("a{z=\"1\"}", ""), "here: a has no label z");
        assert_eq!(
            faults("sum by (z) (a)", ""),
            "here: no metric there has a label z"
        );
        assert_eq!(
            faults("a", "{{ z }}"),
            "here: no metric there has a label z"
        );
    }
}
