//! What `cargo xtask bench-lambda` is asked for.

use anyhow::ensure;

use crate::words::Grammar;

const GRAMMAR: Grammar = Grammar {
    options: &["rounds"],
    flags: &[],
    usage: "\
cargo xtask bench-lambda [--rounds N]

Builds the function and a bare axum + lambda_http program by the release profile, then prints
- init: from the start of the process to its first GET of the next event, both programs in turn,
- resident memory after 100 requests, with a private MariaDB and Redis.

  --rounds N   starts of each program (15)",
};

const ROUNDS: u64 = 15;

/// How often each program is started; `None` where only the usage was asked for.
pub(super) fn rounds(words: &[String]) -> anyhow::Result<Option<u64>> {
    let Some(words) = GRAMMAR.read_options(words)? else {
        return Ok(None);
    };
    let rounds = words.number("rounds", ROUNDS)?;
    ensure!(rounds > 0, "--rounds: {rounds} is no number above 0");
    Ok(Some(rounds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> anyhow::Result<u64> {
        let words: Vec<_> = words.iter().map(ToString::to_string).collect();
        Ok(rounds(&words)?.unwrap())
    }

    #[test]
    fn rounds_are_a_number_above_nought() {
        assert_eq!(parse(&["--rounds", "40"]).unwrap(), 40);
        assert_eq!(parse(&[]).unwrap(), ROUNDS);
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
