//! Whether promtool's cases try each alert enough: one that fires, one that does not, one at the edge.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::Value;

use super::sources::{CASES, Sources};

/// How often an alert is tried.
#[derive(Default)]
struct Tried {
    fires: usize,
    silent: usize,
    edge: usize,
}

/// Counts the cases of every alert.
pub(super) fn enough(sources: &Sources) -> anyhow::Result<Vec<String>> {
    let rules = sources.rules()?;
    let mut faults = Vec::new();
    let mut tried = BTreeMap::<String, Tried>::new();
    for (path, text) in sources.below(CASES) {
        let file: Value = serde_saphyr::from_str(text).with_context(|| path.to_owned())?;
        let groups = file["tests"].as_array();
        for group in groups.with_context(|| format!("{path} has no tests"))? {
            if let Err(fault) = count(group, &mut tried) {
                faults.push(format!("{path}: {fault}"));
            }
        }
    }
    for (name, _) in rules.alerts() {
        let found = tried.remove(name).unwrap_or_default();
        for (kind, count) in [
            ("fires", found.fires),
            ("is silent", found.silent),
            ("edge", found.edge),
        ] {
            if count == 0 {
                faults.push(format!("{name} has no case of the kind \"{kind}\""));
            }
        }
    }
    faults.extend(
        tried
            .keys()
            .map(|name| format!("{name} is tried, and there is no such alert")),
    );
    Ok(faults)
}

/// Adds a group, whose name says what it tries: `Alert fires: …`, `Alert is silent: …`, `Alert edge: …`.
fn count(group: &Value, tried: &mut BTreeMap<String, Tried>) -> Result<(), String> {
    let title = group["name"].as_str().unwrap_or_default();
    let (subject, _) = title
        .split_once(": ")
        .ok_or(format!("{title:?} does not say what it tries"))?;
    let (alert, kind) = subject
        .split_once(' ')
        .ok_or(format!("{title:?} names no alert"))?;
    let cases = group["alert_rule_test"]
        .as_array()
        .ok_or(format!("{title:?} asks nothing"))?;
    let expects = |case: &Value| {
        case["exp_alerts"]
            .as_array()
            .is_some_and(|list| !list.is_empty())
    };
    if cases.iter().any(|case| case["alertname"] != alert) {
        return Err(format!("{title:?} asks for another alert"));
    }
    let fires = cases.iter().any(expects);
    let found = tried.entry(alert.to_owned()).or_default();
    match kind {
        "fires" if fires => found.fires += cases.len(),
        "is silent" if !fires => found.silent += cases.len(),
        "edge" => found.edge += cases.len(),
        _ => return Err(format!("{title:?} does not do what its name says")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_does_what_its_name_says() {
        let group = |name: &str, expected: Value| serde_json::json!({"name": name, "alert_rule_test": [{"alertname": "A", "exp_alerts": expected}]});
        let none = serde_json::json!([]);
        let one = serde_json::json!([{}]);
        let mut tried = BTreeMap::new();
        assert!(count(&group("A fires: x", one.clone()), &mut tried).is_ok());
        assert!(count(&group("A is silent: x", none.clone()), &mut tried).is_ok());
        assert!(count(&group("A edge: x", none.clone()), &mut tried).is_ok());
        assert!(count(&group("A fires: x", none), &mut tried).is_err());
        assert!(count(&group("A is silent: x", one.clone()), &mut tried).is_err());
        assert!(count(&group("B fires: x", one), &mut tried).is_err());
        assert_eq!(
            (tried["A"].fires, tried["A"].silent, tried["A"].edge),
            (1, 1, 1)
        );
    }
}
