//! What the pods (by the chart) and the functions (by Terraform) are told must be the same service.

use serde_json::Value;

use super::{
    faults::Faults,
    layers::{self, Layers},
    texts::Texts,
};

const FUNCTIONS: &str = "terraform/modules/lambda/main.tf";
/// Offices share an address: decided for the pods.
const RATE_LIMIT_OF_PODS: i64 = 600;
/// Decided for the pods: longer than the load balancer needs to hear of it.
const NOTICE_OF_PODS: i64 = 15_000;

pub(super) fn check(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    for at in Layers::all(texts)? {
        let (values, tfvars) = (
            layers::values_file(at.environment),
            layers::tfvars_file(at.environment),
        );
        for (variable, name) in [
            ("CACHE_TTL", "cache_ttl_seconds"),
            ("AUTH_MODE", "auth_mode"),
            ("AMOUNT_SIGN", "amount_sign"),
        ] {
            let terraform = plain(&at.terraform(name)?);
            faults.equal(
                &format!("{values}: {variable}"),
                at.variable(variable)?,
                &format!("{tfvars}: {name}"),
                terraform,
            );
        }
        deletes(&at, &mut faults)?;
        origins(&at, &mut faults)?;
        default_ttl(texts, &at, &mut faults)?;
        names_the_environment(texts, &at, &mut faults)?;
        faults.equal(
            &format!("{values}: RATE_LIMIT_REQUESTS"),
            at.variable("RATE_LIMIT_REQUESTS")?,
            "what was decided",
            RATE_LIMIT_OF_PODS,
        );
        faults.equal(
            &format!("{values}: SHUTDOWN_NOTICE_MS"),
            at.variable("SHUTDOWN_NOTICE_MS")?,
            "what was decided",
            NOTICE_OF_PODS,
        );
    }
    in_words(texts, &mut faults)?;
    faults.finish()
}

/// As a variable of the environment is written.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Terraform's default is false everywhere, the service's in production only; it matters without authentication alone.
fn deletes(at: &Layers<'_>, faults: &mut Faults) -> anyhow::Result<()> {
    if at.variable("AUTH_MODE")? != "none" && at.environment != "prod" {
        return Ok(());
    }
    let (pods, functions) = (
        at.variable("ALLOW_DELETE_ALL")?,
        plain(&at.terraform("allow_delete_all")?),
    );
    faults.equal(
        &format!("{}: ALLOW_DELETE_ALL", layers::values_file(at.environment)),
        pods,
        "allow_delete_all",
        functions,
    );
    Ok(())
}

fn origins(at: &Layers<'_>, faults: &mut Faults) -> anyhow::Result<()> {
    let terraform = at.terraform("allowed_origins")?;
    let list: Vec<_> = terraform
        .as_array()
        .into_iter()
        .flatten()
        .map(plain)
        .collect();
    let chart = at.variable("CORS_ALLOWED_ORIGINS")?;
    faults.equal(
        &format!(
            "{}: CORS_ALLOWED_ORIGINS",
            layers::values_file(at.environment)
        ),
        chart,
        &format!("{}: allowed_origins", layers::tfvars_file(at.environment)),
        list.join(","),
    );
    Ok(())
}

fn default_ttl(texts: &Texts, at: &Layers<'_>, faults: &mut Faults) -> anyhow::Result<()> {
    let name = layers::service_name(at.environment);
    let default = layers::default(texts, "CACHE_TTL", name)?;
    let terraform = at.terraform_number("cache_ttl_seconds")?;
    faults.equal(
        &format!("the service's CACHE_TTL in {name}"),
        default,
        &layers::tfvars_file(at.environment),
        terraform,
    );
    Ok(())
}

/// Terraform says dev, staging, prod; the service development, staging, production.
fn names_the_environment(
    texts: &Texts,
    at: &Layers<'_>,
    faults: &mut Faults,
) -> anyhow::Result<()> {
    let name = layers::service_name(at.environment);
    let file = layers::values_file(at.environment);
    faults.equal(
        &format!("{file}: environment"),
        layers::text(&at.values, "/environment")?,
        "the service's name",
        name,
    );
    faults.equal(
        &layers::tfvars_file(at.environment),
        at.terraform_text("environment")?,
        "its folder",
        at.environment,
    );
    let pair = format!("{} = \"{name}\"", at.environment);
    let line = texts.between(FUNCTIONS, "ENVIRONMENT        = {", "}")?;
    faults.holds(line.contains(&pair), || {
        format!("{FUNCTIONS}: ENVIRONMENT does not say {pair}")
    });
    Ok(())
}

/// What production must state stands in its own file, not in a default.
fn in_words(texts: &Texts, faults: &mut Faults) -> anyhow::Result<()> {
    let file = layers::values_file("prod");
    let prod = texts.yaml(&file)?;
    for name in ["AUTH_MODE", "ALLOW_DELETE_ALL", "AMOUNT_SIGN"] {
        let said = prod.pointer(&format!("/config/{name}")).is_some();
        faults.holds(said, || format!("{file} does not say {name} in words"));
    }
    Ok(())
}
