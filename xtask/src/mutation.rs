//! Faults that are planted to see whether a check notices: a file that lists them, and the change itself.

use std::{fs, path::Path};

use anyhow::{Context as _, ensure};
use serde::{Deserialize, de::DeserializeOwned};

/// The file, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List<T> {
    #[serde(rename = "about")]
    _about: String,
    mutations: Vec<T>,
}

/// The mutations that a file lists.
pub(crate) fn list<T: DeserializeOwned>(file: &Path) -> anyhow::Result<Vec<T>> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let list: List<T> = serde_json::from_str(&text).with_context(|| file.display().to_string())?;
    Ok(list.mutations)
}

/// The text of `file` with `replace` in the place of `find`, which must stand there exactly once.
pub(crate) fn mutated(file: &str, text: &str, find: &str, replace: &str) -> anyhow::Result<String> {
    let found = text.matches(find).count();
    ensure!(
        found == 1,
        "{file}: {find:?} stands there {found} times, not once"
    );
    Ok(text.replacen(find, replace, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_once_changes_nothing() {
        assert_eq!(mutated("f", "a b", "b", "c").unwrap(), "a c");
        for find in ["x", "a"] {
            let error = mutated("f", "a a", find, "c").unwrap_err().to_string();
            assert!(error.starts_with("f: "), "{error}");
        }
    }
}
