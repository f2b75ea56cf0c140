//! `terraform output -json` of one environment: what the delivery commands know of AWS.

use std::{fs, io::Read as _};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// The variable that holds it in a GitHub environment.
pub(crate) const VARIABLE: &str = "TERRAFORM_OUTPUTS";

/// Every value that is read, as `output.key`; `cargo xtask workflows` compares them with the environments' outputs.tf.
pub(crate) mod path {
    pub(crate) const REGION: &str = "workflows.aws_region";
    pub(crate) const REPOSITORY_URL: &str = "workflows.repository_url";
    pub(crate) const ARTIFACT_BUCKET_ARN: &str = "workflows.artifact_bucket_arn";
    pub(crate) const BASE_URL: &str = "workflows.base_url";
    pub(crate) const DB_IDENTIFIER: &str = "workflows.db_identifier";
    pub(crate) const CLUSTER_NAME: &str = "helm.cluster_name";
    pub(crate) const NAMESPACE: &str = "helm.namespace";
    pub(crate) const API_FUNCTION: &str = "lambda.api_function_name";
    pub(crate) const ADMIN_FUNCTION: &str = "lambda.admin_function_name";
    pub(crate) const ALIAS: &str = "lambda.alias_name";
    pub(crate) const API_URL: &str = "lambda.api_url";

    /// Those of the delivery commands; the chart's stand in `helm_values`.
    pub(crate) const ALL: &[&str] = &[
        REGION,
        REPOSITORY_URL,
        ARTIFACT_BUCKET_ARN,
        BASE_URL,
        DB_IDENTIFIER,
        CLUSTER_NAME,
        NAMESPACE,
        API_FUNCTION,
        ADMIN_FUNCTION,
        ALIAS,
        API_URL,
    ];
}

/// The outputs of one environment.
#[derive(Clone, Debug)]
pub(crate) struct Outputs(Value);

impl Outputs {
    /// From a file, from standard input (`-`), or from the variable.
    pub(crate) fn read(place: Option<&str>) -> anyhow::Result<Self> {
        let (text, whence) = match place {
            Some("-") => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text)?;
                (text, "standard input".to_owned())
            }
            Some(file) => {
                let text = fs::read_to_string(file).with_context(|| format!("reading {file}"))?;
                (text, file.to_owned())
            }
            None => {
                let text = std::env::var(VARIABLE).unwrap_or_default();
                if text.trim().is_empty() {
                    bail!(
                        "the variable {VARIABLE} is empty: it holds what `terraform output -json` prints for the \
                         environment (docs/REPOSITORY-SETTINGS.md)"
                    );
                }
                (text, format!("the variable {VARIABLE}"))
            }
        };
        Self::parse(&text).with_context(|| whence)
    }

    /// Fails where it is not what `terraform output -json` prints.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let all: Value = serde_json::from_str(text).context("it is no JSON")?;
        let outputs = all.as_object().context("it is no JSON object")?;
        for (name, output) in outputs {
            if output.get("value").is_none() {
                bail!("{name:?} has no \"value\": it is not what `terraform output -json` prints");
            }
        }
        Ok(Self(all))
    }

    /// A value; `None` where it, or the output that it is in, is null.
    pub(crate) fn value(&self, path: &str) -> anyhow::Result<Option<&Value>> {
        let (name, key) = path
            .split_once('.')
            .with_context(|| format!("{path:?} names no key of an output"))?;
        let output = self
            .0
            .get(name)
            .with_context(|| format!("there is no output {name:?}"))?;
        let output = &output["value"];
        if output.is_null() {
            return Ok(None);
        }
        let value = output
            .get(key)
            .with_context(|| format!("the output {name:?} has no {key:?}"))?;
        Ok(Some(value).filter(|value| !value.is_null()))
    }

    /// A text; `None` where it is null.
    pub(crate) fn optional(&self, path: &str) -> anyhow::Result<Option<&str>> {
        let Some(value) = self.value(path)? else {
            return Ok(None);
        };
        let text = value
            .as_str()
            .with_context(|| format!("the output {path} is no text"))?;
        Ok(Some(text))
    }

    /// A text that must be there.
    pub(crate) fn text(&self, path: &str) -> anyhow::Result<&str> {
        self.optional(path)?.with_context(|| {
            format!("the output {path} is null: has Terraform applied this target?")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: &str = r#"{"workflows":{"sensitive":false,"value":{"aws_region":"us-east-1","cluster_name":null}},
        "lambda":{"value":null}}"#;

    #[test]
    fn null_is_told_from_missing() {
        let outputs = Outputs::parse(SOME).unwrap();
        assert_eq!(outputs.text(path::REGION).unwrap(), "us-east-1");
        assert_eq!(outputs.optional("workflows.cluster_name").unwrap(), None);
        assert_eq!(outputs.optional(path::ALIAS).unwrap(), None);
        for (path, wanted) in [
            ("workflows.regionn", "regionn"),
            ("nothing.here", "nothing"),
            (path::ALIAS, "applied"),
        ] {
            let error = outputs.text(path).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
    }

    #[test]
    fn other_json_is_refused() {
        for (text, wanted) in [
            ("", "JSON"),
            ("[1]", "object"),
            (r#"{"workflows":{"aws_region":"us-east-1"}}"#, "value"),
        ] {
            let error = format!("{:#}", Outputs::parse(text).unwrap_err());
            assert!(error.contains(wanted), "{error}");
        }
    }
}
