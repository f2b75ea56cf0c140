//! `cargo xtask platform`: what the cluster needs beside the service, from `helm/platform`.

mod alertmanager;
mod charts;
mod check;
mod facts;
mod fluent_bit;
mod install;
mod keys;
mod manifests;
mod options;
mod template;
mod values;

use self::{
    facts::Facts,
    options::{Action, Options},
};

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let options = Options::parse(words)?;
    match &options.action {
        Action::Help => println!("{}", options::USAGE),
        Action::Check => check::run()?,
        Action::Template { charts } => template::run(&facts(&options)?, charts.as_deref())?,
        Action::Install { dry_run } => {
            install(&facts(&options)?, options.context.as_deref(), *dry_run)?;
        }
    }
    Ok(())
}

fn facts(options: &Options) -> anyhow::Result<Facts> {
    Facts::new(&options.environment, &facts::read(&options.outputs)?)
}

fn install(facts: &Facts, context: Option<&str>, dry_run: bool) -> anyhow::Result<()> {
    let (steps, left_out) = install::steps(facts, context)?;
    for why in &left_out {
        println!("# left out: {why}");
    }
    if !dry_run {
        install::right_cluster(facts, context)?;
    }
    for step in &steps {
        println!("{step}");
        if !dry_run {
            step.run()?;
        }
    }
    Ok(())
}
