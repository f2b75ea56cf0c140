//! What was asked for.

use std::path::PathBuf;

use crate::words::Grammar;

const GRAMMAR: Grammar = Grammar {
    options: &["binary", "seconds"],
    flags: &["pictures"],
    usage: "cargo xtask monitoring [--binary FILE] [--pictures] [--seconds N]

Checks alert rules and dashboards: with promtool, against the metrics of the running service, and by asking a running
Prometheus every query of the service's own. MariaDB, Redis and Prometheus are started, and ended.

  --binary FILE  take this program instead of building the release binary
  --pictures     draw the application and the business dashboard into docs/images
  --seconds N    how long the service gets requests (30; with --pictures 300)",
};

/// The options.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) pictures: bool,
    pub(super) binary: Option<PathBuf>,
    /// How long the service gets requests.
    pub(super) seconds: u64,
}

impl Options {
    /// Reads the words; `None` where only the usage was asked for.
    pub(super) fn read(words: &[String]) -> anyhow::Result<Option<Self>> {
        let Some(words) = GRAMMAR.read_options(words)? else {
            return Ok(None);
        };
        let pictures = words.flag("pictures");
        Ok(Some(Self {
            pictures,
            binary: words.optional("binary").map(PathBuf::from),
            seconds: words.number("seconds", if pictures { 300 } else { 30 })?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_options_and_others_are_named() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let options = Options::read(&words("--binary x --seconds 7"));
        let options = options.unwrap().unwrap();
        assert_eq!(options.binary, Some(PathBuf::from("x")));
        assert_eq!(options.seconds, 7);
        assert_eq!(Options::read(&[]).unwrap().unwrap().seconds, 30);
        for wrong in ["--seconds", "--seconds soon", "--fast"] {
            let error = Options::read(&words(wrong)).unwrap_err().to_string();
            assert!(
                error.contains(wrong.split(' ').next_back().unwrap()),
                "{error}"
            );
        }
    }
}
