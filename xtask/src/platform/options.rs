//! The words that follow `cargo xtask platform`.

use anyhow::{Context as _, bail};

pub(super) const USAGE: &str = "\
cargo xtask platform --environment dev|staging|prod --outputs FILE [--context NAME] [--dry-run]
    Installs or upgrades what the cluster needs beside the service: helm/platform. May be run again at any time.
    FILE is what `terraform output -json` prints for the environment, or - for standard input.
    --context   a context of the kubeconfig; without it the current one. It must be the environment's cluster.
    --dry-run   prints the commands and writes the values files, runs nothing.

cargo xtask platform template --environment ENV --outputs FILE [--charts FOLDER]
    Renders every chart with `helm template`, from its repository or from unpacked charts in FOLDER.

cargo xtask platform check
    Checks values, keys, manifests, Alertmanager's routes and Fluent Bit's parsers; needs no cluster.";

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    Help,
    Check,
    Install { dry_run: bool },
    Template { charts: Option<String> },
}

/// The words, read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) action: Action,
    pub(super) environment: String,
    pub(super) outputs: String,
    pub(super) context: Option<String>,
}

impl Options {
    pub(super) fn parse(words: &[String]) -> anyhow::Result<Self> {
        let mut options = Self {
            action: Action::Install { dry_run: false },
            environment: String::new(),
            outputs: String::new(),
            context: None,
        };
        let mut words = words.iter().map(String::as_str).peekable();
        match words.peek() {
            None | Some(&"help" | &"--help" | &"-h") => options.action = Action::Help,
            Some(&"check") => options.action = Action::Check,
            Some(&"template") => options.action = Action::Template { charts: None },
            Some(_) => {}
        }
        if options.action != (Action::Install { dry_run: false }) {
            let _verb = words.next();
        }
        while let Some(word) = words.next() {
            options.take(word, &mut words)?;
        }
        options.complete()
    }

    fn take<'a>(
        &mut self,
        word: &str,
        rest: &mut impl Iterator<Item = &'a str>,
    ) -> anyhow::Result<()> {
        let mut value = || {
            rest.next()
                .map(str::to_owned)
                .with_context(|| format!("{word} wants a value"))
        };
        match (word, &mut self.action) {
            ("--environment", Action::Install { .. } | Action::Template { .. }) => {
                self.environment = value()?;
            }
            ("--outputs", Action::Install { .. } | Action::Template { .. }) => {
                self.outputs = value()?;
            }
            ("--context", Action::Install { .. }) => self.context = Some(value()?),
            ("--dry-run", Action::Install { dry_run }) => *dry_run = true,
            ("--charts", Action::Template { charts }) => *charts = Some(value()?),
            _ => bail!("{word:?} is not known here\n\n{USAGE}"),
        }
        Ok(())
    }

    fn complete(self) -> anyhow::Result<Self> {
        let wants = matches!(
            self.action,
            Action::Install { .. } | Action::Template { .. }
        );
        for (name, value) in [
            ("--environment", &self.environment),
            ("--outputs", &self.outputs),
        ] {
            if wants && value.is_empty() {
                bail!("{name} is missing\n\n{USAGE}");
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> anyhow::Result<Options> {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words)
    }

    #[test]
    fn words_are_read() {
        let options = parse("--environment dev --outputs - --dry-run --context c").unwrap();
        assert_eq!(options.action, Action::Install { dry_run: true });
        assert_eq!(
            (options.environment.as_str(), options.outputs.as_str()),
            ("dev", "-")
        );
        assert_eq!(options.context.as_deref(), Some("c"));
        assert_eq!(parse("check").unwrap().action, Action::Check);
        assert_eq!(parse("").unwrap().action, Action::Help);
        let template = parse("template --environment dev --outputs f --charts d").unwrap();
        assert_eq!(
            template.action,
            Action::Template {
                charts: Some("d".to_owned())
            }
        );
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        for (line, wanted) in [
            ("--outputs f", "--environment is missing"),
            ("--environment dev", "--outputs is missing"),
            ("--environment", "wants a value"),
            (
                "template --environment dev --outputs f --dry-run",
                "--dry-run",
            ),
            ("check --now", "--now"),
            ("instal", "instal"),
        ] {
            let error = parse(line).unwrap_err().to_string();
            assert!(error.contains(wanted), "{line}: {error}");
        }
    }
}
