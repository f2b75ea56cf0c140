//! Breaks one security property after another and asks whether a test notices.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::{check::Check, offline::TfOffline, pool::Job, roots, tree};
use crate::mutation;

const FILE: &str = "tests/mutations.json";

/// One property, and the smallest change that breaks it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutation {
    property: String,
    /// Path from `terraform/`.
    file: String,
    /// Stands exactly once in the file.
    find: String,
    replace: String,
    /// The module whose tests are run.
    module: String,
    /// Its test file and the run that must turn red.
    test: String,
    run: String,
}

/// One job a mutation.
pub(super) fn jobs(tf: &TfOffline) -> Vec<Job<'_>> {
    match list() {
        Ok(list) => list
            .into_iter()
            .map(|mutation| -> Job<'_> { Box::new(move || vec![check(tf, &mutation)]) })
            .collect(),
        Err(error) => vec![Box::new(move || {
            vec![Check::failed("mutations", format!("{error:#}"))]
        })],
    }
}

/// That every entry of the list still fits its file: cheap, so that it is done always.
pub(super) fn check_list() -> Check {
    Check::of("mutations fit their files", fits())
}

fn fits() -> anyhow::Result<()> {
    for mutation in list()? {
        let path = roots::terraform().join(&mutation.file);
        let text = fs::read_to_string(&path).with_context(|| mutation.file.clone())?;
        mutated(&text, &mutation)?;
        let test = roots::terraform()
            .join(&mutation.module)
            .join(&mutation.test);
        let tests = fs::read_to_string(&test).with_context(|| test.display().to_string())?;
        if !tests.contains(&format!("run \"{}\"", mutation.run)) {
            bail!("{}: there is no run {:?}", test.display(), mutation.run);
        }
    }
    Ok(())
}

fn list() -> anyhow::Result<Vec<Mutation>> {
    mutation::list(&roots::terraform().join(FILE))
}

fn check(tf: &TfOffline, mutation: &Mutation) -> Check {
    let name = format!("without {:?} {} turns red", mutation.property, mutation.run);
    Check::of(name, turns_red(tf, mutation))
}

fn turns_red(tf: &TfOffline, mutation: &Mutation) -> anyhow::Result<()> {
    let copy = tree::copy()?;
    let path = copy.terraform().join(&mutation.file);
    let text = fs::read_to_string(&path).with_context(|| mutation.file.clone())?;
    fs::write(&path, mutated(&text, mutation)?)?;
    let folder = copy.terraform().join(&mutation.module);
    keep_one_run(&folder.join(&mutation.test), &mutation.run)?;
    let tested = tf.test(&folder, Some(&mutation.test))?;
    if !tested.failed.contains(&mutation.run) {
        bail!(
            "it stays green; red are: {}\n{}",
            tested.failed.join(", "),
            tested.text
        );
    }
    Ok(())
}

/// Takes the other runs out of the copy's test file: each plans for itself, and they would be most of the time.
fn keep_one_run(path: &Path, run: &str) -> anyhow::Result<()> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    fs::write(path, with_one_run(&text, run)).with_context(|| path.display().to_string())
}

/// The files are formatted by `terraform fmt`: a block of the first level begins and ends at the margin.
fn with_one_run(text: &str, run: &str) -> String {
    let wanted = format!("run \"{run}\" {{");
    let (mut kept, mut dropping) = (String::new(), false);
    for line in text.lines() {
        dropping = dropping || (line.starts_with("run \"") && line != wanted);
        if !dropping {
            kept.push_str(line);
            kept.push('\n');
        }
        dropping = dropping && line != "}";
    }
    kept
}

fn mutated(text: &str, fault: &Mutation) -> anyhow::Result<String> {
    mutation::mutated(&fault.file, text, &fault.find, &fault.replace)
}

#[cfg(test)]
mod tests {
    use super::with_one_run;

    #[test]
    fn keeps_the_named_run_and_what_is_no_run() {
        let text = "mock_provider \"aws\" {\n}\n\nrun \"a\" {\n  assert {\n  }\n}\n\nrun \"ab\" {\n  x = 1\n}\n\nrun \"b\" {\n}\n";
        assert_eq!(
            with_one_run(text, "ab"),
            "mock_provider \"aws\" {\n}\n\n\nrun \"ab\" {\n  x = 1\n}\n\n"
        );
    }
}
