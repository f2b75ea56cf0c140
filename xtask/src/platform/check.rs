//! `cargo xtask platform check`: what can be known of the platform without a cluster.

use super::{alertmanager, charts, facts, fluent_bit, install, keys, manifests};

/// Runs every check, for every environment where they differ.
pub(super) fn run() -> anyhow::Result<()> {
    let charts = charts::list()?;
    let keys = keys::check(&charts, &keys::known()?)?;
    println!(
        "{keys} keys of {} releases were seen in their charts",
        charts.len()
    );
    let documents = manifests::all()?;
    manifests::check(&documents)?;
    println!("{} manifests hold what others count on", documents.len());
    for environment in facts::ENVIRONMENTS {
        let facts = facts::example(environment)?;
        let (steps, _) = install::steps(&facts, None)?;
        alertmanager::check(&alertmanager::of(&facts)?)?;
        fluent_bit::check(&facts, &fluent_bit::of(&facts)?)?;
        println!(
            "{environment}: {} steps; Alertmanager's routes and Fluent Bit's parsers do as they should",
            steps.len()
        );
    }
    Ok(())
}
