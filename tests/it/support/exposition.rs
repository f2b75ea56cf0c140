//! Prometheus text, read.

use std::collections::{BTreeMap, BTreeSet};

/// The samples of one scrape.
#[derive(Debug)]
pub(crate) struct Scrape {
    types: BTreeMap<String, String>,
    samples: Vec<Sample>,
}

/// One line.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// With `_bucket`, `_sum` or `_count`, where it has one.
    pub(crate) name: String,
    /// Its labels.
    pub(crate) labels: BTreeMap<String, String>,
    /// The number as it is written.
    pub(crate) value: String,
}

impl Scrape {
    /// Reads the text; fails at a line that is none.
    pub(crate) fn parse(text: &str) -> Self {
        let mut scrape = Self {
            types: BTreeMap::new(),
            samples: Vec::new(),
        };
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                let twice = scrape.types.insert(name.to_owned(), kind.to_owned());
                assert_eq!(twice, None, "{name} is declared twice");
            } else if !line.starts_with('#') {
                scrape.samples.push(sample(line));
            }
        }
        scrape
    }

    /// The declared type.
    pub(crate) fn kind(&self, name: &str) -> Option<&str> {
        self.types.get(name).map(String::as_str)
    }

    /// Every declared name.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.types.keys().map(String::as_str).collect()
    }

    /// Every sample of a name.
    pub(crate) fn all(&self, name: &str) -> Vec<&Sample> {
        self.samples
            .iter()
            .filter(|sample| sample.name == name)
            .collect()
    }

    /// The sum of the samples that carry these labels, as a whole number.
    pub(crate) fn count(&self, name: &str, labels: &[(&str, &str)]) -> i64 {
        self.all(name)
            .iter()
            .filter(|sample| {
                labels.iter().all(|(label, value)| {
                    sample.labels.get(*label).map(String::as_str) == Some(value)
                })
            })
            .map(|sample| sample.value.parse::<i64>().unwrap())
            .sum()
    }

    /// The values that a label has.
    pub(crate) fn values(&self, name: &str, label: &str) -> BTreeSet<String> {
        self.all(name)
            .iter()
            .map(|sample| sample.labels[label].clone())
            .collect()
    }
}

fn sample(line: &str) -> Sample {
    let (series, value) = line
        .rsplit_once(' ')
        .unwrap_or_else(|| panic!("no sample: {line}"));
    let (name, labels) = match series.split_once('{') {
        Some((name, rest)) => (name, rest.strip_suffix('}').unwrap()),
        None => (series, ""),
    };
    Sample {
        name: name.to_owned(),
        labels: labels
            .split("\",")
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (label, value) = pair.split_once("=\"").unwrap();
                (label.to_owned(), value.trim_end_matches('"').to_owned())
            })
            .collect(),
        value: value.to_owned(),
    }
}
