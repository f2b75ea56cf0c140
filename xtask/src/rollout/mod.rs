//! `cargo xtask rollout` and `rollback`: a release goes out, and back by itself where it is no good.

mod alarms;
mod alias;
mod eks;
mod lambda;
mod options;
mod smoke;

use anyhow::{Context as _, bail};

use self::{
    eks::Cluster,
    lambda::Functions,
    options::{Options, ROLLBACK, ROLLOUT},
};
use crate::{github, targets::Target};

/// Runs `rollout`.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(words) = ROLLOUT.read(words)? else {
        return Ok(());
    };
    let options = Options::read(&words)?;
    println!(
        "rollout of {} to {} ({})",
        options.commit, options.environment, options.target
    );
    let outcome = match options.target {
        Target::Eks => pods(&options).map(drop),
        Target::Lambda => functions(&options),
        Target::Both => both(&options),
    };
    let word = if outcome.is_ok() { "done" } else { "failed" };
    github::summary(&format!(
        "Rollout of `{}` to {} ({}): {word}",
        options.commit, options.environment, options.target
    ))?;
    outcome
}

/// The pods first: their migration Job runs before either of the two serves.
fn both(options: &Options) -> anyhow::Result<()> {
    let (cluster, before) = pods(options)?;
    let Err(error) = functions(options) else {
        return Ok(());
    };
    // One release on both sides: what ran side by side before does so again.
    let Some(revision) = before else {
        bail!("the functions failed, and there is no earlier release of the pods: {error:#}");
    };
    cluster.rollback(revision).with_context(|| {
        format!("the functions failed ({error:#}), and then the pods' rollback")
    })?;
    bail!("the functions failed, the pods are back at revision {revision}: {error:#}");
}

fn pods(options: &Options) -> anyhow::Result<(Cluster, Option<u64>)> {
    let cluster = Cluster::connect(options)?;
    let before = cluster.deploy(options)?;
    Ok((cluster, before))
}

fn functions(options: &Options) -> anyhow::Result<()> {
    Functions::new(&options.outputs)?.deploy(options)
}

/// Runs `rollback`.
pub(crate) fn back(words: &[String]) -> anyhow::Result<()> {
    let Some(words) = ROLLBACK.read(words)? else {
        return Ok(());
    };
    let options = Options::read(&words)?;
    if options.target == Target::Both {
        bail!("roll back eks and lambda one after the other: each has versions of its own");
    }
    let to = match words.optional("to") {
        None => None,
        Some(word) => Some(
            word.parse::<u64>()
                .ok()
                .with_context(|| format!("--to {word:?} is no number of a version or revision"))?,
        ),
    };
    match options.target {
        Target::Lambda if words.flag("canary-only") => {
            Functions::new(&options.outputs)?.settle().map(drop)
        }
        Target::Lambda => Functions::new(&options.outputs)?.back(to),
        _ => Cluster::connect(&options)?.back(to),
    }
}
