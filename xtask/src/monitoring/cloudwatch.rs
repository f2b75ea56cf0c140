//! The series that CloudWatch's exporter makes of the platform's configuration, named as it names them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use serde_json::Value;

use super::sources::{PLATFORM, Sources};

/// The series with their labels; where the platform is not there, those that are asked for are believed.
pub(super) fn series(sources: &Sources) -> anyhow::Result<BTreeMap<String, BTreeSet<String>>> {
    let mut series = BTreeMap::new();
    for (path, text) in sources.below(PLATFORM) {
        if !path.contains("cloudwatch-exporter") {
            continue;
        }
        let values: Value = serde_saphyr::from_str(text).with_context(|| path.to_owned())?;
        let config = values["config"]
            .as_str()
            .with_context(|| format!("{path} has no config"))?;
        let config: Value =
            serde_saphyr::from_str(config).with_context(|| format!("{path}: config"))?;
        let metrics = config["metrics"].as_array();
        for metric in metrics.with_context(|| format!("{path} asks for no metrics"))? {
            add(&mut series, metric).with_context(|| format!("{path}: {metric}"))?;
        }
    }
    Ok(series)
}

fn add(series: &mut BTreeMap<String, BTreeSet<String>>, metric: &Value) -> anyhow::Result<()> {
    let said = |key: &str| metric[key].as_str().with_context(|| format!("no {key}"));
    let namespace = said("aws_namespace")?.to_lowercase();
    let base = format!("{namespace}_{}", snake_case(said("aws_metric_name")?));
    let listed = |key: &str| {
        let list = metric[key].as_array().into_iter().flatten();
        list.filter_map(Value::as_str)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let dimensions = listed("aws_dimensions");
    let mut statistics = listed("aws_statistics");
    statistics.extend(listed("aws_extended_statistics"));
    for statistic in statistics {
        let name = safe_name(&format!("{base}_{}", snake_case(&statistic)));
        let labels = series.entry(name).or_default();
        labels.extend(dimensions.iter().map(|name| safe_name(&snake_case(name))));
        labels.extend(["job", "instance"].map(str::to_owned));
    }
    Ok(())
}

/// `CPUUtilization` becomes `cpuutilization`, `FreeStorageSpace` `free_storage_space`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    let mut before = None;
    for letter in name.chars() {
        let split = before.is_some_and(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        if split && letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
        before = Some(letter);
    }
    snake
}

/// What may stand in no name becomes an underscore, and several become one.
fn safe_name(name: &str) -> String {
    let mut safe = String::new();
    for letter in name.chars() {
        let letter = if letter.is_ascii_alphanumeric() || letter == ':' {
            letter
        } else {
            '_'
        };
        if letter != '_' || !safe.ends_with('_') {
            safe.push(letter);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_as_the_exporter_makes_them() {
        let made = |name: &str| safe_name(&snake_case(name));
        assert_eq!(made("HTTPCode_ELB_5XX_Count"), "httpcode_elb_5_xx_count");
        assert_eq!(made("CPUUtilization"), "cpuutilization");
        assert_eq!(made("EngineCPUUtilization"), "engine_cpuutilization");
        assert_eq!(made("DBInstanceIdentifier"), "dbinstance_identifier");
        assert_eq!(safe_name("aws/rds_free"), "aws_rds_free");
        let asked = serde_json::json!({
            "aws_namespace": "AWS/ApplicationELB", "aws_metric_name": "RequestCount",
            "aws_dimensions": ["LoadBalancer"], "aws_statistics": ["Sum"],
        });
        let mut series = BTreeMap::new();
        add(&mut series, &asked).unwrap();
        let (name, labels) = series.pop_first().unwrap();
        assert_eq!(name, "aws_applicationelb_request_count_sum");
        assert!(labels.contains("load_balancer"));
    }
}
