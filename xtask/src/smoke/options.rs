//! What `cargo xtask smoke` is asked for.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use ureq::http::Uri;

/// How it is used.
pub(super) const USAGE: &str = "\
cargo xtask smoke --url URL [OPTIONS]

Asks a running service, through whatever stands before it, whether it does what it promises.
Reads only, unless --write is given. Exit code 0: all as wanted; 1: something was not.

  --url URL            where the service is, such as https://api.example.com; with the stage of an
                       API Gateway address, without API_BASE_PATH
  --base-path PATH     API_BASE_PATH of the service, such as /api: all is asked below it
  --write              also record, list, change and delete rows of its own, marked in their
                       description and removed at the end, also after a failure half way
  --metrics-open       the service shows /metrics on this address (no METRICS_PORT): read it,
                       instead of wanting that it is not there
  --release VERSION    the version that the service must say it is
  --timeout SECONDS    for each request (10)
  --wait SECONDS       how long to wait for /readyz before the first step (0)

Who asks is said by the environment, never by a word that others can see in a list of processes:
  SMOKE_API_KEY        sent as X-API-Key
  SMOKE_BEARER_TOKEN   sent as Authorization: Bearer
With one of them, a request without it must get a 401. Neither is sent over http:// to another machine.";

/// Who the requests say they come from.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credential {
    /// Nobody.
    None,
    /// `X-API-Key`
    ApiKey(String),
    /// `Authorization: Bearer`
    Bearer(String),
}

/// The words and variables, read.
pub(super) struct Options {
    /// Without a slash at its end, with the stage, without the base path.
    pub(super) url: String,
    /// On this machine: then no proxy of the environment stands between.
    pub(super) loopback: bool,
    /// Empty, or `/api`.
    pub(super) base_path: String,
    pub(super) write: bool,
    pub(super) metrics_open: bool,
    pub(super) release: Option<String>,
    pub(super) timeout: Duration,
    pub(super) wait: Duration,
    pub(super) credential: Credential,
}

impl Options {
    /// Reads words and variables; `None` where only the usage is asked for.
    pub(super) fn parse(
        words: &[String],
        variable: impl Fn(&str) -> Option<String>,
    ) -> anyhow::Result<Option<Self>> {
        let mut url = None;
        let mut options = Self {
            url: String::new(),
            loopback: false,
            base_path: String::new(),
            write: false,
            metrics_open: false,
            release: None,
            timeout: Duration::from_secs(10),
            wait: Duration::ZERO,
            credential: credential(variable)?,
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
                "--url" => url = Some(value()?.as_str()),
                "--base-path" => options.base_path = base_path(value()?)?,
                "--write" => options.write = true,
                "--metrics-open" => options.metrics_open = true,
                "--release" => options.release = Some(value()?.clone()),
                "--timeout" => options.timeout = seconds(word, value()?, 1)?,
                "--wait" => options.wait = seconds(word, value()?, 0)?,
                other => bail!("{other:?} is not an option\n\n{USAGE}"),
            }
        }
        let url = url.with_context(|| format!("--url is missing\n\n{USAGE}"))?;
        (options.url, options.loopback) = address(url, &options.credential)?;
        Ok(Some(options))
    }
}

fn credential(variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Credential> {
    let read = |name: &str| {
        let value = variable(name).filter(|value| !value.is_empty());
        if let Some(value) = &value {
            // The value itself is a secret: only its form is spoken of.
            ensure!(
                value.bytes().all(|byte| byte.is_ascii_graphic()),
                "{name} holds blanks, line ends or bytes that a header cannot carry"
            );
        }
        Ok(value)
    };
    match (read("SMOKE_API_KEY")?, read("SMOKE_BEARER_TOKEN")?) {
        (None, None) => Ok(Credential::None),
        (Some(key), None) => Ok(Credential::ApiKey(key)),
        (None, Some(token)) => Ok(Credential::Bearer(token)),
        (Some(_), Some(_)) => bail!("SMOKE_API_KEY and SMOKE_BEARER_TOKEN are both set: give one"),
    }
}

/// The address without a slash at its end, and whether it is on this machine.
fn address(text: &str, credential: &Credential) -> anyhow::Result<(String, bool)> {
    ensure!(
        !text.contains('@'),
        "--url holds a user: credentials come by the environment"
    );
    let uri: Uri = text
        .parse()
        .with_context(|| format!("--url {text:?} is no address"))?;
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
        bail!("--url {text:?} is not of the form https://HOST");
    };
    ensure!(
        matches!(scheme, "http" | "https") && uri.query().is_none() && !text.contains('#'),
        "--url {text:?}: http or https, without query and fragment"
    );
    let loopback = matches!(host, "localhost" | "[::1]") || host.starts_with("127.");
    ensure!(
        scheme == "https" || loopback || *credential == Credential::None,
        "--url {text:?} is not https: the credential would be readable on the way"
    );
    Ok((text.trim_end_matches('/').to_owned(), loopback))
}

fn base_path(text: &str) -> anyhow::Result<String> {
    ensure!(
        text.is_empty() || (text.starts_with('/') && !text.ends_with('/')),
        "--base-path {text:?} must begin with a slash and end without one, as API_BASE_PATH"
    );
    Ok(text.to_owned())
}

fn seconds(word: &str, text: &str, least: u64) -> anyhow::Result<Duration> {
    match text.parse() {
        Ok(seconds) if (least..=3600).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => bail!("{word} {text:?} is not a number of seconds from {least} to 3600"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str, variables: &[(&str, &str)]) -> anyhow::Result<Option<Options>> {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        let find = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name)?;
            Some(found.1.to_owned())
        };
        Options::parse(&words, find)
    }

    #[test]
    fn it_reads_only_and_says_nobody_unless_told() {
        let options = parse(
            "--url https://api.example.com/dev/",
            &[("SMOKE_API_KEY", "")],
        );
        let options = options.unwrap().unwrap();
        assert_eq!(options.url, "https://api.example.com/dev");
        assert!(!options.loopback);
        assert!(!options.write && !options.metrics_open);
        assert!(options.credential == Credential::None);
        assert!(parse("--help", &[]).unwrap().is_none());
    }

    #[test]
    fn each_fault_is_named() {
        let key: &[_] = &[("SMOKE_API_KEY", "topsecret")];
        let both: &[_] = &[("SMOKE_API_KEY", "a"), ("SMOKE_BEARER_TOKEN", "b")];
        let blank: &[_] = &[("SMOKE_BEARER_TOKEN", "topsecret x")];
        for (line, variables, wanted) in [
            ("", &[][..], "--url is missing"),
            ("--url", &[], "--url needs a value"),
            ("--url example.com", &[], "not of the form"),
            ("--url ftp://example.com", &[], "http or https"),
            ("--url http://example.com/?a=1", &[], "without query"),
            ("--url https://u:p@example.com", &[], "holds a user"),
            ("--url http://x --base-path api", &[], "begin with a slash"),
            ("--url http://x --timeout 0", &[], "from 1 to 3600"),
            ("--url http://x --wait soon", &[], "--wait \"soon\""),
            ("--url http://x --writes", &[], "--writes"),
            ("--url http://example.com", key, "not https"),
            ("--url http://localhost", both, "both set"),
            ("--url http://localhost", blank, "SMOKE_BEARER_TOKEN holds"),
        ] {
            let error = parse(line, variables).err().unwrap().to_string();
            assert!(error.contains(wanted), "{line}: {error}");
            assert!(!error.contains("topsecret"), "{line}: {error}");
        }
        assert!(parse("--url http://127.0.0.1:8080", key).is_ok());
    }
}
