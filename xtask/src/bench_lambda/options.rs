//! What `cargo xtask bench-lambda` is asked for.

use anyhow::{Context as _, bail};

/// How it is used.
pub(super) const USAGE: &str = "\
cargo xtask bench-lambda [--rounds N]

Builds the function and a bare axum + lambda_http program by the release profile, then prints
- init: from the start of the process to its first GET of the next event, both programs in turn,
- resident memory after 100 requests, with a private MariaDB and Redis.

  --rounds N   starts of each program (15)";

const ROUNDS: usize = 15;

/// The words of the command line, read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// How often each program is started.
    pub(super) rounds: usize,
    /// Only tell how it is used.
    pub(super) help: bool,
}

impl Options {
    /// Reads the words; fails with the first that it does not know.
    pub(super) fn parse(words: &[String]) -> anyhow::Result<Self> {
        let mut options = Self {
            rounds: ROUNDS,
            help: false,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--rounds" => {
                    let number = words.next().context("--rounds wants a number")?;
                    options.rounds = number
                        .parse()
                        .ok()
                        .filter(|rounds| *rounds > 0)
                        .with_context(|| format!("--rounds: {number:?} is no number above 0"))?;
                }
                "--help" | "-h" => options.help = true,
                other => bail!("{other:?} is not an option\n\n{USAGE}"),
            }
        }
        Ok(options)
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
    fn rounds_are_a_number_above_nought() {
        assert_eq!(parse(&["--rounds", "40"]).unwrap().rounds, 40);
        assert_eq!(parse(&[]).unwrap().rounds, ROUNDS);
        for words in [&["--rounds"][..], &["--rounds", "0"], &["--rounds", "x"]] {
            assert!(parse(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn an_unknown_word_is_named() {
        let error = parse(&["--fast"]).unwrap_err().to_string();
        assert!(error.contains("--fast"), "{error}");
    }
}
