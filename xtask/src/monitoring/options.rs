//! What was asked for.

use std::path::PathBuf;

use anyhow::{Context as _, bail};

pub(super) const USAGE: &str = "cargo xtask monitoring [--binary FILE] [--pictures] [--seconds N]

Checks alert rules and dashboards: with promtool, against the metrics of the running service, and by asking a running
Prometheus every query of the service's own. MariaDB, Redis and Prometheus are started, and ended.

  --binary FILE  take this program instead of building the release binary
  --pictures     draw the application and the business dashboard into docs/images
  --seconds N    how long the service gets requests (30; with --pictures 300)";

/// The options.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) help: bool,
    pub(super) pictures: bool,
    pub(super) binary: Option<PathBuf>,
    seconds: Option<u64>,
}

impl Options {
    pub(super) fn parse(words: &[String]) -> anyhow::Result<Self> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--help" | "-h" => options.help = true,
                "--pictures" => options.pictures = true,
                "--binary" => {
                    let file = words.next().context("--binary: which file?")?;
                    options.binary = Some(PathBuf::from(file));
                }
                "--seconds" => {
                    let number = words.next().context("--seconds: how many?")?;
                    let seconds = number
                        .parse()
                        .with_context(|| format!("--seconds {number:?} is no number"))?;
                    options.seconds = Some(seconds);
                }
                other => bail!("there is no option {other:?}\n{USAGE}"),
            }
        }
        Ok(options)
    }

    /// How long the service gets requests.
    pub(super) fn seconds(&self) -> u64 {
        self.seconds.unwrap_or(if self.pictures { 300 } else { 30 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_options_and_others_are_named() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let options = Options::parse(&words("--binary x --seconds 7")).unwrap();
        assert_eq!(options.binary, Some(PathBuf::from("x")));
        assert_eq!(options.seconds(), 7);
        assert_eq!(Options::default().seconds(), 30);
        for wrong in ["--seconds", "--seconds soon", "--fast"] {
            let error = Options::parse(&words(wrong)).unwrap_err().to_string();
            assert!(
                error.contains(wrong.split(' ').next_back().unwrap()),
                "{error}"
            );
        }
    }
}
