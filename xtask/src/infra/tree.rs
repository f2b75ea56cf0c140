//! Throw-away copies of `terraform/`, to be changed at will.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context as _, bail};

use super::roots;
use crate::workspace;

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// A temporary folder. Dropping it removes it.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> anyhow::Result<Self> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("expense-backend-infra-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).with_context(|| format!("making {}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// `terraform/` of the copy.
    pub(super) fn terraform(&self) -> PathBuf {
        self.0.join("terraform")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} is left behind: {error}", self.0.display());
        }
    }
}

/// The file at the repository's root that the environments read.
const TARGETS_FILE: &str = "deploy-targets.json";

/// Copies `terraform/` (and what it reads beside it) and makes the copy a repository of its own:
/// relative module paths are looked up from the root of one.
pub(super) fn copy() -> anyhow::Result<Folder> {
    let folder = Folder::new()?;
    let to = folder.terraform();
    fs::create_dir(&to)?;
    copy_into(&roots::terraform(), &to)?;
    let targets = workspace::root().join(TARGETS_FILE);
    if targets.is_file() {
        fs::copy(targets, folder.path().join(TARGETS_FILE))?;
    }
    let status = Command::new("git")
        .args(["init", "--quiet"])
        .current_dir(folder.path())
        .status()
        .context("starting git")?;
    if !status.success() {
        bail!("git init failed in {}", folder.path().display());
    }
    Ok(folder)
}

fn copy_into(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_name() == ".terraform" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            copy_into(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Takes the validation blocks out of every file below `folder`.
///
/// The stand-in makes up ARNs of a shape that the validations rightly refuse; plans and tests have already
/// held them against true ones.
pub(super) fn strip_validations(folder: &Path) -> anyhow::Result<()> {
    for path in files_ending_in(folder, "tf")? {
        let text = fs::read_to_string(&path)?;
        if text.contains("validation {") {
            fs::write(&path, without_validations(&text))?;
        }
    }
    Ok(())
}

/// Every file below `folder` with that ending, sorted.
pub(super) fn files_ending_in(folder: &Path, ending: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("reading {}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != ".terraform") {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The files are formatted by `terraform fmt`, so a block ends with a brace at its own indentation.
fn without_validations(text: &str) -> String {
    let mut kept = Vec::new();
    let mut end: Option<String> = None;
    for line in text.lines() {
        match &end {
            Some(brace) if line == brace => end = None,
            Some(_) => {}
            None if line.trim() == "validation {" => {
                end = Some(line.replace("validation {", "}"));
            }
            None => kept.push(line),
        }
    }
    kept.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::without_validations;

    #[test]
    fn takes_whole_validation_blocks_and_nothing_else() {
        let text = "variable \"a\" {\n  type = string\n\n  validation {\n    condition = can(regex(\"[0-9]{3}\", var.a))\n  }\n}\n\nlocals {\n  b = { c = 1 }\n}\n";
        assert_eq!(
            without_validations(text),
            "variable \"a\" {\n  type = string\n\n}\n\nlocals {\n  b = { c = 1 }\n}\n"
        );
    }
}
