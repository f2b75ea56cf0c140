//! Plants one fault after another, and asks whether the check that should find it does.

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::{CHECKS, sources::Sources};
use crate::{check::Check, mutation, workspace};

const FILE: &str = "tests/monitoring/mutations.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutation {
    /// What is wrong then.
    fault: String,
    file: String,
    /// Stands exactly once in the file.
    find: String,
    replace: String,
    /// The check that must fail.
    check: String,
    /// The one file of cases that is run, where cases are.
    cases: Option<String>,
}

/// One check a mutation.
pub(super) fn turn_red(sources: &Sources) -> anyhow::Result<Vec<Check>> {
    let list: Vec<Mutation> = mutation::list(&workspace::root().join(FILE))?;
    let tried = list.iter().map(|mutation| {
        let name = format!("with {} {:?} turns red", mutation.fault, mutation.check);
        Check::of(name, red(sources, mutation))
    });
    Ok(tried.collect())
}

fn red(sources: &Sources, mutation: &Mutation) -> anyhow::Result<()> {
    let check = CHECKS.iter().find(|check| check.name == mutation.check);
    let check = check.with_context(|| format!("there is no check {:?}", mutation.check))?;
    let mut changed = sources.changed(&mutation.file, &mutation.find, &mutation.replace)?;
    if let Some(file) = &mutation.cases {
        changed.keep_cases(file);
    }
    // A file that cannot be read any more is no fault found.
    let faults = (check.run)(&changed)?;
    if faults.is_empty() {
        bail!("it stays green");
    }
    Ok(())
}
