//! A folder that only this user can read and that goes with the command.

use std::{
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::Context as _;

const PREFIX: &str = "expense-backend-";

static MADE: AtomicU32 = AtomicU32::new(0);

/// Dropping it removes it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes one; the first of a process removes those of processes that were killed.
    pub(crate) fn new(purpose: &str) -> anyhow::Result<Self> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let parent = std::env::temp_dir();
        if number == 0 {
            sweep(&parent);
        }
        let path = parent.join(format!("{PREFIX}{purpose}-{}-{number}", std::process::id()));
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("making {}", path.display()))?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file in it.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> anyhow::Result<PathBuf> {
        let path = self.0.join(name);
        fs::write(&path, content).with_context(|| format!("writing {}", path.display()))?;
        Ok(path)
    }
}

impl Drop for Folder {
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
        let abandoned = entry
            .file_name()
            .to_str()
            .and_then(maker)
            .is_some_and(|pid| !Path::new("/proc").join(pid.to_string()).exists());
        if abandoned && let Err(error) = fs::remove_dir_all(entry.path()) {
            eprintln!("{} cannot be removed: {error}", entry.path().display());
        }
    }
}

/// The process that made a folder of this name.
fn maker(name: &str) -> Option<u32> {
    let mut parts = name.strip_prefix(PREFIX)?.rsplitn(3, '-');
    let _number: u32 = parts.next()?.parse().ok()?;
    let pid = parts.next()?.parse().ok()?;
    parts.next().map(|_purpose| pid)
}

/// Copies the folder `from` to `to`, which is made. What Terraform downloaded is no source, and stays behind.
pub(crate) fn copy_tree(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir(to).with_context(|| format!("making {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if !entry.file_type()?.is_dir() {
            fs::copy(entry.path(), &target)?;
        } else if entry.file_name() != ".terraform" {
            copy_tree(&entry.path(), &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_tells_who_made_it() {
        assert_eq!(maker("expense-backend-test-123-0"), Some(123));
        assert_eq!(maker("expense-backend-lambda-zip-123-4"), Some(123));
        for other in [
            "expense-backend-123-0",
            "expense-backend-test-x-0",
            "test-123-0",
        ] {
            assert_eq!(maker(other), None, "{other}");
        }
    }

    #[test]
    fn what_a_killed_process_left_is_removed() {
        let parent = Folder::new("sweep").unwrap();
        let own = format!("{PREFIX}a-{}-0", std::process::id());
        // No process has this number.
        for name in ["expense-backend-a-4294967295-0", &own, "notes"] {
            fs::create_dir(parent.path().join(name)).unwrap();
        }
        sweep(parent.path());
        let left = |name: &str| parent.path().join(name).exists();
        assert!(!left("expense-backend-a-4294967295-0"));
        assert!(left(&own) && left("notes"));
    }
}
