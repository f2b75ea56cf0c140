//! The workflows and what they speak of, read once.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;

/// A workflow or an action of the repository.
pub(super) struct File {
    /// Below `.github`, such as `workflows/ci.yml`.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) yaml: Value,
}

/// Everything that the rules read.
pub(super) struct Repository {
    pub(super) root: PathBuf,
    pub(super) workflows: Vec<File>,
    pub(super) actions: Vec<File>,
    /// `.github/actions.tsv`
    pub(super) known: String,
    /// `docs/REPOSITORY-SETTINGS.md`
    pub(super) settings: String,
    /// Outputs of every environment alike.
    pub(super) outputs: String,
    /// Which role trusts which GitHub environment.
    pub(super) trust: String,
}

impl Repository {
    pub(super) fn read(root: &Path) -> anyhow::Result<Self> {
        let text = |file: &str| {
            fs::read_to_string(root.join(file)).with_context(|| format!("reading {file}"))
        };
        let mut workflows = Vec::new();
        for file in listed(&root.join(".github/workflows"))? {
            workflows.push(File::read(root, &file)?);
        }
        ensure!(!workflows.is_empty(), ".github/workflows holds no workflow");
        let mut actions = Vec::new();
        for folder in listed(&root.join(".github/actions"))? {
            actions.push(File::read(root, &folder.join("action.yml"))?);
        }
        Ok(Self {
            root: root.to_owned(),
            workflows,
            actions,
            known: text(".github/actions.tsv")?,
            settings: text("docs/REPOSITORY-SETTINGS.md")?,
            outputs: text("terraform/environments/dev/outputs.tf")?,
            trust: text("terraform/modules/oidc/main.tf")?,
        })
    }

    /// Workflows and actions.
    pub(super) fn files(&self) -> impl Iterator<Item = &File> {
        self.workflows.iter().chain(&self.actions)
    }

    pub(super) fn workflow(&self, name: &str) -> Option<&File> {
        self.workflows
            .iter()
            .find(|file| file.name == format!("workflows/{name}"))
    }
}

impl File {
    fn read(root: &Path, path: &Path) -> anyhow::Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let below = path.strip_prefix(root.join(".github")).unwrap_or(path);
        Self::parse(&below.display().to_string(), text)
    }

    pub(super) fn parse(name: &str, text: String) -> anyhow::Result<Self> {
        let yaml = serde_saphyr::from_str(&text).with_context(|| name.to_owned())?;
        Ok(Self {
            name: name.to_owned(),
            text,
            yaml,
        })
    }

    /// Its jobs by name; an action has none.
    pub(super) fn jobs(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.yaml["jobs"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, job)| (name.as_str(), job))
    }

    /// Every step, with the place that a finding names.
    pub(super) fn steps(&self) -> Vec<(String, &Value)> {
        let mut steps = Vec::new();
        for (job, value) in self.jobs() {
            for step in value["steps"].as_array().into_iter().flatten() {
                steps.push((self.place(job, step), step));
            }
        }
        for step in self.yaml["runs"]["steps"].as_array().into_iter().flatten() {
            steps.push((self.place("runs", step), step));
        }
        steps
    }

    fn place(&self, job: &str, step: &Value) -> String {
        let name = step["name"].as_str().unwrap_or("a step without a name");
        format!("{}: {job}: {name}", self.name)
    }

    /// Only called by other workflows.
    pub(super) fn is_reusable(&self) -> bool {
        self.yaml["on"]
            .as_object()
            .is_some_and(|on| on.len() == 1 && on.contains_key("workflow_call"))
    }
}

/// Files and folders in it, sorted.
fn listed(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)
        .with_context(|| format!("reading {}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

/// Words of capital letters that follow `prefix` (`vars.`, `secrets.`), outside of comments.
pub(super) fn names_after(text: &str, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    for line in code {
        for (at, _) in line.match_indices(prefix) {
            let before = line[..at].chars().next_back();
            if before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')) {
                continue;
            }
            let name: String = line[at + prefix.len()..]
                .chars()
                .take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_')
                .collect();
            if !name.is_empty() {
                names.push(name);
            }
        }
    }
    names.sort();
    names.dedup();
    names
}
