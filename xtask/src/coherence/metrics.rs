//! Names of metrics and labels: those that are asked for exist, those that are looked for are set.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde_json::Value;

use super::{faults::Faults, layers, texts::Texts};

const NAMES: &str = "src/telemetry/names.rs";
const EMF: &str = "src/telemetry/emf.rs";
const EXPORTERS: [&str; 2] = [
    "helm/platform/values/cloudwatch-exporter.yaml",
    "helm/platform/values/cloudwatch-exporter-billing.yaml",
];
const RULES: &str = "helm/expense-backend/files/rules.yaml";
const DASHBOARDS: &str = "helm/expense-backend/files/dashboards";
const ADAPTER: &str = "helm/platform/values/prometheus-adapter.yaml";
const STACK: &str = "helm/platform/values/kube-prometheus-stack.yaml";
const ALERTMANAGER: &str = "helm/platform/values/alertmanager.yaml";

/// CloudWatch's alarms and board of the functions, and the HPA's metric.
pub(super) fn own(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let names = texts.text(NAMES)?;
    let known: BTreeSet<&str> = names
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.split('"').nth(1))
        .collect();
    for file in [
        "terraform/modules/alarms/main.tf",
        "terraform/modules/alarms/dashboard.tf",
        "terraform/modules/lambda/alarms.tf",
    ] {
        for name in words(&texts.text(file)?) {
            if looks_like_ours(&name) {
                faults.holds(known.contains(name.as_str()), || {
                    format!("{file}: {name} is no metric of {NAMES}")
                });
            }
        }
    }
    let namespace = texts.between(EMF, "const NAMESPACE: &str = \"", "\"")?;
    let module = texts.text("terraform/modules/alarms/variables.tf")?;
    let read = super::hcl::default(&module, "metric_namespace")?.unwrap_or_default();
    faults.equal(
        EMF,
        namespace,
        "metric_namespace of the alarms",
        read.as_str().unwrap_or_default(),
    );
    let adapter = texts.yaml(ADAPTER)?;
    let rule = &adapter["rules"]["custom"][0];
    let series = rule["seriesQuery"].as_str().unwrap_or_default();
    let series = series.split('{').next().unwrap_or_default();
    faults.holds(known.contains(series), || {
        format!("{ADAPTER}: {series} is no metric of {NAMES}")
    });
    let values = texts.yaml(layers::DEFAULT_VALUES)?;
    let asked = layers::text(&values, "/autoscaling/requestsPerSecond/metric")?;
    faults.equal(
        "autoscaling.requestsPerSecond.metric",
        asked,
        ADAPTER,
        rule["name"]["as"].as_str().unwrap_or_default(),
    );
    faults.finish()
}

/// Texts in quotes.
fn words(text: &str) -> Vec<String> {
    text.lines()
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

/// Prometheus' way of naming, which nothing of AWS' own has.
fn looks_like_ours(name: &str) -> bool {
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    plain && (name.ends_with("_total") || name.ends_with("_seconds") || name.ends_with("_owed"))
}

/// Every series of CloudWatch that a rule or a panel asks for is one that the exporters make.
pub(super) fn cloudwatch(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let mut made = BTreeSet::new();
    for file in EXPORTERS {
        let values = texts.yaml(file)?;
        let config: Value = serde_saphyr::from_str(layers::text(&values, "/config")?)
            .with_context(|| file.to_owned())?;
        for metric in config["metrics"].as_array().into_iter().flatten() {
            made.extend(series(metric)?);
        }
    }
    let mut files = texts.files(DASHBOARDS, ".json")?;
    files.push(RULES.to_owned());
    for file in files {
        for name in asked(&texts.text(&file)?) {
            faults.holds(made.contains(&name), || {
                format!("{file}: {name} is made by no exporter of helm/platform")
            });
        }
    }
    faults.finish()
}

/// As prometheus/cloudwatch_exporter names them (`CloudWatchCollector.java`, `scrape`).
fn series(metric: &Value) -> anyhow::Result<Vec<String>> {
    let part = |key: &str| {
        metric[key]
            .as_str()
            .with_context(|| format!("{metric} has no {key}"))
    };
    let base = format!(
        "{}_{}",
        part("aws_namespace")?.to_lowercase(),
        snake(part("aws_metric_name")?)
    )
    .replace('/', "_");
    let statistics = ["aws_statistics", "aws_extended_statistics"]
        .into_iter()
        .filter_map(|key| metric[key].as_array());
    let names = statistics.flatten().filter_map(Value::as_str);
    Ok(names
        .map(|statistic| format!("{base}_{}", snake(statistic)))
        .collect())
}

/// An underscore between a small letter or digit and a capital; then all small.
fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
        before = c;
    }
    out
}

fn asked(text: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text
        .split(|c| !is_name(c))
        .filter(|word| word.starts_with("aws_"));
    words.map(str::to_owned).collect()
}

/// Prometheus and Grafana find what the chart makes; every severity has somebody who is told.
pub(super) fn labels(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let values = texts.yaml(layers::DEFAULT_VALUES)?;
    let charts = texts.yaml("helm/platform/charts.yaml")?;
    let release = layers::text(&charts, "/charts/0/release")?;
    for pointer in [
        "/monitoring/serviceMonitor/labels/release",
        "/monitoring/prometheusRule/labels/release",
    ] {
        faults.equal(
            pointer,
            layers::text(&values, pointer)?,
            "the release of Prometheus",
            release,
        );
    }
    let stack = texts.yaml(STACK)?;
    let sidecar = &stack["grafana"]["sidecar"]["dashboards"];
    let label = sidecar["label"].as_str().unwrap_or_default();
    let set = layers::text(&values, &format!("/monitoring/dashboards/labels/{label}"));
    faults.equal(
        "monitoring.dashboards.labels",
        set?,
        STACK,
        sidecar["labelValue"].as_str().unwrap_or_default(),
    );
    let searched = sidecar["searchNamespace"]
        .as_array()
        .is_some_and(|list| list.iter().any(|name| name == "expense"));
    faults.holds(searched, || {
        format!("{STACK}: Grafana does not look for dashboards in expense")
    });
    let routes = texts.yaml(ALERTMANAGER)?;
    let routes = routes["alertmanager"]["config"]["route"]["routes"].to_string();
    let rules = texts.yaml(RULES)?;
    let groups = rules["groups"].as_array().into_iter().flatten();
    let alerts = groups.flat_map(|group| group["rules"].as_array().into_iter().flatten());
    for rule in alerts.filter(|rule| rule.get("alert").is_some()) {
        let severity = rule["labels"]["severity"].as_str().unwrap_or_default();
        let told = !severity.is_empty() && routes.contains(severity);
        faults.holds(told, || {
            format!(
                "{RULES}: {} has the severity {severity:?}, which {ALERTMANAGER} sends nowhere",
                rule["alert"]
            )
        });
    }
    faults.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn series_are_named_as_the_exporter_does() {
        for (namespace, name, wanted) in [
            (
                "AWS/RDS",
                "CPUUtilization",
                "aws_rds_cpuutilization_average",
            ),
            (
                "AWS/ElastiCache",
                "EngineCPUUtilization",
                "aws_elasticache_engine_cpuutilization_average",
            ),
            (
                "AWS/ApplicationELB",
                "HTTPCode_ELB_5XX_Count",
                "aws_applicationelb_httpcode_elb_5_xx_count_average",
            ),
            (
                "AWS/CertificateManager",
                "DaysToExpiry",
                "aws_certificatemanager_days_to_expiry_average",
            ),
        ] {
            let metric = json!({"aws_namespace": namespace, "aws_metric_name": name, "aws_statistics": ["Average"]});
            assert_eq!(series(&metric).unwrap(), [wanted]);
        }
    }
}
