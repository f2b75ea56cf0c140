//! Helm ignores a key that a chart does not have. So each key in use is listed with the place where it was seen.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::Value;

use super::{
    charts::{self, Chart},
    values,
};

/// What ends a key below which the chart hands on whatever stands there.
const OPEN: &str = ".**";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    #[serde(rename = "about")]
    _about: String,
    charts: BTreeMap<String, Seen>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    /// Of the chart that was looked at.
    version: String,
    /// Where its files were read: repository, commit, path.
    files: BTreeMap<String, String>,
    /// Key, and `file:line`.
    keys: BTreeMap<String, String>,
}

/// The committed list.
pub(super) fn known() -> anyhow::Result<Known> {
    let path = charts::folder().join("keys.json");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

/// Fails where a values file names a key that is not listed, a listed one is not used, or the version differs.
pub(super) fn check(charts: &[Chart], known: &Known) -> anyhow::Result<usize> {
    let mut used: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut faults = Vec::new();
    for chart in charts {
        let Some(seen) = known.charts.get(&chart.chart) else {
            faults.push(format!("no key of {} was ever looked up", chart.chart));
            continue;
        };
        if seen.version != chart.version {
            faults.push(format!(
                "{} is installed at {}, but its keys were looked up at {}",
                chart.chart, chart.version, seen.version
            ));
        }
        for (place, key) in keys_of(chart)? {
            match matching(seen, &key) {
                Some(entry) => {
                    used.entry(&chart.chart).or_default().insert(entry);
                }
                None => faults.push(format!("{place}: {} has no key {key}", chart.chart)),
            }
        }
    }
    let mut count = 0;
    for (chart, seen) in &known.charts {
        let used = used.get(chart.as_str());
        for (key, place) in &seen.keys {
            count += 1;
            if !used.is_some_and(|used| used.contains(key.as_str())) {
                faults.push(format!("{chart}: {key} is listed and not used"));
            }
            if !has_place(seen, place) {
                faults.push(format!(
                    "{chart}: {key} says no place where it was seen: {place:?}"
                ));
            }
        }
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(count)
}

fn has_place(seen: &Seen, place: &str) -> bool {
    place.rsplit_once(':').is_some_and(|(file, line)| {
        line.parse::<u32>().is_ok_and(|line| line > 0)
            && seen
                .files
                .get(file)
                .is_some_and(|at| at.starts_with("github.com/"))
    })
}

fn matching<'a>(seen: &'a Seen, key: &str) -> Option<&'a str> {
    seen.keys
        .keys()
        .map(String::as_str)
        .find(|entry| match entry.strip_suffix(OPEN) {
            Some(above) => key
                .strip_prefix(above)
                .is_some_and(|rest| rest.starts_with('.')),
            None => *entry == key,
        })
}

/// Every key that its files set, and those of its account, each with the file.
fn keys_of(chart: &Chart) -> anyhow::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for file in &chart.values {
        let mut keys = Vec::new();
        leaves(&values::read(file)?, "", &mut keys);
        found.extend(keys.into_iter().map(|key| (format!("values/{file}"), key)));
    }
    if let Some(account) = &chart.service_account {
        let place = "charts.yaml".to_owned();
        found.push((place.clone(), account.name.clone()));
        found.push((place, format!("{}.role", account.annotations)));
    }
    Ok(found)
}

/// Lists are values: what stands in them is Kubernetes', not the chart's.
fn leaves(value: &Value, above: &str, into: &mut Vec<String>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let path = if above.is_empty() {
                    key.clone()
                } else {
                    format!("{above}.{key}")
                };
                leaves(value, &path, into);
            }
        }
        _ => into.push(above.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list with one thing changed, which must be found.
    fn refused(change: impl Fn(&mut Vec<Chart>, &mut Known), wanted: &str) {
        let (mut charts, mut known) = (charts::list().unwrap(), known().unwrap());
        change(&mut charts, &mut known);
        let error = check(&charts, &known).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }

    #[test]
    fn every_key_in_use_was_seen_in_its_chart() {
        assert!(check(&charts::list().unwrap(), &known().unwrap()).unwrap() > 150);
    }

    #[test]
    fn an_unseen_key_another_version_and_a_stale_entry_are_refused() {
        refused(
            |_, known| {
                let seen = known.charts.get_mut("fluent-bit").unwrap();
                seen.keys.remove("tolerations");
            },
            "values/fluent-bit.yaml: fluent-bit has no key tolerations",
        );
        refused(
            |charts, _| charts[0].version = "99.0.0".to_owned(),
            "looked up at",
        );
        refused(
            |_, known| {
                let seen = known.charts.get_mut("external-dns").unwrap();
                seen.keys
                    .insert("sourcs".to_owned(), "values.yaml:1".to_owned());
            },
            "external-dns: sourcs is listed and not used",
        );
        refused(
            |_, known| {
                let seen = known.charts.get_mut("external-dns").unwrap();
                seen.keys
                    .insert("policy".to_owned(), "somewhere".to_owned());
            },
            "says no place",
        );
    }

    #[test]
    fn an_open_key_covers_what_is_below_it_and_nothing_beside() {
        let known = known().unwrap();
        let seen = &known.charts["fluent-bit"];
        assert!(matching(seen, "resources.limits.memory").is_some());
        assert!(matching(seen, "resourcesx.limits").is_none());
        assert!(matching(seen, "resources").is_none());
    }
}
