//! What `cargo xtask load` is asked for.

use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};

/// How it is used.
pub(super) const USAGE: &str = "\
cargo xtask load [--short | --scenario NAME] [--url URL] [--binary PATH] [-- LOCUST ARGUMENTS]

Without --url: starts MariaDB, Redis and the release build of the service, all private, and puts them
under load. With it: the service there. The exit code is 0 where every threshold held. The report is
target/load/NAME.html.

  --short          the scenario `short`, about a minute (the default)
  --scenario NAME  baseline, spike, endurance or short, in full length (LOAD_SECONDS shortens it)
  --url URL        a running service; LOAD_API_KEY or LOAD_BEARER_TOKEN say who asks
  --binary PATH    the service's program, instead of building it
  -- WORDS         handed to locust, such as --processes 4

The variables LOAD_… are described in docs/LOAD-TESTS.md.";

/// The words of the command line, read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) scenario: String,
    pub(super) url: Option<String>,
    pub(super) binary: Option<PathBuf>,
    pub(super) words: Vec<String>,
}

impl Options {
    /// Reads the words; `None` where only the usage is asked for.
    pub(super) fn parse(words: &[String]) -> anyhow::Result<Option<Self>> {
        let mut options = Self {
            scenario: "short".to_owned(),
            url: None,
            binary: None,
            words: Vec::new(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .with_context(|| format!("{word} needs a value"))
            };
            match word.as_str() {
                "--help" | "-h" => return Ok(None),
                "--short" => "short".clone_into(&mut options.scenario),
                "--scenario" => options.scenario = name(value()?)?,
                "--url" => options.url = Some(value()?.clone()),
                "--binary" => options.binary = Some(value()?.into()),
                "--" => options.words = words.by_ref().cloned().collect(),
                other => bail!("{other:?} is not an option\n\n{USAGE}"),
            }
        }
        Ok(Some(options))
    }
}

/// It becomes a file's name; whether there is such a scenario, the load test knows.
fn name(text: &str) -> anyhow::Result<String> {
    ensure!(
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase()),
        "--scenario {text:?} is not the name of a scenario"
    );
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> anyhow::Result<Option<Options>> {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words)
    }

    #[test]
    fn the_short_form_is_the_default() {
        assert_eq!(parse("").unwrap(), parse("--short").unwrap());
        let options = parse("--scenario spike --url https://x -- --processes 4");
        let options = options.unwrap().unwrap();
        assert_eq!(options.scenario, "spike");
        assert_eq!(options.url.as_deref(), Some("https://x"));
        assert_eq!(options.words, ["--processes", "4"]);
    }

    #[test]
    fn each_fault_is_named() {
        for (line, wanted) in [
            ("--scenario", "needs a value"),
            ("--scenario ../x", "\"../x\""),
            ("--urls x", "--urls"),
        ] {
            let error = parse(line).unwrap_err().to_string();
            assert!(error.contains(wanted), "{line}: {error}");
        }
    }
}
