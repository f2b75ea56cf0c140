//! Terraform's outputs: what the platform's values ask for is there, and the example has the true shape.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde_json::Value;

use super::{faults::Faults, hcl, layers, texts::Texts};

const EXAMPLE: &str = "helm/platform/terraform-output.example.json";

pub(super) fn check(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let example = texts.json(EXAMPLE)?;
    for env in layers::ENVIRONMENTS {
        let file = format!("terraform/environments/{env}/outputs.tf");
        let text = texts.text(&file)?;
        for file_of_values in texts.files("helm/platform/values", ".yaml")? {
            for path in placeholders(&texts.text(&file_of_values)?) {
                let Some((output, rest)) = path.split_once('.') else {
                    continue;
                };
                if output == "settings" {
                    continue;
                }
                let key = rest.split('.').next().unwrap_or_default();
                let there = keys(&text, output).is_ok_and(|keys| keys.contains(key));
                faults.holds(there, || {
                    format!("{file_of_values}: {file} has no {output}.{key}")
                });
            }
        }
        let made: BTreeSet<String> = keys(&text, "helm").with_context(|| file.clone())?;
        let shown: BTreeSet<String> = example["helm"]["value"]
            .as_object()
            .into_iter()
            .flat_map(|map| map.keys().cloned())
            .collect();
        let differs: Vec<_> = made.symmetric_difference(&shown).cloned().collect();
        faults.holds(differs.is_empty(), || {
            format!(
                "{EXAMPLE} and output helm of {file} differ in {}",
                differs.join(", ")
            )
        });
    }
    settings(texts, &mut faults)?;
    faults.finish()
}

/// Every environment has the same settings, and each is used.
fn settings(texts: &Texts, faults: &mut Faults) -> anyhow::Result<()> {
    let mut used = BTreeSet::new();
    for file in texts.files("helm/platform/values", ".yaml")? {
        used.extend(
            placeholders(&texts.text(&file)?)
                .iter()
                .filter_map(|path| path.strip_prefix("settings."))
                .map(str::to_owned),
        );
    }
    for env in layers::ENVIRONMENTS {
        let file = format!("helm/platform/environments/{env}.yaml");
        let Value::Object(given) = texts.yaml(&file)? else {
            anyhow::bail!("{file} is no map");
        };
        // prometheus_storage and its like are read by the values; none is written for nobody.
        let given: BTreeSet<String> = given.keys().cloned().collect();
        let differs: Vec<_> = given.symmetric_difference(&used).cloned().collect();
        faults.holds(differs.is_empty(), || {
            format!(
                "{file} and helm/platform/values differ in {}",
                differs.join(", ")
            )
        });
    }
    Ok(())
}

/// The keys of an output that is one map, or a map on a condition.
fn keys(text: &str, output: &str) -> anyhow::Result<BTreeSet<String>> {
    let body = hcl::block(text, &format!("output \"{output}\" {{"))?;
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let keys = lines
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_once('='));
    Ok(keys.map(|(key, _)| key.trim().to_owned()).collect())
}

fn placeholders(text: &str) -> BTreeSet<String> {
    let parts = text
        .split("((")
        .skip(1)
        .filter_map(|part| part.split_once("))"));
    parts.map(|(path, _)| path.to_owned()).collect()
}
