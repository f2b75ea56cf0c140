//! One file says where each environment runs; Terraform follows it.

use anyhow::Context as _;

use super::{
    faults::Faults,
    hcl,
    layers::{self, Layers, TARGETS},
    texts::Texts,
};

pub(super) fn check(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let all = texts.json(TARGETS)?;
    let named = all
        .as_object()
        .with_context(|| format!("{TARGETS} is no object"))?;
    faults.equal(
        &format!("{TARGETS}: environments"),
        named.len(),
        "the environments' number",
        layers::ENVIRONMENTS.len(),
    );
    for at in Layers::all(texts)? {
        let target = at.target()?;
        let known = ["lambda", "eks", "both"].contains(&target.as_str());
        faults.holds(known, || {
            format!(
                "{TARGETS}: {} is {target}, not lambda, eks or both",
                at.environment
            )
        });
        if known {
            terraform(texts, &at, &target, &mut faults)?;
        }
    }
    faults.finish()
}

/// Terraform reads the file, nothing overrides it, and what the target needs is given.
fn terraform(
    texts: &Texts,
    at: &Layers<'_>,
    target: &str,
    faults: &mut Faults,
) -> anyhow::Result<()> {
    let env = at.environment;
    let locals = format!("terraform/environments/{env}/locals.tf");
    let reads =
        "jsondecode(file(\"${path.module}/../../../deploy-targets.json\"))[var.environment]";
    let line = texts.text(&locals)?;
    let follows = line
        .lines()
        .any(|line| line.trim_start().starts_with("deploy_target") && line.contains(reads));
    faults.holds(follows, || {
        format!("{locals}: deploy_target does not come from {TARGETS}")
    });
    let tfvars = layers::tfvars_file(env);
    let own = hcl::assigned(&texts.text(&tfvars)?, "deploy_target")?;
    faults.holds(own.is_none(), || {
        format!("{tfvars} gives a deploy_target of its own: change {TARGETS}")
    });
    let budget = at.terraform("monthly_budget_usd")?;
    faults.holds(budget[target].is_number(), || {
        format!("{tfvars}: monthly_budget_usd has nothing for {target}")
    });
    if target != "lambda" {
        let domain = texts
            .text(&tfvars)?
            .lines()
            .any(|line| line.starts_with("domain") && line.contains("zone_name"));
        faults.holds(domain, || {
            format!("{tfvars}: {target} needs a domain, for the load balancer's certificate")
        });
        // Several pods share a cache.
        let enabled = at.terraform("enable_elasticache")?;
        faults.holds(enabled != false, || {
            format!("{tfvars}: enable_elasticache is false, but {target} runs several pods")
        });
    }
    Ok(())
}
