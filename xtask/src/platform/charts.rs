//! `helm/platform/charts.yaml`: which charts, at which version, in which order.

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use super::facts::Facts;
use crate::workspace;

/// The folder of everything here.
pub(super) fn folder() -> PathBuf {
    workspace::root().join("helm/platform")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    charts: Vec<Chart>,
}

/// One release.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Chart {
    pub(super) release: String,
    pub(super) chart: String,
    pub(super) repository: String,
    pub(super) version: String,
    pub(super) namespace: String,
    /// Files below `values/`, the later one wins.
    pub(super) values: Vec<String>,
    /// Whether the chart's definitions of kinds are applied before each upgrade.
    #[serde(default)]
    pub(super) crds: bool,
    /// Secrets of its namespace that people make before.
    #[serde(default)]
    pub(super) secrets: Vec<String>,
    /// The account that its role is bound to.
    #[serde(default)]
    pub(super) service_account: Option<ServiceAccount>,
    /// The platform role without which it is left out.
    #[serde(default)]
    pub(super) when: Option<String>,
}

/// Where a chart keeps its account's name and annotations.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceAccount {
    /// Key of Terraform's `platform_service_accounts`.
    pub(super) workload: String,
    pub(super) name: String,
    pub(super) annotations: String,
}

impl Chart {
    /// Why it is not installed, where Terraform made no role for it.
    pub(super) fn left_out(&self, facts: &Facts) -> Option<String> {
        let role = self.when.as_deref()?;
        let path = format!("helm.platform_role_arns.{role}");
        facts.find(&path).is_none().then(|| {
            format!(
                "Terraform made no role {role:?} (output {path}), without which it can do nothing"
            )
        })
    }
}

/// The list, in the order of installation.
pub(super) fn list() -> anyhow::Result<Vec<Chart>> {
    let path = folder().join("charts.yaml");
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    parse(&text).with_context(|| path.display().to_string())
}

fn parse(text: &str) -> anyhow::Result<Vec<Chart>> {
    let list: List = serde_saphyr::from_str(text)?;
    let mut seen = std::collections::BTreeSet::new();
    for chart in &list.charts {
        let name = &chart.release;
        ensure!(seen.insert(name.clone()), "{name} is listed twice");
        ensure!(
            is_exact(&chart.version),
            "{name}: version {:?} is no exact version such as 1.2.3",
            chart.version
        );
        ensure!(
            chart.repository.starts_with("https://"),
            "{name}: repository {:?} is not reached by https",
            chart.repository
        );
        ensure!(!chart.values.is_empty(), "{name}: no values file");
    }
    Ok(list.charts)
}

/// Three numbers: no range, no `latest`.
fn is_exact(version: &str) -> bool {
    let parts: Vec<_> = version.split('.').collect();
    parts.len() == 3 && parts.iter().all(|part| part.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "charts:\n  - {release: a, chart: c, repository: 'https://x.test', version: 1.2.3, namespace: n, values: [a.yaml]}\n";

    #[test]
    fn the_list_is_read() {
        let charts = list().unwrap();
        assert_eq!(charts[0].release, "prometheus");
        assert!(charts.len() >= 9, "{}", charts.len());
    }

    #[test]
    fn open_versions_plain_http_and_doubles_are_refused() {
        parse(ONE).unwrap();
        for (find, replace, wanted) in [
            ("1.2.3", "~1.2.3", "exact version"),
            ("1.2.3", "latest", "exact version"),
            ("https:", "http:", "https"),
            ("values: [a.yaml]", "values: []", "no values"),
            ("release: a", "relaese: a", "relaese"),
        ] {
            let error = format!("{:#}", parse(&ONE.replace(find, replace)).unwrap_err());
            assert!(error.contains(wanted), "{error}");
        }
        let twice = format!("{ONE}{}", ONE.lines().nth(1).unwrap());
        assert!(parse(&twice).unwrap_err().to_string().contains("twice"));
    }
}
