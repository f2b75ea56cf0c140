//! The words behind `cargo xtask chart`.

use std::path::PathBuf;

use anyhow::{Context as _, bail};

pub(super) const USAGE: &str = "\
cargo xtask chart [OPTIONS]

Checks helm/expense-backend: lint, suites, schema and README, the manifests of every environment against the
schemas of Kubernetes and against each other, the service's own reading of its configuration, and releases on a
real API server with fake nodes. What needs the programs beside the repository is left out, and named, where they
are missing.

  --mutations   also break one property after another and ask whether its check notices
  --write       write helm/expense-backend/README.md instead of comparing it
  --only WORD   only the parts whose name holds WORD: lint, suites, schema, readme, manifests, wiring,
                configuration, cluster
  --tools DIR   take helm, helm-unittest and kubeconform from this folder
  --help        this text";

/// What was asked for.
#[derive(Default, Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) help: bool,
    pub(super) mutations: bool,
    pub(super) write: bool,
    pub(super) only: Option<String>,
    pub(super) tools: Option<PathBuf>,
    /// Not for people: this process was started inside the cluster that another one made.
    pub(super) in_cluster: bool,
}

impl Options {
    pub(super) fn parse(words: &[String]) -> anyhow::Result<Self> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut next = || {
                words
                    .next()
                    .cloned()
                    .with_context(|| format!("{word} wants a word; see --help"))
            };
            match word.as_str() {
                "--help" | "-h" => options.help = true,
                "--mutations" => options.mutations = true,
                "--write" => options.write = true,
                "--in-cluster" => options.in_cluster = true,
                "--only" => options.only = Some(next()?),
                "--tools" => options.tools = Some(next()?.into()),
                other => bail!("{other:?} is not known; see --help"),
            }
        }
        Ok(options)
    }

    /// Whether that part is asked for.
    pub(super) fn wants(&self, part: &str) -> bool {
        self.only
            .as_ref()
            .is_none_or(|only| part.contains(only.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(words: &[&str]) -> anyhow::Result<Options> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Options::parse(&words)
    }

    #[test]
    fn knows_its_words_and_no_others() {
        assert!(parse(&["--mutations"]).unwrap().mutations);
        let lint = parse(&["--only", "lint", "--tools", "/opt"]).unwrap();
        assert!(lint.wants("lint") && !lint.wants("suites"));
        assert_eq!(lint.tools, Some("/opt".into()));
        assert!(parse(&[]).unwrap().wants("suites"));
        assert!(parse(&["--fast"]).is_err());
        assert!(parse(&["--only"]).is_err());
    }
}
