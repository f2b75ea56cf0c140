//! What happens to a container's lines: parts joined, indented text joined, JSON merged.
//!
//! The program itself cannot be run in these checks. Its steps are followed here after its sources at v5.1.1; its regular
//! expressions are the shipped ones, matched by its own engine.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

use super::{config::Rule, engine};

/// `multiline.parser cri`: fluent/fluent-bit v5.1.1, `src/multiline/flb_ml_parser_cri.c`.
const CRI: &str = "^(?<time>.+?) (?<stream>stdout|stderr) (?<_p>F|P) (?<log>.*)$";

/// The state in which a multiline parser begins.
const START: &str = "start_state";

/// A record, between two steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) stream: String,
    pub(super) log: String,
}

/// `tail` with `multiline.parser cri`: a part (P) waits for the rest of its stream.
pub(super) fn joined_parts(lines: &str) -> anyhow::Result<Vec<Record>> {
    let pairs: Vec<_> = lines.lines().map(|line| (CRI, line)).collect();
    let mut waiting: BTreeMap<String, String> = BTreeMap::new();
    let mut records = Vec::new();
    for (groups, (_, line)) in engine::matches(&pairs)?.into_iter().zip(&pairs) {
        let groups = groups.with_context(|| format!("this is no line of the CRI: {line}"))?;
        let group = |name: &str| groups.get(name).cloned().flatten().unwrap_or_default();
        let stream = group("stream");
        let log = waiting.entry(stream.clone()).or_default();
        log.push_str(&group("log"));
        if group("_p") == "F" {
            let log = std::mem::take(log);
            records.push(Record { stream, log });
        }
    }
    if waiting.values().any(|log| !log.is_empty()) {
        bail!("a part of a line never got its end");
    }
    Ok(records)
}

/// The filter `multiline` with a parser of ours; `by_stream`: whether the parser keeps the streams apart.
pub(super) fn joined_lines(
    records: &[Record],
    rules: &[Rule],
    by_stream: bool,
) -> anyhow::Result<Vec<Record>> {
    let pairs: Vec<_> = records
        .iter()
        .flat_map(|record| {
            rules
                .iter()
                .map(|rule| (rule.pattern.as_str(), record.log.as_str()))
        })
        .collect();
    let found = engine::matches(&pairs)?;
    let fits = |record: usize, rule: usize| found[record * rules.len() + rule].is_some();
    let mut open: BTreeMap<&str, (Record, &Rule)> = BTreeMap::new();
    let mut out = Vec::new();
    for (at, record) in records.iter().enumerate() {
        let group = if by_stream {
            record.stream.as_str()
        } else {
            ""
        };
        if let Some((text, last)) = open.get_mut(group) {
            let next = (0..rules.len()).find(|&rule| {
                rules[rule].state == last.next && rules[rule].state != START && fits(at, rule)
            });
            if let Some(rule) = next {
                text.log.push('\n');
                text.log.push_str(&record.log);
                *last = &rules[rule];
                continue;
            }
        }
        out.extend(open.remove(group).map(|(text, _)| text));
        match (0..rules.len()).find(|&rule| rules[rule].state == START && fits(at, rule)) {
            Some(rule) => {
                open.insert(group, (record.clone(), &rules[rule]));
            }
            None => out.push(record.clone()),
        }
    }
    out.extend(open.into_values().map(|(text, _)| text));
    Ok(out)
}

/// The filter `kubernetes` with `Merge_Log On` and `Keep_Log Off`: a JSON object's fields stand in the record.
pub(super) fn merged(record: &Record) -> Map<String, Value> {
    let mut out = Map::from_iter([("stream".to_owned(), Value::String(record.stream.clone()))]);
    match serde_json::from_str::<Map<String, Value>>(&record.log) {
        Ok(fields) => out.extend(fields),
        Err(_) => {
            out.insert("log".to_owned(), Value::String(record.log.clone()));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_two_streams_are_not_mixed() {
        let lines = "t1 stdout P a\nt2 stderr F x\nt3 stdout P b\nt4 stdout F c\nt5 stdout F ";
        let records = joined_parts(lines).unwrap();
        let logs: Vec<_> = records.iter().map(|record| record.log.as_str()).collect();
        assert_eq!(logs, ["x", "abc", ""]);
    }

    #[test]
    fn other_formats_and_ends_that_never_come_are_refused() {
        assert!(joined_parts(r#"{"log":"x\n","stream":"stdout"}"#).is_err());
        assert!(joined_parts("t1 stdout P a").is_err());
    }
}
