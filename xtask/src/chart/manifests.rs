//! What helm and Kubernetes' schemas say about the chart with each set of values.

use std::{path::Path, process::Command};

use anyhow::ensure;

use super::{
    source::Source,
    tools::Kubeconform,
    variation::{self, Variation},
    wiring,
};
use crate::{check::Check, program};

/// `helm lint --strict` with each set of values.
pub(super) fn lint(helm: &Path, source: &Source) -> Vec<Check> {
    variation::ALL
        .iter()
        .map(|variation| {
            Check::of(
                format!("{}: lint", variation.name),
                lint_one(helm, source, variation),
            )
        })
        .collect()
}

fn lint_one(helm: &Path, source: &Source, variation: &Variation) -> anyhow::Result<()> {
    let mut lint = Command::new(helm);
    lint.args(["lint", "--strict", "--quiet"])
        .arg(source.path())
        .args(variation.words(source));
    program::said(&mut lint).map(drop)
}

/// Every object against its schema, in which unknown keys are refused.
pub(super) fn schemas(helm: &Path, kubeconform: &Kubeconform, source: &Source) -> Vec<Check> {
    variation::ALL
        .iter()
        .map(|variation| {
            let name = format!("{}: manifests", variation.name);
            match schemas_one(helm, kubeconform, source, variation) {
                Ok(count) => Check::passed_many(name, count),
                Err(error) => Check::failed(name, format!("{error:#}")),
            }
        })
        .collect()
}

fn schemas_one(
    helm: &Path,
    kubeconform: &Kubeconform,
    source: &Source,
    variation: &Variation,
) -> anyhow::Result<usize> {
    let manifests = variation.manifests(helm, source)?;
    let count = variation::objects(&manifests)?.len();
    let place = kubeconform
        .schemas
        .join("{{.ResourceKind}}{{.KindSuffix}}.json");
    let mut validate = Command::new(&kubeconform.program);
    validate
        .args(["-strict", "-summary", "-output", "text", "-schema-location"])
        .arg(place);
    let text = program::told(&mut validate, &manifests)?;
    ensure!(
        text.contains(&format!(
            "Valid: {count}, Invalid: 0, Errors: 0, Skipped: 0"
        )),
        "of {count} objects not all were looked at: {}",
        text.trim()
    );
    Ok(count)
}

/// The objects of one release against each other.
pub(super) fn wiring(helm: &Path, source: &Source) -> Vec<Check> {
    let mut checks = Vec::new();
    for variation in &variation::ALL {
        let objects = variation
            .manifests(helm, source)
            .and_then(|text| variation::objects(&text));
        // helm lint takes what the templates refuse by `fail`; rendering does not.
        let name = format!("{}: rendering", variation.name);
        match objects {
            Ok(objects) => {
                checks.push(Check::passed_many(name, objects.len()));
                checks.extend(wiring::check(variation.name, &objects));
            }
            Err(error) => checks.push(Check::failed(name, format!("{error:#}"))),
        }
    }
    checks
}
