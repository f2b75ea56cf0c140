//! What `cargo xtask test` is asked for.

use anyhow::bail;

/// The words of the command line, read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// Real MySQL 9 and Valkey 8 in the place of MariaDB and Redis.
    pub(super) mysql: bool,
    /// The servers that `TEST_MYSQL_URL` and `TEST_REDIS_URL` name, in the place of own ones.
    pub(super) given: bool,
    /// Line coverage of `src/`.
    pub(super) coverage: bool,
    /// Percent of the lines, below which the run fails.
    pub(super) at_least: Option<u64>,
    /// Only tell how it is used.
    pub(super) help: bool,
    /// What follows `--`: handed to nextest as it is.
    pub(super) filter: Vec<String>,
}

/// How it is used.
pub(super) const USAGE: &str = "\
cargo xtask test [--mysql | --given] [--coverage [--at-least PERCENT]] [-- NEXTEST ARGUMENTS]

Installs what is missing (as root by apt; Python packages and tools below ~/.cache/expense-backend),
starts private servers on free loopback ports, runs the doc tests, unit tests and the integration
tests, and ends the servers. The last line is nextest's summary.

  --mysql      real MySQL 9 and Valkey 8 (by debootstrap, as root) in the place of MariaDB and Redis;
               only the tests that use them
  --given      the servers that TEST_MYSQL_URL and TEST_REDIS_URL name, such as containers; only the
               tests that use them
  --coverage   line coverage of src/, the spawned server's included (LCOV in target/coverage/lcov.info)
  --at-least N fails where fewer percent of the lines were run
  -- WORDS     handed to cargo nextest: a part of a test's name, -E EXPRESSION, --no-capture";

impl Options {
    /// Reads the words; fails with the first that it does not know.
    pub(super) fn parse(words: &[String]) -> anyhow::Result<Self> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--mysql" => options.mysql = true,
                "--given" => options.given = true,
                "--coverage" => options.coverage = true,
                "--at-least" => options.at_least = Some(percent(words.next())?),
                "--help" | "-h" => options.help = true,
                "--" => options.filter = words.by_ref().cloned().collect(),
                other => bail!("{other:?} is not an option\n\n{USAGE}"),
            }
        }
        if options.at_least.is_some() && !options.coverage {
            bail!("--at-least is a threshold of --coverage");
        }
        if options.given && options.mysql {
            bail!("--given and --mysql name different servers: give one");
        }
        Ok(options)
    }
}

fn percent(word: Option<&String>) -> anyhow::Result<u64> {
    match word.map(|word| word.parse()) {
        Some(Ok(percent @ 1..=100)) => Ok(percent),
        _ => bail!("--at-least wants a percentage from 1 to 100"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> anyhow::Result<Options> {
        let words: Vec<_> = words.iter().map(ToString::to_string).collect();
        Options::parse(&words)
    }

    #[test]
    fn what_follows_two_dashes_is_handed_on() {
        let options = parse(&["--coverage", "--", "bad_input", "--mysql"]).unwrap();
        assert!(options.coverage && !options.mysql);
        assert_eq!(options.filter, ["bad_input", "--mysql"]);
    }

    #[test]
    fn a_threshold_needs_its_measure() {
        assert_eq!(
            parse(&["--coverage", "--at-least", "80"]).unwrap().at_least,
            Some(80)
        );
        for words in [
            &["--at-least", "80"][..],
            &["--coverage", "--at-least", "101"],
            &["--coverage", "--at-least"],
            &["--given", "--mysql"],
        ] {
            assert!(parse(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn an_unknown_word_is_named() {
        let error = parse(&["--mysq"]).unwrap_err().to_string();
        assert!(error.contains("--mysq"), "{error}");
    }
}
