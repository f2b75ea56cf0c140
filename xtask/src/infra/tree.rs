//! Throw-away copies of `terraform/`, to be changed at will.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};

use super::roots;
use crate::{
    targets,
    temporary::{self, Folder},
    workspace,
};

/// A folder with a copy in it.
pub(super) struct Copy(Folder);

impl Copy {
    /// `terraform/` of the copy.
    pub(super) fn terraform(&self) -> PathBuf {
        self.0.path().join("terraform")
    }

    /// The copy's root.
    pub(super) fn root(&self) -> &Path {
        self.0.path()
    }
}

/// Copies `terraform/` (and what it reads beside it) and makes the copy a repository of its own:
/// relative module paths are looked up from the root of one.
pub(super) fn copy() -> anyhow::Result<Copy> {
    let copy = Copy(Folder::new("infra")?);
    temporary::copy_tree(&roots::terraform(), &copy.terraform())?;
    let targets = workspace::root().join(targets::FILE);
    if targets.is_file() {
        fs::copy(targets, copy.root().join(targets::FILE))?;
    }
    let status = Command::new("git")
        .args(["init", "--quiet"])
        .current_dir(copy.root())
        .status()
        .context("starting git")?;
    if !status.success() {
        bail!("git init failed in {}", copy.root().display());
    }
    Ok(copy)
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
