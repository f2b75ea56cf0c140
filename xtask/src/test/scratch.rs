//! The folder of one run.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

const PREFIX: &str = "expense-backend-test-";

/// A temporary folder, named by the process that made it. Dropping it removes it.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes one; removes those of runs that were killed.
    pub(super) fn new() -> anyhow::Result<Self> {
        let parent = std::env::temp_dir();
        sweep(&parent);
        let path = parent.join(format!("{PREFIX}{}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("making {}", path.display()))?;
        Ok(Self(path))
    }

    /// A path inside it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} is left behind: {error}", self.0.display());
        }
    }
}

fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else {
            continue;
        };
        let abandoned = pid.parse::<u32>().is_ok() && !Path::new("/proc").join(pid).exists();
        if abandoned && let Err(error) = fs::remove_dir_all(entry.path()) {
            eprintln!("{} cannot be removed: {error}", entry.path().display());
        }
    }
}
