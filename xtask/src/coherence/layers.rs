//! What each layer says of one environment.

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{hcl, texts::Texts};
use crate::merge::merge;

/// Every environment, as Terraform and the chart's overlays name it.
pub(super) const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];

/// The file that says where each environment runs.
pub(super) const TARGETS: &str = "deploy-targets.json";
pub(super) const CONFIGURATION: &str = "docs/CONFIGURATION.md";
pub(super) const DEFAULT_VALUES: &str = "helm/expense-backend/values.yaml";
/// For a second release beside the first.
pub(super) const BESIDE_VALUES: &str = "helm/expense-backend/values-beside.yaml";

pub(super) fn values_file(environment: &str) -> String {
    format!("helm/expense-backend/values-{environment}.yaml")
}

pub(super) fn tfvars_file(environment: &str) -> String {
    format!("terraform/environments/{environment}/terraform.tfvars")
}

/// What the service calls an environment.
pub(super) fn service_name(environment: &str) -> &'static str {
    match environment {
        "prod" => "production",
        "staging" => "staging",
        _ => "development",
    }
}

/// One environment.
pub(super) struct Layers<'a> {
    texts: &'a Texts,
    pub(super) environment: &'static str,
    /// The chart's values: defaults, then the environment's.
    pub(super) values: Value,
    tfvars: String,
}

impl<'a> Layers<'a> {
    pub(super) fn of(texts: &'a Texts, environment: &'static str) -> anyhow::Result<Self> {
        let mut values = texts.yaml(DEFAULT_VALUES)?;
        merge(&mut values, texts.yaml(&values_file(environment))?);
        Ok(Self {
            texts,
            environment,
            values,
            tfvars: texts.text(&tfvars_file(environment))?,
        })
    }

    pub(super) fn all(texts: &'a Texts) -> anyhow::Result<Vec<Self>> {
        ENVIRONMENTS
            .into_iter()
            .map(|environment| Self::of(texts, environment))
            .collect()
    }

    /// The values of a release beside the first.
    pub(super) fn beside(&self) -> anyhow::Result<Value> {
        let mut values = self.values.clone();
        merge(&mut values, self.texts.yaml(BESIDE_VALUES)?);
        Ok(values)
    }

    /// A variable of Terraform: of the tfvars file, else its default.
    pub(super) fn terraform(&self, name: &str) -> anyhow::Result<Value> {
        let file = tfvars_file(self.environment);
        if let Some(value) = hcl::assigned(&self.tfvars, name).with_context(|| file)? {
            return Ok(value);
        }
        for part in ["", "_app", "_data", "_eks", "_operations"] {
            let path = format!(
                "terraform/environments/{}/variables{part}.tf",
                self.environment
            );
            let text = self.texts.text(&path)?;
            if text.contains(&format!("variable \"{name}\" {{")) {
                let value = hcl::default(&text, name).with_context(|| path.clone())?;
                return value
                    .with_context(|| format!("{path}: {name} has no default and no value"));
            }
        }
        bail!(
            "terraform/environments/{} has no variable {name}",
            self.environment
        )
    }

    pub(super) fn terraform_number(&self, name: &str) -> anyhow::Result<i64> {
        let value = self.terraform(name)?;
        value
            .as_i64()
            .with_context(|| format!("{name} of {} is {value}, no whole number", self.environment))
    }

    pub(super) fn terraform_text(&self, name: &str) -> anyhow::Result<String> {
        let value = self.terraform(name)?;
        let text = value.as_str();
        Ok(text
            .with_context(|| format!("{name} of {} is {value}, no text", self.environment))?
            .to_owned())
    }

    /// A variable of the service: of the chart's `config`, else the service's own default.
    pub(super) fn variable(&self, name: &str) -> anyhow::Result<String> {
        variable(
            self.texts,
            &self.values,
            service_name(self.environment),
            name,
        )
    }

    pub(super) fn variable_number(&self, name: &str) -> anyhow::Result<i64> {
        let text = self.variable(name)?;
        text.parse()
            .with_context(|| format!("{name} of {} is {text:?}", self.environment))
    }

    /// Where it runs.
    pub(super) fn target(&self) -> anyhow::Result<String> {
        let all = self.texts.json(TARGETS)?;
        let target = all[self.environment].as_str();
        Ok(target
            .with_context(|| format!("{TARGETS} names no target of {}", self.environment))?
            .to_owned())
    }
}

/// A number of the chart's values.
pub(super) fn number(values: &Value, pointer: &str) -> anyhow::Result<i64> {
    let value = values
        .pointer(pointer)
        .with_context(|| format!("the chart's values have no {pointer}"))?;
    value
        .as_i64()
        .with_context(|| format!("{pointer} is {value}, no whole number"))
}

/// A text of the chart's values.
pub(super) fn text<'v>(values: &'v Value, pointer: &str) -> anyhow::Result<&'v str> {
    let value = values
        .pointer(pointer)
        .with_context(|| format!("the chart's values have no {pointer}"))?;
    value
        .as_str()
        .with_context(|| format!("{pointer} is {value}, no text"))
}

/// A variable of the service as a release with these values has it.
pub(super) fn variable(
    texts: &Texts,
    values: &Value,
    environment: &str,
    name: &str,
) -> anyhow::Result<String> {
    match values.pointer(&format!("/config/{name}")) {
        Some(Value::Null) | None => default(texts, name, environment),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Ok(other.to_string()),
    }
}

/// The default that the service's page names; a test holds that page to the program.
pub(super) fn default(texts: &Texts, name: &str, environment: &str) -> anyhow::Result<String> {
    let page = texts.text(CONFIGURATION)?;
    let row = page
        .lines()
        .find(|line| line.starts_with(&format!("| `{name}` |")))
        .with_context(|| format!("{CONFIGURATION} has no row of {name}"))?;
    let cell = row.split('|').nth(2).unwrap_or_default();
    // "`60`, in staging `180`, in production `300`"
    let part = cell
        .split(", ")
        .find(|part| part.contains(&format!("in {environment} ")))
        .or_else(|| cell.split(", ").next())
        .unwrap_or_default();
    let value = part.split('`').nth(1);
    Ok(value
        .with_context(|| format!("{CONFIGURATION}: {name} has no default"))?
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_depend_on_the_environment() {
        let texts = Texts::of_the_repository();
        for (environment, ttl) in [
            ("development", "60"),
            ("staging", "180"),
            ("production", "300"),
        ] {
            assert_eq!(default(&texts, "CACHE_TTL", environment).unwrap(), ttl);
        }
        assert_eq!(
            default(&texts, "DRAIN_TIMEOUT_SECS", "production").unwrap(),
            "25"
        );
        assert!(default(&texts, "NO_SUCH", "production").is_err());
    }

    #[test]
    fn an_environment_is_its_own_words_over_the_defaults() {
        let texts = Texts::of_the_repository();
        let prod = Layers::of(&texts, "prod").unwrap();
        assert_eq!(prod.terraform_number("rds_max_connections").unwrap(), 200);
        assert_eq!(
            prod.terraform_text("alb_scheme").unwrap(),
            "internet-facing"
        );
        assert_eq!(prod.variable("AMOUNT_SIGN").unwrap(), "any");
        assert!(prod.terraform("no_such").is_err());
        assert_eq!(number(&prod.values, "/autoscaling/minReplicas").unwrap(), 2);
    }
}
