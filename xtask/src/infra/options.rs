//! The words behind `cargo xtask infra`.

use anyhow::bail;

pub(super) const USAGE: &str = "\
cargo xtask infra [OPTIONS]

Checks terraform/: format, native tests, plans of each environment and target, resource counts, IAM table,
cost, planted faults, checkov, trivy and tflint. Needs Terraform; what needs the offline AWS provider beside
the repository is left out, and named, where that is missing.

  --mutations   also break each security property and ask whether a test notices (minutes)
  --write       write the agreed resource counts and the cost page instead of comparing them
  --only WORD   only the parts whose name holds WORD: fmt, tests, plans, target, iam, faults, lint, mutations
  --help        this text";

/// What was asked for.
#[derive(Default, Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) help: bool,
    pub(super) mutations: bool,
    pub(super) write: bool,
    pub(super) only: Option<String>,
}

impl Options {
    pub(super) fn parse(words: &[String]) -> anyhow::Result<Self> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--help" | "-h" => options.help = true,
                "--mutations" => options.mutations = true,
                "--write" => options.write = true,
                "--only" => match words.next() {
                    Some(part) => options.only = Some(part.clone()),
                    None => bail!("--only wants a word; see --help"),
                },
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
        assert!(parse(&["--only", "iam"]).unwrap().wants("iam"));
        assert!(!parse(&["--only", "iam"]).unwrap().wants("plans"));
        assert!(parse(&[]).unwrap().wants("plans"));
        assert!(parse(&["--fast"]).is_err());
        assert!(parse(&["--only"]).is_err());
    }
}
