//! The texts that are checked: read once, so that a mutation can change one of them.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context as _;
use serde_json::Value;

use super::rules::RuleFile;
use crate::{check::Check, mutation, workspace};

/// The rules.
pub(super) const RULES: &str = "helm/expense-backend/files/rules.yaml";
/// The dashboards.
pub(super) const BOARDS: &str = "helm/expense-backend/files/dashboards";
/// The cases of promtool.
pub(super) const CASES: &str = "tests/monitoring/alerts";
/// What to do about each alert.
pub(super) const RUNBOOK: &str = "docs/runbooks/alerts.md";
/// What is measured, and the table of alerts.
pub(super) const DOCUMENT: &str = "docs/MONITORING.md";
/// Series of other programs.
pub(super) const THIRD_PARTY: &str = "tests/monitoring/third_party.json";
/// The panels that the design lists.
pub(super) const PANELS: &str = "tests/monitoring/panels.json";
/// How Prometheus finds the service.
pub(super) const SERVICE_MONITOR: &str = "helm/expense-backend/templates/servicemonitor.yaml";
/// What the platform has CloudWatch's exporter ask for.
pub(super) const PLATFORM: &str = "helm/platform/values";
/// Where each environment runs.
pub(super) const TARGETS: &str = "deploy-targets.json";
/// The environments.
pub(super) const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];

/// Every text, by its path from the root of the repository.
#[derive(Clone)]
pub(super) struct Sources {
    texts: BTreeMap<String, String>,
    /// What the running service shows at `/metrics` under load.
    pub(super) exposition: String,
}

impl Sources {
    pub(super) fn load() -> anyhow::Result<Self> {
        let mut texts = BTreeMap::new();
        for file in [
            RULES,
            RUNBOOK,
            DOCUMENT,
            THIRD_PARTY,
            PANELS,
            TARGETS,
            SERVICE_MONITOR,
        ] {
            texts.insert(file.to_owned(), read(Path::new(file))?);
        }
        for environment in ENVIRONMENTS {
            let file = tfvars(environment);
            texts.insert(file.clone(), read(Path::new(&file))?);
        }
        add_folder(&mut texts, BOARDS, "json")?;
        add_folder(&mut texts, CASES, "yaml")?;
        if workspace::root().join(PLATFORM).is_dir() {
            add_folder(&mut texts, PLATFORM, "yaml")?;
        }
        Ok(Self {
            texts,
            exposition: String::new(),
        })
    }

    pub(super) fn text(&self, path: &str) -> anyhow::Result<&str> {
        let text = self.texts.get(path);
        text.map(String::as_str)
            .with_context(|| format!("{path} was not read"))
    }

    /// The files of a folder.
    pub(super) fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts
            .iter()
            .filter(move |(path, _)| {
                path.strip_prefix(folder)
                    .is_some_and(|rest| rest.starts_with('/'))
            })
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    pub(super) fn rules(&self) -> anyhow::Result<RuleFile> {
        serde_saphyr::from_str(self.text(RULES)?).with_context(|| RULES.to_owned())
    }

    pub(super) fn json(&self, path: &str) -> anyhow::Result<Value> {
        serde_json::from_str(self.text(path)?).with_context(|| path.to_owned())
    }

    /// The dashboards with their paths.
    pub(super) fn boards(&self) -> anyhow::Result<Vec<(&str, Value)>> {
        self.below(BOARDS)
            .map(|(path, text)| {
                let board = serde_json::from_str(text).with_context(|| path.to_owned())?;
                Ok((path, board))
            })
            .collect()
    }

    /// The same texts with one change; `find` stands exactly once in the file.
    pub(super) fn changed(&self, path: &str, find: &str, replace: &str) -> anyhow::Result<Self> {
        let text = mutation::mutated(path, self.text(path)?, find, replace)?;
        let mut changed = self.clone();
        changed.texts.insert(path.to_owned(), text);
        Ok(changed)
    }

    /// Leaves one file of cases.
    pub(super) fn keep_cases(&mut self, file: &str) {
        self.texts
            .retain(|path, _| !path.starts_with(CASES) || path == file);
    }

    /// What a check could not look at.
    pub(super) fn left_out(&self) -> Vec<Check> {
        let why = format!("{PLATFORM} is not there");
        let note = Check::left_out("series of CloudWatch", why);
        let platform = self.below(PLATFORM).next();
        if platform.is_none() {
            vec![note]
        } else {
            Vec::new()
        }
    }
}

/// The variables of an environment.
pub(super) fn tfvars(environment: &str) -> String {
    format!("terraform/environments/{environment}/terraform.tfvars")
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(workspace::root().join(path))
        .with_context(|| format!("reading {}", path.display()))
}

fn add_folder(
    texts: &mut BTreeMap<String, String>,
    folder: &str,
    extension: &str,
) -> anyhow::Result<()> {
    let entries = fs::read_dir(workspace::root().join(folder))
        .with_context(|| format!("reading {folder}"))?;
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}/{name}");
        if Path::new(&name)
            .extension()
            .is_some_and(|found| found == extension)
        {
            texts.insert(path.clone(), read(Path::new(&path))?);
        }
    }
    Ok(())
}
