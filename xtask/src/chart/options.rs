//! The words behind `cargo xtask chart`.

use crate::words::Grammar;

/// What the command takes.
pub(super) const GRAMMAR: Grammar = Grammar {
    options: &["only", "tools"],
    // In a cluster that another process made: not for people.
    flags: &["mutations", "write", "in-cluster"],
    usage: "\
cargo xtask chart [OPTIONS]

Checks helm/expense-backend: lint, suites, schema and README, the manifests of every environment against the
schemas of Kubernetes and against each other, the service's own reading of its configuration, and releases on a
real API server with fake nodes. What needs the programs beside the repository is left out, and named, where they
are missing.

  --mutations   also break one property after another and ask whether its check notices
  --write       write helm/expense-backend/README.md instead of comparing it
  --only WORD   only the parts whose name holds WORD: lint, suites, schema, readme, manifests, wiring,
                configuration, cluster
  --tools DIR   take helm, helm-unittest and kubeconform from this folder",
};

#[cfg(test)]
mod tests {
    use super::GRAMMAR;
    use crate::words::Words;

    fn parse(words: &[&str]) -> anyhow::Result<Words> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Ok(GRAMMAR.read_options(&words)?.unwrap())
    }

    #[test]
    fn knows_its_words_and_no_others() {
        assert!(parse(&["--mutations"]).unwrap().flag("mutations"));
        let lint = parse(&["--only", "lint", "--tools", "/opt"]).unwrap();
        assert!(lint.wants("lint") && !lint.wants("suites"));
        assert_eq!(lint.optional("tools"), Some("/opt"));
        assert!(parse(&[]).unwrap().wants("suites"));
        assert!(parse(&["--fast"]).is_err());
        assert!(parse(&["--only"]).is_err());
    }
}
