//! Breaks one property of the chart after another and asks whether the check that guards it notices.

use std::fs;

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;

use super::{configuration, manifests, schema, source::Source, suites, tools::Tools};
use crate::{
    check::{Check, Outcome},
    mutation,
    temporary::Folder,
};

const FILE: &str = "tests/mutations.json";

/// One fault, and who must find it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutation {
    fault: String,
    /// Path from the chart's folder.
    file: String,
    /// Stands exactly once in the file.
    find: String,
    replace: String,
    /// The checks that must turn red, by the names that they are printed with.
    red: Vec<String>,
    /// Words that the first one's refusal must hold: another error would prove nothing.
    says: String,
}

/// That every entry of the list still fits its file: cheap, so that it is done always.
pub(super) fn check_list(source: &Source) -> Check {
    Check::of("mutations fit their files", fits(source))
}

fn fits(source: &Source) -> anyhow::Result<()> {
    for mutation in list(source)? {
        mutated(&source.read(&mutation.file)?, &mutation)?;
        ensure!(
            !mutation.red.is_empty(),
            "{:?}: no check is named",
            mutation.fault
        );
    }
    Ok(())
}

/// One check a mutation.
pub(super) fn check(tools: &Tools, source: &Source) -> Vec<Check> {
    match list(source) {
        Err(error) => vec![Check::failed("mutations", format!("{error:#}"))],
        Ok(list) => list
            .iter()
            .map(|mutation| {
                let name = format!("{}: turns red {}", mutation.fault, mutation.red.join(", "));
                match turns_red(tools, source, mutation) {
                    Ok(None) => Check::passed(name),
                    Ok(Some(why)) => Check::left_out(name, why),
                    Err(error) => Check::failed(name, format!("{error:#}")),
                }
            })
            .collect(),
    }
}

fn list(source: &Source) -> anyhow::Result<Vec<Mutation>> {
    mutation::list(&source.file(FILE))
}

/// None, or why it could not be tried.
fn turns_red(
    tools: &Tools,
    source: &Source,
    mutation: &Mutation,
) -> anyhow::Result<Option<String>> {
    let scratch = Folder::new("chart")?;
    let copy = source.copied_to(&scratch)?;
    let text = copy.read(&mutation.file)?;
    fs::write(copy.file(&mutation.file), mutated(&text, mutation)?)?;
    for (index, name) in mutation.red.iter().enumerate() {
        let check = named(tools, &copy, name)?;
        match check.outcome {
            Outcome::Failed(why) if index > 0 || why.contains(&mutation.says) => {}
            Outcome::Failed(why) => bail!("{name} fails for another reason: {why}"),
            Outcome::Passed(_) => bail!("{name} stays green"),
            Outcome::LeftOut(why) => return Ok(Some(why)),
        }
    }
    Ok(None)
}

/// Runs no more than the part that the check belongs to.
fn named(tools: &Tools, copy: &Source, name: &str) -> anyhow::Result<Check> {
    let helm = tools.helm.as_deref().context("helm is not there");
    let checks = if let Some(suite) = name.strip_prefix("suite ") {
        let unittest = tools
            .unittest
            .as_deref()
            .context("helm-unittest is not there")?;
        vec![suites::one(unittest, copy, suite)]
    } else if name.starts_with("schema: ") {
        schema::check(copy)
    } else if name.ends_with(": lint") {
        manifests::lint(helm?, copy)
    } else if name.ends_with(": manifests") {
        let kubeconform = tools
            .kubeconform
            .as_ref()
            .context("kubeconform is not there")?;
        manifests::schemas(helm?, kubeconform, copy)
    } else if name.ends_with(configuration::TAKEN) {
        configuration::check(helm?, copy)
    } else {
        manifests::wiring(helm?, copy)
    };
    if let [one] = checks.as_slice()
        && matches!(one.outcome, Outcome::LeftOut(_))
    {
        return checks.into_iter().next().context("there is no check");
    }
    checks
        .into_iter()
        .find(|check| check.name == name)
        .with_context(|| format!("there is no check {name:?}"))
}

fn mutated(text: &str, fault: &Mutation) -> anyhow::Result<String> {
    mutation::mutated(&fault.file, text, &fault.find, &fault.replace)
}
