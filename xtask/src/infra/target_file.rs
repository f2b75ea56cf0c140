//! `deploy-targets.json` alone moves an environment: the plan follows it.

use std::fs;

use anyhow::{Context as _, ensure};

use super::{check::Check, offline::TfOffline, plan::Plan, roots, tree};

/// The environment that is moved, from where to where.
const ENVIRONMENT: &str = "dev";
const FROM: &str = "lambda";
const TO: &str = "eks";

/// Moves it in a copy, and plans without any other word.
pub(super) fn check(tf: &TfOffline) -> Check {
    let name = format!("plan {ENVIRONMENT} follows deploy-targets.json from {FROM} to {TO}");
    Check::of(name, follows(tf))
}

fn follows(tf: &TfOffline) -> anyhow::Result<()> {
    let copy = tree::copy()?;
    let file = copy.root().join("deploy-targets.json");
    let text = fs::read_to_string(&file).context("deploy-targets.json")?;
    let (old, new) = (
        format!("\"{ENVIRONMENT}\": \"{FROM}\""),
        format!("\"{ENVIRONMENT}\": \"{TO}\""),
    );
    ensure!(
        text.contains(&old),
        "deploy-targets.json does not say {old}"
    );
    fs::write(&file, text.replace(&old, &new))?;
    let folder = copy.terraform().join("environments").join(ENVIRONMENT);
    let words = [format!("-var=account_id={}", roots::ACCOUNT)];
    let plan = Plan::read(&tf.plan(&folder, &words)?);
    ensure!(
        plan.of_kind("aws_eks_cluster").count() == 1,
        "the plan has no cluster"
    );
    ensure!(
        plan.of_kind("aws_apigatewayv2_api").next().is_none(),
        "the plan still has the functions' API"
    );
    Ok(())
}
