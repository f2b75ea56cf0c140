//! `cargo xtask documents`: what people read and GitHub reads alone.
//!
//! What the documents name exists: files, commands of `cargo xtask`, pages that they link. Every YAML file is tidy, and
//! Dependabot's settings are of its schema.

mod yaml;

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail, ensure};

use crate::{COMMANDS, program, workspace};

/// A path in backticks is one of the repository if it begins with one of these.
const FOLDERS: &[&str] = &[
    ".ci/",
    ".devcontainer/",
    ".github/",
    "bins/",
    "compose/",
    "docs/",
    "helm/",
    "image/",
    "load/",
    "migrations/",
    "src/",
    "terraform/",
    "tests/",
    "xtask/",
];
/// A word in backticks that ends so is the name of a file, here or somewhere below. YAML is not among them: people are
/// told to make such files.
const ENDINGS: &[&str] = &[".lock", ".md", ".rs", ".toml"];
/// What a command does not end with, though prose goes on behind it.
const PUNCTUATION: &[char] = &['.', ',', ':', ';', ')'];

/// A thing that a document names and that is not there.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    document: PathBuf,
    line: usize,
    what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}",
            self.document.display(),
            self.line,
            self.what
        )
    }
}

/// Checks every document that git knows.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    if let Some(word) = words.first() {
        bail!("it takes no options, not {word:?}");
    }
    let repository = Repository::of_git()?;
    yaml::check(&repository.paths)?;
    let mut faults = Vec::new();
    let mut count = 0;
    for document in repository.documents() {
        count += 1;
        let text = std::fs::read_to_string(workspace::root().join(document))
            .with_context(|| format!("reading {}", document.display()))?;
        faults.extend(repository.faults(document, &text));
    }
    for fault in &faults {
        println!("{fault}");
    }
    ensure!(
        faults.is_empty(),
        "{} names that lead nowhere",
        faults.len()
    );
    println!("{count} documents: every file and command that they name exists; YAML is tidy");
    Ok(())
}

/// The files that git knows or would add, and the folders that they make.
struct Repository {
    paths: BTreeSet<PathBuf>,
}

impl Repository {
    fn of_git() -> anyhow::Result<Self> {
        let mut git = Command::new("git");
        git.args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ])
        .current_dir(workspace::root());
        let text = program::said(&mut git)?;
        Ok(Self::of(text.split('\0').filter(|path| !path.is_empty())))
    }

    fn of<'a>(files: impl Iterator<Item = &'a str>) -> Self {
        let paths = files
            .flat_map(|file| Path::new(file).ancestors())
            .map(Path::to_path_buf)
            .collect();
        Self { paths }
    }

    /// Those that people read; data of tests are none.
    fn documents(&self) -> impl Iterator<Item = &Path> {
        self.paths
            .iter()
            .map(PathBuf::as_path)
            .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
            .filter(|path| !path.starts_with("tests"))
    }

    fn faults(&self, document: &Path, text: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let named = links(line)
                .into_iter()
                .filter(|link| !self.links_to(document, link))
                .map(|link| format!("the link {link} leads nowhere"))
                .chain(
                    backticked(line)
                        .filter(|path| !self.holds(document, path))
                        .map(|path| format!("there is no {path}")),
                )
                .chain(
                    commands(line)
                        .filter(|command| !is_command(command))
                        .map(|command| format!("there is no cargo xtask {command}")),
                );
            faults.extend(named.map(|what| Fault {
                document: document.to_path_buf(),
                line: index + 1,
                what,
            }));
        }
        faults
    }

    fn links_to(&self, document: &Path, link: &str) -> bool {
        let target = link.split('#').next().unwrap_or_default();
        let elsewhere = link.contains("://") || link.starts_with("mailto:") || target.is_empty();
        elsewhere || self.paths.contains(&beside(document, target))
    }

    /// Whether the words in backticks are no path, or one that is there: from the root, or beside the document.
    fn holds(&self, document: &Path, words: &str) -> bool {
        let path = words.trim_end_matches('/');
        let pattern = path.contains(['*', '<', '{', '…', ' ', '$', '=']) || path.contains("NAME");
        let of_the_root = FOLDERS.iter().any(|folder| words.starts_with(folder));
        if pattern || !(of_the_root || ENDINGS.iter().any(|ending| path.ends_with(ending))) {
            return true;
        }
        let somewhere = || self.paths.iter().any(|known| known.ends_with(path));
        self.paths.contains(Path::new(path))
            || self.paths.contains(&beside(document, path))
            || (!of_the_root && somewhere())
    }
}

/// A path as it is meant in a document, without `..`.
fn beside(document: &Path, target: &str) -> PathBuf {
    let mut path = document.parent().map(Path::to_path_buf).unwrap_or_default();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => {
                path.pop();
            }
            name => path.push(name),
        }
    }
    path
}

/// Targets of `[text](target)`, not those inside code.
fn links(line: &str) -> Vec<String> {
    let prose: String = line.split('`').step_by(2).collect();
    prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ']).next())
        .map(str::to_owned)
        .collect()
}

/// What stands between backticks.
fn backticked(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The words after `cargo xtask`.
fn commands(line: &str) -> impl Iterator<Item = &str> {
    line.split("cargo xtask ").skip(1).filter_map(|rest| {
        let word = rest.split_whitespace().next()?;
        let word = word.split('`').next()?.trim_end_matches(PUNCTUATION);
        word.chars()
            .all(|letter| letter.is_ascii_lowercase() || letter == '-')
            .then_some(word)
    })
}

fn is_command(word: &str) -> bool {
    word == "help" || COMMANDS.iter().any(|command| command.name == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(document: &str, text: &str) -> Vec<String> {
        let files = [
            "README.md",
            "docs/API.md",
            "src/app.rs",
            "docs/decisions/a.md",
        ];
        Repository::of(files.into_iter())
            .faults(Path::new(document), text)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn what_is_there_passes() {
        let text = "[API](docs/API.md#routes), `src/app.rs`, `app.rs`, `src/` and `cargo xtask test --mysql`\n\
                    `docs/decisions`, `migrations/{mysql,sqlite}/`, `src/<name>.rs`, https://example.org/src/\n\
                    cargo xtask COMMAND, `cargo xtask help`. [home](https://example.org) [up](#up)\n\
                    `^[a-z]([-a-z]*[a-z])?$` [`src/`](src/app.rs)";
        assert_eq!(faults("README.md", text), Vec::<String>::new());
        assert_eq!(
            faults(
                "docs/decisions/a.md",
                "[API](../API.md) [home](../../README.md)"
            ),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_is_not_there_is_named_with_its_line() {
        let text = "fine\n[API](docs/ABI.md) `src/map.rs` `map.rs` `cargo xtask tests`: see";
        assert_eq!(
            faults("README.md", text),
            [
                "README.md:2: the link docs/ABI.md leads nowhere",
                "README.md:2: there is no src/map.rs",
                "README.md:2: there is no map.rs",
                "README.md:2: there is no cargo xtask tests",
            ]
        );
        assert_eq!(
            faults("docs/API.md", "[home](README.md)"),
            ["docs/API.md:1: the link README.md leads nowhere"]
        );
    }
}
