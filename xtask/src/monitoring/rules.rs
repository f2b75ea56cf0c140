//! The rules as Prometheus reads them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::sources::Sources;

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    #[serde(rename = "interval")]
    _interval: String,
    rules: Vec<Rule>,
}

/// A recording rule or an alert.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) record: Option<String>,
    pub(super) alert: Option<String>,
    pub(super) expr: String,
    #[serde(rename = "for")]
    pub(super) waits: Option<String>,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) annotations: BTreeMap<String, String>,
}

impl Rule {
    /// Its name, of either kind.
    pub(super) fn name(&self) -> &str {
        let name = self.alert.as_deref().or(self.record.as_deref());
        name.unwrap_or_default()
    }

    /// A label or an annotation, or nothing.
    pub(super) fn says(&self, key: &str) -> &str {
        let text = self.annotations.get(key).or_else(|| self.labels.get(key));
        text.map(String::as_str).unwrap_or_default()
    }
}

impl RuleFile {
    pub(super) fn all(&self) -> impl Iterator<Item = &Rule> {
        self.groups.iter().flat_map(|group| &group.rules)
    }

    pub(super) fn alerts(&self) -> impl Iterator<Item = (&str, &Rule)> {
        self.all()
            .filter_map(|rule| Some((rule.alert.as_deref()?, rule)))
    }

    pub(super) fn records(&self) -> impl Iterator<Item = (&str, &Rule)> {
        self.all()
            .filter_map(|rule| Some((rule.record.as_deref()?, rule)))
    }
}

/// The alerts that the design lists: name, how long the fault lasts, severity.
const DESIGNED: &[(&str, &str, &str)] = &[
    ("ApplicationDown", "1m", "critical"),
    ("DatabaseConnectionFailures", "2m", "critical"),
    ("HighErrorRate", "5m", "critical"),
    ("RDSStorageLow", "5m", "critical"),
    ("HighResponseTime", "5m", "warning"),
    ("LowCacheHitRatio", "10m", "warning"),
    ("PodCrashLooping", "1m", "warning"),
    ("HighCPUUsage", "10m", "warning"),
    ("HighMemoryUsage", "10m", "warning"),
    ("DeploymentCompleted", "1m", "info"),
    ("ScalingEvent", "1m", "info"),
    ("BudgetThresholdReached", "1h", "info"),
    ("CertificateExpiringSoon", "1h", "info"),
];

/// The recording rules whose names the design fixes.
const RECORDED: [&str; 2] = [
    "expense:cache_hit_ratio",
    "expense:api_request_duration_p95",
];

/// Counters that stand for an event of security or database: each has an alert.
const EVENTS: [&str; 7] = [
    "auth_failures_total",
    "authorization_denied_total",
    "cache_invalidations_owed",
    "db_errors_total",
    "rate_limited_total",
    "redis_errors_total",
    "secret_refresh_total",
];

/// Whether each alert says how long, how grave, what, and where to read on; and no name comes twice.
pub(super) fn complete(sources: &Sources) -> anyhow::Result<Vec<String>> {
    let file = sources.rules()?;
    let mut faults = Vec::new();
    let mut names = BTreeSet::new();
    for (name, alert) in file.alerts() {
        if !names.insert(name) {
            faults.push(format!("{name} is there twice"));
        }
        if alert.waits.is_none() {
            faults.push(format!("{name} does not say for how long"));
        }
        let severity = alert.says("severity");
        if !["critical", "warning", "info"].contains(&severity) {
            faults.push(format!("{name} has the severity {severity:?}"));
        }
        for key in ["summary", "description", "runbook_url"] {
            if alert.says(key).is_empty() {
                faults.push(format!("{name} has no {key}"));
            }
        }
        if alert.says("summary").contains("{{") {
            faults.push(format!(
                "{name}: its summary changes, so that it cannot be grouped"
            ));
        }
    }
    for group in &file.groups {
        let wanted = group.name.rsplit('-').next().unwrap_or_default();
        for rule in group.rules.iter().filter(|rule| rule.alert.is_some()) {
            if rule.says("severity") != wanted {
                faults.push(format!(
                    "{} stands in the group {}",
                    rule.name(),
                    group.name
                ));
            }
        }
    }
    Ok(faults)
}

/// Whether nothing that the design asks for is missing.
pub(super) fn designed(sources: &Sources) -> anyhow::Result<Vec<String>> {
    let file = sources.rules()?;
    let mut faults = Vec::new();
    for (name, waits, severity) in DESIGNED {
        let Some((_, alert)) = file.alerts().find(|(found, _)| found == name) else {
            faults.push(format!("there is no {name}"));
            continue;
        };
        let found = (
            alert.waits.as_deref().unwrap_or_default(),
            alert.says("severity"),
        );
        if found != (*waits, *severity) {
            faults.push(format!("{name} is {found:?}, not {waits}, {severity}"));
        }
    }
    for name in RECORDED {
        if !file.records().any(|(found, _)| found == name) {
            faults.push(format!("{name} is not recorded"));
        }
    }
    let recorded = |name: &str| {
        let mut from = file.records().filter(|(_, rule)| rule.expr.contains(name));
        from.any(|(record, _)| file.alerts().any(|(_, alert)| alert.expr.contains(record)))
    };
    for name in EVENTS {
        if !file.alerts().any(|(_, alert)| alert.expr.contains(name)) && !recorded(name) {
            faults.push(format!("no alert looks at {name}"));
        }
    }
    Ok(faults)
}
