//! The alias that API Gateway calls: one version, and while a release is tried a second one with a weight.

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::aws::Aws;

/// Where it points.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pointer {
    pub(super) version: String,
    /// The version that is being tried.
    pub(super) tried: Option<String>,
}

/// An alias of a function.
pub(super) struct Alias<'a> {
    pub(super) aws: &'a Aws,
    pub(super) function: &'a str,
    pub(super) name: &'a str,
}

impl Alias<'_> {
    pub(super) fn pointer(&self) -> anyhow::Result<Pointer> {
        pointer(&self.call("get-alias", &[])?)
    }

    /// All requests go to `version`.
    pub(super) fn point(&self, version: &str) -> anyhow::Result<()> {
        self.set(version, &json!({"AdditionalVersionWeights": {}}))
    }

    /// `percent` of the requests go to `tried`, the others to `stable`.
    pub(super) fn try_out(&self, stable: &str, tried: &str, percent: u32) -> anyhow::Result<()> {
        let weight: Value = serde_json::from_str(&format!("0.{percent:02}"))?;
        self.set(
            stable,
            &json!({"AdditionalVersionWeights": {tried: weight}}),
        )
    }

    fn set(&self, version: &str, routing: &Value) -> anyhow::Result<()> {
        let words = [
            "--function-version",
            version,
            "--routing-config",
            &routing.to_string(),
        ];
        self.call("update-alias", &words).map(drop)
    }

    fn call(&self, verb: &str, more: &[&str]) -> anyhow::Result<Value> {
        let mut words = vec![
            "lambda",
            verb,
            "--function-name",
            self.function,
            "--name",
            self.name,
        ];
        words.extend(more);
        self.aws.json(&words)
    }
}

fn pointer(alias: &Value) -> anyhow::Result<Pointer> {
    let version = alias["FunctionVersion"]
        .as_str()
        .context("the alias names no version")?;
    let tried = alias["RoutingConfig"]["AdditionalVersionWeights"]
        .as_object()
        .and_then(|weights| weights.keys().next().cloned());
    Ok(Pointer {
        version: version.to_owned(),
        tried,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_is_tried_is_seen() {
        let plain = json!({"FunctionVersion": "3"});
        assert_eq!(pointer(&plain).unwrap().tried, None);
        let empty =
            json!({"FunctionVersion": "3", "RoutingConfig": {"AdditionalVersionWeights": {}}});
        assert_eq!(pointer(&empty).unwrap().tried, None);
        let canary = json!({"FunctionVersion": "3", "RoutingConfig": {"AdditionalVersionWeights": {"4": 0.1}}});
        assert_eq!(
            pointer(&canary).unwrap(),
            Pointer {
                version: "3".to_owned(),
                tried: Some("4".to_owned())
            }
        );
        assert!(pointer(&json!({})).is_err());
    }
}
