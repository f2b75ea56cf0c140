//! What the values files leave open: Terraform's outputs, and the few settings of an environment that it does not know.

use std::{fs, io::Read as _};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::charts;

/// Every environment.
pub(super) const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];

/// Everything that a placeholder may name.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) environment: String,
    outputs: Value,
    settings: Value,
}

impl Facts {
    /// `outputs` is what `terraform output -json` prints.
    pub(super) fn new(environment: &str, outputs: &str) -> anyhow::Result<Self> {
        ensure!(
            ENVIRONMENTS.contains(&environment),
            "{environment:?} is no environment: write dev, staging or prod"
        );
        let path = charts::folder().join(format!("environments/{environment}.yaml"));
        let text =
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let settings = serde_saphyr::from_str(&text).with_context(|| path.display().to_string())?;
        let outputs: Value = serde_json::from_str(outputs)
            .context("the outputs are no JSON: give what `terraform output -json` prints")?;
        let facts = Self {
            environment: environment.to_owned(),
            outputs,
            settings,
        };
        facts.fit()?;
        Ok(facts)
    }

    /// Values of prod in the cluster of dev are worse than none.
    fn fit(&self) -> anyhow::Result<()> {
        if self.find("helm.cluster_name").is_none() {
            bail!(
                "Terraform's output helm.cluster_name is null: {} has no cluster (deploy-targets.json)",
                self.environment
            );
        }
        let group = self.text("helm.log_group_names.application")?;
        ensure!(
            group.contains(&format!("/{}/", self.environment)),
            "the outputs are not of {}: they name the log group {group}",
            self.environment
        );
        Ok(())
    }

    /// The value at a path such as `helm.cluster_name`, `settings.slack_channel` or `environment`; null counts as absent.
    pub(super) fn find(&self, path: &str) -> Option<Value> {
        if path == "environment" {
            return Some(Value::String(self.environment.clone()));
        }
        let (first, rest) = path.split_once('.')?;
        let mut value = match first {
            "settings" => &self.settings,
            output => self.outputs.get(output)?.get("value")?,
        };
        for key in rest.split('.') {
            value = value.get(key)?;
        }
        (!value.is_null()).then(|| value.clone())
    }

    /// A text that must be there.
    pub(super) fn text(&self, path: &str) -> anyhow::Result<String> {
        let value = self
            .find(path)
            .with_context(|| format!("{path} is missing or null"))?;
        let text = value
            .as_str()
            .with_context(|| format!("{path} is no text"))?;
        Ok(text.to_owned())
    }
}

/// The text of a file, or of standard input for `-`.
pub(super) fn read(place: &str) -> anyhow::Result<String> {
    if place == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    fs::read_to_string(place).with_context(|| format!("reading {place}"))
}

/// The committed example: the shape of Terraform's outputs, with made-up values of `environment`.
pub(super) fn example(environment: &str) -> anyhow::Result<Facts> {
    let path = charts::folder().join("terraform-output.example.json");
    let text = read(&path.display().to_string())?;
    Facts::new(environment, &of_environment(&text, environment))
}

/// The example is written for prod.
fn of_environment(text: &str, environment: &str) -> String {
    text.replace("/prod/", &format!("/{environment}/"))
        .replace("-prod-", &format!("-{environment}-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_into_outputs_settings_and_the_environment() {
        let facts = example("prod").unwrap();
        assert_eq!(facts.text("environment").unwrap(), "prod");
        assert_eq!(
            facts.text("helm.cluster_name").unwrap(),
            "expense-prod-cluster"
        );
        assert_eq!(
            facts
                .text("helm.platform_service_accounts.grafana.service_account")
                .unwrap(),
            "prometheus-grafana"
        );
        assert_eq!(facts.find("settings.prometheus_replicas"), Some(2.into()));
        assert!(
            facts
                .text("helm.cluster_nam")
                .unwrap_err()
                .to_string()
                .contains("cluster_nam")
        );
    }

    #[test]
    fn outputs_of_another_environment_or_without_a_cluster_are_refused() {
        let path = charts::folder().join("terraform-output.example.json");
        let text = fs::read_to_string(path).unwrap();
        let error = Facts::new("staging", &text).unwrap_err().to_string();
        assert!(error.contains("not of staging"), "{error}");
        let error = Facts::new("qa", &text).unwrap_err().to_string();
        assert!(error.contains("qa"), "{error}");
        let error = Facts::new("dev", r#"{"helm":{"value":null}}"#)
            .unwrap_err()
            .to_string();
        assert!(error.contains("no cluster"), "{error}");
        assert!(Facts::new("dev", "helm = {}").is_err());
    }
}
