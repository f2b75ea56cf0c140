//! The sets of values that the chart is looked at with.

use std::{path::Path, process::Command};

use anyhow::Context as _;
use serde_json::Value;

use super::source::Source;
use crate::program;

/// One set: a name, values files on top of values.yaml, from the chart's folder.
pub(super) struct Variation {
    pub(super) name: &'static str,
    pub(super) files: &'static [&'static str],
}

/// Every environment, bare and with what Terraform knows; releases side by side; every switch on, every switch off.
pub(super) const ALL: [Variation; 9] = [
    Variation {
        name: "defaults",
        files: &[],
    },
    Variation {
        name: "dev",
        files: &["values-dev.yaml"],
    },
    Variation {
        name: "staging",
        files: &["values-staging.yaml"],
    },
    Variation {
        name: "prod",
        files: &["values-prod.yaml"],
    },
    Variation {
        name: "prod with Terraform's values",
        files: &["values-prod.yaml", "tests/values/terraform.yaml"],
    },
    Variation {
        name: "prod at its first install",
        files: &[
            "values-prod.yaml",
            "tests/values/terraform.yaml",
            "tests/values/first-install.yaml",
        ],
    },
    Variation {
        name: "prod beside another release",
        files: &[
            "values-prod.yaml",
            "tests/values/terraform.yaml",
            "values-beside.yaml",
        ],
    },
    Variation {
        name: "everything on",
        files: &["tests/values/everything-on.yaml"],
    },
    Variation {
        name: "everything off",
        files: &["tests/values/everything-off.yaml"],
    },
];

impl Variation {
    /// `--values FILE` for each.
    pub(super) fn words(&self, source: &Source) -> Vec<String> {
        self.files
            .iter()
            .map(|file| format!("--values={}", source.file(file).display()))
            .collect()
    }

    /// The manifests as text, hooks and test pods among them.
    pub(super) fn manifests(&self, helm: &Path, source: &Source) -> anyhow::Result<String> {
        let mut render = Command::new(helm);
        render
            .args(["template", "expense-backend"])
            .arg(source.path())
            .args(["--namespace", "expense"])
            .args(self.words(source));
        program::said(&mut render)
    }
}

/// The manifests as objects.
pub(super) fn objects(manifests: &str) -> anyhow::Result<Vec<Value>> {
    let all: Vec<Value> = serde_saphyr::from_multiple(manifests).context("reading manifests")?;
    Ok(all.into_iter().filter(|object| !object.is_null()).collect())
}
