//! The texts that are compared: the repository's files, or what a test makes of them.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::workspace;

/// Reads files below the repository's root, by path from there.
pub(super) struct Texts {
    root: PathBuf,
    /// Takes the place of a file; `None`: as if it were not there.
    instead: BTreeMap<String, Option<String>>,
    read: RefCell<BTreeSet<String>>,
}

impl Texts {
    pub(super) fn of_the_repository() -> Self {
        Self {
            root: workspace::root().to_owned(),
            instead: BTreeMap::new(),
            read: RefCell::default(),
        }
    }

    /// A file that must be there.
    pub(super) fn text(&self, path: &str) -> anyhow::Result<String> {
        self.read.borrow_mut().insert(path.to_owned());
        match self.instead.get(path) {
            Some(Some(text)) => Ok(text.clone()),
            Some(None) => bail!("{path} is not there"),
            None => {
                fs::read_to_string(self.root.join(path)).with_context(|| format!("reading {path}"))
            }
        }
    }

    pub(super) fn yaml(&self, path: &str) -> anyhow::Result<Value> {
        serde_saphyr::from_str(&self.text(path)?).with_context(|| path.to_owned())
    }

    pub(super) fn json(&self, path: &str) -> anyhow::Result<Value> {
        serde_json::from_str(&self.text(path)?).with_context(|| path.to_owned())
    }

    /// The files of a folder that end so, sorted; there must be some.
    pub(super) fn files(&self, folder: &str, ending: &str) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        for entry in
            fs::read_dir(self.root.join(folder)).with_context(|| format!("reading {folder}"))?
        {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.ends_with(ending) {
                found.push(format!("{folder}/{name}"));
            }
        }
        if found.is_empty() {
            bail!("{folder} holds no file that ends in {ending}");
        }
        found.sort();
        Ok(found)
    }

    /// What stands on a line after `before`: for numbers in files of no format that is read here.
    pub(super) fn after(&self, path: &str, before: &str) -> anyhow::Result<String> {
        let text = self.text(path)?;
        let (_, rest) = text
            .split_once(before)
            .with_context(|| format!("{path} does not say {before:?}"))?;
        Ok(rest.lines().next().unwrap_or_default().trim().to_owned())
    }

    /// The same, up to `end`.
    pub(super) fn between(&self, path: &str, before: &str, end: &str) -> anyhow::Result<String> {
        let line = self.after(path, before)?;
        let (found, _) = line
            .split_once(end)
            .with_context(|| format!("{path}: {before:?} is not followed by {end:?}"))?;
        Ok(found.trim().to_owned())
    }
}

#[cfg(test)]
impl Texts {
    /// As if `find`, which must stand there, were `replace`.
    pub(super) fn change(&mut self, path: &str, find: &str, replace: &str) {
        let text = self.text(path).unwrap();
        assert!(text.contains(find), "{path} does not hold {find:?}");
        self.instead
            .insert(path.to_owned(), Some(text.replace(find, replace)));
    }

    pub(super) fn hide(&mut self, path: &str) {
        self.instead.insert(path.to_owned(), None);
    }

    /// What was read so far.
    pub(super) fn paths_read(&self) -> BTreeSet<String> {
        self.read.borrow().clone()
    }
}
