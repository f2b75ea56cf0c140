//! The folders that Terraform runs in, and the targets that an environment can be planned for.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::workspace;

/// Values of `deploy_target`.
pub(super) const TARGETS: [&str; 3] = ["lambda", "eks", "both"];

/// The account that the stand-in says it is: environments and bootstrap are planned for it.
pub(super) const ACCOUNT: &str = "123456789012";

/// A folder below `terraform/`.
#[derive(Clone)]
pub(super) struct Root {
    /// Its path from `terraform/`: `modules/vpc`.
    pub(super) name: String,
    pub(super) path: PathBuf,
}

/// `terraform/` itself.
pub(super) fn terraform() -> PathBuf {
    workspace::root().join("terraform")
}

/// All modules, by name.
pub(super) fn modules() -> anyhow::Result<Vec<Root>> {
    below("modules")
}

/// All environments, by name.
pub(super) fn environments() -> anyhow::Result<Vec<Root>> {
    below("environments")
}

/// The root module that makes the state bucket.
pub(super) fn bootstrap() -> Root {
    Root {
        name: "bootstrap".to_owned(),
        path: terraform().join("bootstrap"),
    }
}

impl Root {
    /// The last part of the name: `dev` of `environments/dev`.
    pub(super) fn short(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    pub(super) fn has_tests(&self) -> bool {
        self.path.join("tests").is_dir()
    }

    /// Its test files, as `tests/NAME`, with their text.
    pub(super) fn test_files(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut files = Vec::new();
        let folder = self.path.join("tests");
        for entry in
            fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?
        {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.ends_with(".tftest.hcl") {
                files.push((format!("tests/{name}"), fs::read_to_string(&path)?));
            }
        }
        files.sort();
        Ok(files)
    }
}

fn below(folder: &str) -> anyhow::Result<Vec<Root>> {
    let path = terraform().join(folder);
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let mut roots = Vec::new();
    for entry in fs::read_dir(&path).with_context(|| format!("reading {}", path.display()))? {
        let path = entry?.path();
        if holds_terraform(&path) {
            let short = path.file_name().unwrap_or_default().to_string_lossy();
            let name = format!("{folder}/{short}");
            roots.push(Root { name, path });
        }
    }
    roots.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(roots)
}

fn holds_terraform(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.path().extension().is_some_and(|end| end == "tf"))
    })
}
