//! Alertmanager's configuration as it is installed, read by Alertmanager's own tool.

use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{charts, facts::Facts, values};
use crate::{
    apt::{self, Program},
    program,
};

/// Brings amtool.
const AMTOOL: Program = Program {
    name: "amtool",
    package: "prometheus-alertmanager",
};

/// The release whose values hold it.
const RELEASE: &str = "prometheus";
const STDIN: &str = "/dev/stdin";

/// Labels of an alert, and who is told.
const ROUTES: &[(&str, &str)] = &[
    (
        "alertname=ApplicationDown severity=critical namespace=expense",
        "pagerduty",
    ),
    (
        "alertname=HighResponseTime severity=warning namespace=expense",
        "slack",
    ),
    (
        "alertname=CertificateExpiry severity=info namespace=expense",
        "email",
    ),
    ("alertname=Other severity=none", "email"),
    ("alertname=WithoutSeverity", "slack"),
    ("alertname=Watchdog severity=none", "null"),
    ("alertname=InfoInhibitor severity=none", "null"),
];

/// Fields of a receiver that would hold a secret themselves.
const INLINE_SECRETS: &[&str] = &[
    "api_url",
    "routing_key",
    "service_key",
    "auth_password",
    "smtp_auth_password",
    "slack_api_url",
    "url",
    "token",
];

/// The configuration of an environment, where the values hold one.
pub(super) fn of(facts: &Facts) -> anyhow::Result<Value> {
    let chart = charts::list()?
        .into_iter()
        .find(|chart| chart.release == RELEASE)
        .with_context(|| format!("charts.yaml has no release {RELEASE}"))?;
    let mut values = values::of(&chart, facts)?;
    let config = values["alertmanager"]["config"].take();
    ensure!(config.is_object(), "the values have no alertmanager.config");
    Ok(config)
}

/// Every route leads where it should, every secret is a reference to a file of the Secret that is mounted.
pub(super) fn check(config: &Value) -> anyhow::Result<()> {
    no_inline_secret(config)?;
    apt::ensure(&[AMTOOL])?;
    let config = config.to_string();
    amtool(&["check-config", STDIN], &config)?;
    for (labels, wanted) in ROUTES {
        let option = format!("--config.file={STDIN}");
        let mut words = vec!["config", "routes", "test", &option];
        words.extend(labels.split(' '));
        let said = amtool(&words, &config)?;
        ensure!(
            said.trim() == *wanted,
            "{{{labels}}} goes to {:?}, not to {wanted:?}",
            said.trim()
        );
    }
    Ok(())
}

fn amtool(words: &[&str], config: &str) -> anyhow::Result<String> {
    program::told(Command::new(AMTOOL.name).args(words), config).with_context(|| words.join(" "))
}

fn no_inline_secret(value: &Value) -> anyhow::Result<()> {
    match value {
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            ensure!(
                !INLINE_SECRETS.contains(&key.as_str()),
                "{key} holds a secret: write {key}_file"
            );
            if key.ends_with("_file") {
                let path = value.as_str().unwrap_or_default();
                ensure!(
                    path.starts_with("/etc/alertmanager/secrets/alertmanager-receivers/"),
                    "{key}: {path:?} is no file of the Secret alertmanager-receivers"
                );
            }
            no_inline_secret(value)
        }),
        Value::Array(list) => list.iter().try_for_each(no_inline_secret),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::facts, *};

    fn refused(change: impl Fn(&mut Value), wanted: &str) {
        let facts = facts::example("staging").unwrap();
        let mut config = of(&facts).unwrap();
        change(&mut config);
        let error = format!("{:#}", check(&config).unwrap_err());
        assert!(error.contains(wanted), "{error}");
    }

    #[test]
    fn the_configuration_of_every_environment_is_good() {
        for environment in facts::ENVIRONMENTS {
            let facts = facts::example(environment).unwrap();
            check(&of(&facts).unwrap()).unwrap();
        }
    }

    #[test]
    fn a_wrong_route_a_missing_receiver_and_an_inline_secret_are_found() {
        refused(
            |config| config["route"]["routes"][1]["receiver"] = json!("slack"),
            "not to \"pagerduty\"",
        );
        refused(
            |config| config["route"]["receiver"] = json!("nobody"),
            "nobody",
        );
        refused(
            |config| {
                let slack = &mut config["receivers"][2]["slack_configs"][0];
                slack["api_url"] = json!("https://hooks.slack.test/x");
            },
            "write api_url_file",
        );
        refused(
            |config| config["global"]["smtp_auth_password_file"] = json!("/tmp/password"),
            "no file of the Secret",
        );
        refused(
            |config| config["global"]["smtp_form"] = json!("x"),
            "smtp_form",
        );
    }
}
