//! The chart's folder, and throw-away copies of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::{
    temporary::{self, Folder},
    workspace,
};

const PLACE: &str = "helm/expense-backend";

/// A chart's folder.
#[derive(Clone)]
pub(super) struct Source(PathBuf);

impl Source {
    /// The repository's own.
    pub(super) fn own() -> Self {
        Self(workspace::root().join(PLACE))
    }

    /// A copy in a folder, to be changed at will.
    pub(super) fn copied_to(&self, folder: &Folder) -> anyhow::Result<Self> {
        let to = folder.path().join("expense-backend");
        temporary::copy_tree(&self.0, &to)?;
        Ok(Self(to))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn read(&self, name: &str) -> anyhow::Result<String> {
        let path = self.file(name);
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    }

    /// Names of the templates that make objects, from `templates/`, without their ending.
    pub(super) fn templates(&self) -> anyhow::Result<Vec<String>> {
        let mut names = Vec::new();
        for (folder, before) in [("templates", ""), ("templates/tests", "tests-")] {
            for name in files(&self.file(folder))? {
                if let Some(stem) = name.strip_suffix(".yaml") {
                    names.push(format!("{before}{stem}"));
                }
            }
        }
        names.sort();
        Ok(names)
    }

    /// Names of the suites, from `tests/`, without their ending.
    pub(super) fn suites(&self) -> anyhow::Result<Vec<String>> {
        Ok(files(&self.file("tests"))?
            .iter()
            .filter_map(|name| name.strip_suffix("_test.yaml"))
            .map(str::to_owned)
            .collect())
    }
}

/// The names of the files in a folder, sorted.
fn files(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
