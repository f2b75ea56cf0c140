//! The chart's folder, and throw-away copies of it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::Context as _;

use crate::workspace;

const PLACE: &str = "helm/expense-backend";

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// A chart's folder.
#[derive(Clone)]
pub(super) struct Source(PathBuf);

impl Source {
    /// The repository's own.
    pub(super) fn own() -> Self {
        Self(workspace::root().join(PLACE))
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

/// A temporary folder. Dropping it removes it.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new() -> anyhow::Result<Self> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("expense-backend-chart-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).with_context(|| format!("making {}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// A copy of the chart in it, to be changed at will.
    pub(super) fn copy_of(&self, source: &Source) -> anyhow::Result<Source> {
        let to = self.0.join("expense-backend");
        copy(source.path(), &to)?;
        Ok(Source(to))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} is left behind: {error}", self.0.display());
        }
    }
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir(to).with_context(|| format!("making {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
