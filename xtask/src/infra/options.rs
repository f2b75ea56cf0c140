//! The words behind `cargo xtask infra`.

use crate::words::Grammar;

/// What the command takes.
pub(super) const GRAMMAR: Grammar = Grammar {
    options: &["only"],
    flags: &["mutations", "write"],
    usage: "\
cargo xtask infra [OPTIONS]

Checks terraform/: format, native tests, plans of each environment and target, resource counts, IAM table,
cost, planted faults, checkov, trivy and tflint. Needs Terraform; what needs the offline AWS provider beside
the repository is left out, and named, where that is missing.

  --mutations   also break each security property and ask whether a test notices (minutes)
  --write       write the agreed resource counts and the cost page instead of comparing them
  --only WORD   only the parts whose name holds WORD: fmt, tests, plans, target, iam, faults, lint, mutations",
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
        assert!(parse(&["--only", "iam"]).unwrap().wants("iam"));
        assert!(!parse(&["--only", "iam"]).unwrap().wants("plans"));
        assert!(parse(&[]).unwrap().wants("plans"));
        assert!(parse(&["--fast"]).is_err());
        assert!(parse(&["--only"]).is_err());
    }
}
