//! Connections: what every release and function may open together fits into the database.
//!
//! (sum over releases side by side of HPA maximum + surge) x `DB_POOL_MAX` + Lambda concurrency x 2 + 5 for Jobs and
//! people <= 0.8 x `max_connections`. Asked for every environment as if it ran on both targets: a change of the target
//! must not overload the database.

use anyhow::Context as _;
use serde_json::Value;

use super::{
    faults::Faults,
    layers::{self, Layers},
    texts::Texts,
};

const DEPLOYMENT: &str = "helm/expense-backend/templates/deployment.yaml";
const FUNCTIONS: &str = "terraform/modules/lambda/main.tf";
/// Migration Jobs, administrators, exporters.
const OTHERS: i64 = 5;

pub(super) fn check(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let surge: i64 = texts.after(DEPLOYMENT, "maxSurge:")?.parse()?;
    let sandbox: i64 = texts
        .between(FUNCTIONS, "DB_POOL_MAX        = \"", "\"")?
        .parse()?;
    let page = format!("{}: DB_POOL_MAX on Lambda", layers::CONFIGURATION);
    faults.equal(
        &format!("{FUNCTIONS}: DB_POOL_MAX"),
        sandbox,
        &page,
        on_lambda(texts, "DB_POOL_MAX")?,
    );
    for at in Layers::all(texts)? {
        let releases = connections(texts, &at, &at.values, surge)?
            + connections(texts, &at, &at.beside()?, surge)?;
        let functions = at.terraform_number("lambda_reserved_concurrency")? * sandbox;
        let limit = at.terraform_number("rds_max_connections")?;
        let sum = releases + functions + OTHERS;
        // In tenths, so that nothing is rounded.
        faults.holds(sum * 10 <= limit * 8, || {
            format!(
                "{}: two releases may open {releases} connections, functions {functions}, others {OTHERS}: {sum} is more than 0.8 x rds_max_connections {limit} of {}",
                layers::values_file(at.environment),
                layers::tfvars_file(at.environment)
            )
        });
    }
    faults.finish()
}

/// A release at its largest, in the midst of a rollout.
fn connections(texts: &Texts, at: &Layers<'_>, values: &Value, surge: i64) -> anyhow::Result<i64> {
    let enabled = values.pointer("/autoscaling/enabled") == Some(&Value::Bool(true));
    let most = layers::number(
        values,
        if enabled {
            "/autoscaling/maxReplicas"
        } else {
            "/replicaCount"
        },
    )?;
    let name = layers::service_name(at.environment);
    let pool: i64 = layers::variable(texts, values, name, "DB_POOL_MAX")?.parse()?;
    Ok((most + surge) * pool)
}

/// "`30`, on Lambda `2`".
fn on_lambda(texts: &Texts, name: &str) -> anyhow::Result<String> {
    let page = texts.text(layers::CONFIGURATION)?;
    let row = page
        .lines()
        .find(|line| line.starts_with(&format!("| `{name}` |")));
    let (_, rest) = row
        .and_then(|row| row.split_once("on Lambda `"))
        .with_context(|| format!("{}: {name} says nothing of Lambda", layers::CONFIGURATION))?;
    Ok(rest.split('`').next().unwrap_or_default().to_owned())
}
