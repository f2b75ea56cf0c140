//! Fluent Bit's configuration as it is installed: its options, its way from input to log group, its parsers.

mod config;
mod engine;
mod options;
mod pipeline;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use self::config::Section;
use super::{charts, facts::Facts, values};

/// The release whose values hold it.
const RELEASE: &str = "fluent-bit";

/// Lines as containerd writes them, of the service itself: a start, requests, a stop, one line of 18 kB in two parts with
/// the other stream between them, the faults of a bad configuration, an unknown command.
const RECORDED: &str = include_str!("recorded.cri.log");

/// Multiline parsers that Fluent Bit brings.
const BUILT_IN: &[&str] = &["cri", "docker", "go", "java", "python", "ruby"];

/// The whole configuration of an environment, by part: service, inputs, filters, outputs, customParsers.
pub(super) fn of(facts: &Facts) -> anyhow::Result<Value> {
    let chart = charts::list()?
        .into_iter()
        .find(|chart| chart.release == RELEASE)
        .with_context(|| format!("charts.yaml has no release {RELEASE}"))?;
    Ok(values::of(&chart, facts)?["config"].take())
}

/// Everything that can be known without the program.
pub(super) fn check(facts: &Facts, config: &Value) -> anyhow::Result<()> {
    let part = |name: &str| -> anyhow::Result<Vec<Section>> {
        let text = config[name]
            .as_str()
            .with_context(|| format!("the values have no config.{name}"))?;
        config::parse(text).with_context(|| format!("config.{name}"))
    };
    let (inputs, filters, outputs) = (part("inputs")?, part("filters")?, part("outputs")?);
    let (service, parsers) = (part("service")?, part("customParsers")?);
    for section in [&service, &inputs, &filters, &outputs, &parsers]
        .into_iter()
        .flatten()
    {
        options::known(section)?;
    }
    settings(&service, &inputs, &filters)?;
    ways(&inputs, &filters, &outputs)?;
    groups(facts, &outputs)?;
    parsers_exist(&inputs, &filters, &parsers)?;
    recorded(&filters, &parsers)
}

/// The numbers and switches that were decided.
fn settings(service: &[Section], inputs: &[Section], filters: &[Section]) -> anyhow::Result<()> {
    let service = service.first().context("there is no [SERVICE]")?;
    is(service, "flush", "5")?;
    for input in inputs {
        is(input, "multiline.parser", "cri")?;
        is(input, "mem_buf_limit", "5MB")?;
        is(input, "skip_long_lines", "On")?;
    }
    for filter in named(filters, "kubernetes") {
        is(filter, "merge_log", "On")?;
        is(filter, "keep_log", "Off")?;
    }
    let places: BTreeSet<_> = inputs
        .iter()
        .map(|input| input.want("db"))
        .collect::<Result<_, _>>()?;
    ensure!(
        places.len() == inputs.len(),
        "two inputs share a DB: each would forget where the other stopped"
    );
    Ok(())
}

fn named<'a>(sections: &'a [Section], name: &'a str) -> impl Iterator<Item = &'a Section> {
    sections
        .iter()
        .filter(move |section| section.get("name") == Some(name))
}

fn is(section: &Section, key: &str, wanted: &str) -> anyhow::Result<()> {
    let found = section.want(key)?;
    ensure!(
        found.eq_ignore_ascii_case(wanted),
        "[{}] {}: {key} is {found}, not {wanted}",
        section.kind,
        section.get("alias").unwrap_or_default()
    );
    Ok(())
}

/// Each input's tag leads through its filters to exactly one output; no section waits for a tag that does not exist.
fn ways(inputs: &[Section], filters: &[Section], outputs: &[Section]) -> anyhow::Result<()> {
    let tags: Vec<_> = inputs
        .iter()
        .map(|input| input.want("tag"))
        .collect::<Result<_, _>>()?;
    for section in filters.iter().chain(outputs) {
        let wanted = section.want("match")?;
        ensure!(
            tags.contains(&wanted),
            "[{}] waits for {wanted}, which no input says",
            section.kind
        );
    }
    for tag in tags {
        let count = outputs
            .iter()
            .filter(|output| output.get("match") == Some(tag))
            .count();
        ensure!(count == 1, "{tag} goes to {count} outputs");
        let order: Vec<_> = filters
            .iter()
            .filter(|filter| filter.get("match") == Some(tag))
            .map(|filter| filter.get("name").unwrap_or_default())
            .collect();
        ensure!(
            order == ["multiline", "kubernetes"],
            "{tag} passes {order:?}: lines are joined before they are read as JSON"
        );
        // The tag's star stands for the file's path, slashes written as points.
        let prefix = format!("{}var.log.containers.", tag.trim_end_matches('*'));
        for filter in named(filters, "kubernetes").filter(|filter| filter.get("match") == Some(tag))
        {
            is(filter, "kube_tag_prefix", &prefix)?;
        }
    }
    Ok(())
}

/// Terraform made the groups, with key and retention; a group made here would have neither.
fn groups(facts: &Facts, outputs: &[Section]) -> anyhow::Result<()> {
    for output in outputs {
        let alias = output.want("alias")?;
        is(output, "auto_create_group", "Off")?;
        is(
            output,
            "log_group_name",
            &facts.text(&format!("helm.log_group_names.{alias}"))?,
        )?;
        is(
            output,
            "log_stream_prefix",
            &format!("{}-", facts.environment),
        )?;
        is(output, "region", &facts.text("workflows.aws_region")?)?;
    }
    Ok(())
}

fn parsers_exist(
    inputs: &[Section],
    filters: &[Section],
    parsers: &[Section],
) -> anyhow::Result<()> {
    for section in inputs.iter().chain(filters) {
        for name in section
            .get("multiline.parser")
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
        {
            let known = name.is_empty()
                || BUILT_IN.contains(&name)
                || named(parsers, name).next().is_some();
            ensure!(known, "there is no multiline parser {name:?}");
        }
    }
    Ok(())
}

/// The recorded lines come out as they should.
fn recorded(filters: &[Section], parsers: &[Section]) -> anyhow::Result<()> {
    let filter = named(filters, "multiline")
        .find(|filter| filter.get("match") == Some("application.*"))
        .context("no multiline filter for application.*")?;
    let name = filter.want("multiline.parser")?;
    let parser = named(parsers, name)
        .next()
        .with_context(|| format!("{name:?} of the service's lines is no parser of ours"))?;
    let by_stream = parser.get("key_group") == Some("stream");
    let parts = pipeline::joined_parts(RECORDED)?;
    let lines = pipeline::joined_lines(&parts, &config::rules(parser)?, by_stream)?;
    let records: Vec<_> = lines.iter().map(pipeline::merged).collect();
    expected(&records)
}

/// Every line of the log is a record with its own fields, and the faults are one record.
fn expected(records: &[serde_json::Map<String, Value>]) -> anyhow::Result<()> {
    let (text, json): (Vec<_>, Vec<_>) = records
        .iter()
        .partition(|record| record.contains_key("log"));
    for record in &json {
        for key in ["timestamp", "level", "message", "target", "stream"] {
            ensure!(
                record.contains_key(key),
                "a record of the log has no {key}: {record:?}"
            );
        }
    }
    let long = json
        .iter()
        .filter_map(|record| record.get("user_agent")?.as_str());
    ensure!(
        long.map(str::len).max() == Some(9000),
        "the line in two parts did not come out whole"
    );
    let faults: Vec<_> = text
        .iter()
        .filter_map(|record| record["log"].as_str())
        .filter(|log| log.contains("is not set"))
        .collect();
    ensure!(
        matches!(faults[..], [one] if one.starts_with("expense-backend: the configuration has 5 faults:\n")
            && one.lines().count() == 6),
        "the faults of the configuration did not come out as one record of six lines: {faults:?}"
    );
    ensure!(
        text.iter()
            .any(|record| record["log"] == "error: unrecognized subcommand 'bogus'"),
        "a line of text did not stay alone"
    );
    let count = RECORDED.lines().count();
    // One line was in two parts, and five lines joined the one before them.
    ensure!(
        records.len() == count - 6,
        "{count} lines became {} records",
        records.len()
    );
    Ok(())
}
