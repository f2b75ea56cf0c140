//! `cargo xtask helm-values`: what Terraform knows of an environment, as values of the chart.

mod yaml;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};

use crate::{
    outputs::Outputs,
    targets::{self, ENVIRONMENTS},
    words::Grammar,
};

const GRAMMAR: Grammar = Grammar {
    options: &["outputs", "digest"],
    flags: &[],
    usage: "\
cargo xtask helm-values ENV [--outputs FILE] [--digest sha256:...] < terraform-output.json

Prints the overlay for the chart: addresses, names and ARNs that Terraform knows, none of them secret.
  --outputs FILE   what `terraform output -json` printed (default: standard input)
  --digest D       also the image's digest",
};

/// Every value that is read, as `output.key`.
pub(crate) const READ: &[&str] = &[
    "helm.image_repository",
    "helm.identity",
    "helm.backend_role_arn",
    "helm.migration_role_arn",
    "helm.backend_service_accounts",
    "helm.migration_service_accounts",
    "helm.trusted_proxy_hops",
    "helm.cache_ttl_seconds",
    "helm.ingress_host",
    "helm.ingress_scheme",
    "helm.certificate_arn",
    "helm.web_acl_arn",
    "helm.alb_security_group_id",
    "data.db_endpoint",
    "data.db_port",
    "data.db_name",
    "data.db_secret_arn",
    "data.db_migration_secret_arn",
    "data.api_keys_secret_arn",
    "data.redis_endpoint",
    "data.redis_port",
    "data.redis_secret_arn",
];

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(words) = GRAMMAR.read(words)? else {
        return Ok(());
    };
    let environment = targets::environment(words.only("the environment")?)?;
    let outputs = Outputs::read(Some(words.optional("outputs").unwrap_or("-")))?;
    belongs_to(&outputs, environment)?;
    print!("{}", overlay(&outputs, words.optional("digest"))?);
    Ok(())
}

/// The outputs of another environment would be taken without a word.
pub(crate) fn belongs_to(outputs: &Outputs, environment: &str) -> anyhow::Result<()> {
    let cluster = outputs.text("helm.cluster_name").context(
        "Terraform has no cluster for this environment: deploy-targets.json, or its last apply, says lambda",
    )?;
    let named = ENVIRONMENTS
        .into_iter()
        .find(|name| cluster.ends_with(&format!("-{name}-cluster")));
    if named != Some(environment) {
        bail!("these are not the outputs of {environment}: their cluster is {cluster}");
    }
    Ok(())
}

/// YAML that `helm --values` reads after the environment's own file.
pub(crate) fn overlay(outputs: &Outputs, digest: Option<&str>) -> anyhow::Result<String> {
    Ok(yaml::write(&values(outputs, digest)?))
}

fn values(outputs: &Outputs, digest: Option<&str>) -> anyhow::Result<Value> {
    let mut image = json!({"repository": outputs.text("helm.image_repository")?});
    if let Some(digest) = digest {
        image["digest"] = json!(digest);
    }
    let text = |path| outputs.text(path);
    Ok(json!({
        "image": image,
        "aws": {"region": text("workflows.aws_region")?},
        "serviceAccount": account(outputs, "helm.backend_service_accounts", "helm.backend_role_arn")?,
        "migration": {"serviceAccount":
            account(outputs, "helm.migration_service_accounts", "helm.migration_role_arn")?},
        "config": {
            "TRUSTED_PROXY_HOPS": number(outputs, "helm.trusted_proxy_hops")?,
            "CACHE_TTL": number(outputs, "helm.cache_ttl_seconds")?,
        },
        "database": {
            "host": text("data.db_endpoint")?,
            "port": number(outputs, "data.db_port")?,
            "name": text("data.db_name")?,
        },
        "redis": redis(outputs)?,
        "secrets": secrets(outputs)?,
        "ingress": ingress(outputs)?,
    }))
}

/// The account that Terraform has bound the role to; with IRSA it also carries the role's ARN.
fn account(outputs: &Outputs, names: &str, role: &str) -> anyhow::Result<Value> {
    let list = outputs
        .value(names)?
        .with_context(|| format!("the output {names} is null"))?;
    let name = list
        .as_array()
        .and_then(|names| names.first())
        .and_then(Value::as_str)
        .with_context(|| format!("the output {names} lists no service account"))?;
    let annotations = match outputs.text("helm.identity")? {
        "irsa" => json!({"eks.amazonaws.com/role-arn": outputs.text(role)?}),
        "pod-identity" => json!({}),
        other => bail!("the output helm.identity is {other:?}, neither pod-identity nor irsa"),
    };
    Ok(json!({"name": name, "annotations": annotations}))
}

fn redis(outputs: &Outputs) -> anyhow::Result<Value> {
    let Some(host) = outputs.optional("data.redis_endpoint")? else {
        return Ok(json!({"host": ""}));
    };
    Ok(json!({"host": host, "port": number(outputs, "data.redis_port")?}))
}

/// ARNs; the pods read what is behind them with their own roles.
fn secrets(outputs: &Outputs) -> anyhow::Result<Value> {
    let mut secrets = Map::new();
    for (key, path) in [
        ("databaseSecretId", "data.db_secret_arn"),
        ("migrationSecretId", "data.db_migration_secret_arn"),
        ("apiKeysSecretId", "data.api_keys_secret_arn"),
    ] {
        secrets.insert(key.to_owned(), json!(outputs.text(path)?));
    }
    let redis = outputs.optional("data.redis_secret_arn")?;
    secrets.insert("redisSecretId".to_owned(), json!(redis.unwrap_or_default()));
    Ok(Value::Object(secrets))
}

fn ingress(outputs: &Outputs) -> anyhow::Result<Value> {
    Ok(json!({
        "host": outputs.text("helm.ingress_host")
            .context("without a domain (variable `domain`) the cluster has no address")?,
        "scheme": outputs.text("helm.ingress_scheme")?,
        "certificateArn": outputs.text("helm.certificate_arn")?,
        "webAclArn": outputs.text("helm.web_acl_arn")?,
        "securityGroupIds": [outputs.text("helm.alb_security_group_id")?],
    }))
}

fn number(outputs: &Outputs, path: &str) -> anyhow::Result<u64> {
    outputs
        .value(path)?
        .and_then(Value::as_u64)
        .with_context(|| format!("the output {path} is no whole number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Terraform prints for an environment on EKS.
    pub(crate) fn sample() -> Value {
        serde_json::from_str(include_str!("../../samples/terraform-output.json")).unwrap()
    }

    fn of(value: &Value) -> anyhow::Result<Value> {
        values(
            &Outputs::parse(&value.to_string()).unwrap(),
            Some("sha256:1"),
        )
    }

    #[test]
    fn the_overlay_holds_what_terraform_knows() {
        let values = of(&sample()).unwrap();
        assert_eq!(values["image"]["digest"], "sha256:1");
        assert_eq!(values["database"]["port"], 3306);
        assert_eq!(values["config"]["TRUSTED_PROXY_HOPS"], 1);
        assert_eq!(values["serviceAccount"]["annotations"], json!({}));
        assert_eq!(
            values["ingress"]["securityGroupIds"][0],
            "sg-0a1b2c3d4e5f60718"
        );
    }

    #[test]
    fn irsa_writes_the_roles_onto_the_accounts() {
        let mut outputs = sample();
        outputs["helm"]["value"]["identity"] = json!("irsa");
        let values = of(&outputs).unwrap();
        let role = "arn:aws:iam::444455556666:role/expense-staging-backend";
        assert_eq!(
            values["serviceAccount"]["annotations"]["eks.amazonaws.com/role-arn"],
            role
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        for (pointer, wanted) in [
            ("/data/value/db_endpoint", "data.db_endpoint"),
            ("/helm/value/certificate_arn", "helm.certificate_arn"),
            ("/helm/value/ingress_host", "domain"),
        ] {
            let mut outputs = sample();
            *outputs.pointer_mut(pointer).unwrap() = Value::Null;
            let error = format!("{:#}", of(&outputs).unwrap_err());
            assert!(error.contains(wanted), "{error}");
        }
    }

    #[test]
    fn outputs_of_another_environment_or_target_are_refused() {
        let outputs = Outputs::parse(&sample().to_string()).unwrap();
        belongs_to(&outputs, "staging").unwrap();
        assert!(belongs_to(&outputs, "prod").is_err());
        let mut lambda = sample();
        lambda["helm"]["value"] = Value::Null;
        let outputs = Outputs::parse(&lambda.to_string()).unwrap();
        let error = format!("{:#}", belongs_to(&outputs, "staging").unwrap_err());
        assert!(error.contains("deploy-targets.json"), "{error}");
    }
}
