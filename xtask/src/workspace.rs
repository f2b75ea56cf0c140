//! Where things lie: the repository, and what is kept between runs.

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

use anyhow::Context as _;

/// The root of the repository: where this program was built, or, on another machine, where it is run.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let built = own.parent().unwrap_or(own);
        match std::env::current_dir() {
            Ok(here) if !built.exists() && here.join("deploy-targets.json").is_file() => here,
            _ => built.to_owned(),
        }
    });
    &ROOT
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR").filter(|path| !path.is_empty()) {
        Some(path) => root().join(path),
        None => root().join("target"),
    }
}

/// `~/.cache/expense-backend`, or below `XDG_CACHE_HOME`: tools and file systems, named by version, safe to delete.
pub(crate) fn cache() -> anyhow::Result<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()) {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?).join(".cache"),
    };
    let own = base.join("expense-backend");
    std::fs::create_dir_all(&own).with_context(|| format!("making {}", own.display()))?;
    Ok(own)
}
