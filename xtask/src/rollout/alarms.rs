//! The alarms that end a rollout.

use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::aws::Aws;

/// The alarms of the function that serves, found by their common prefix.
pub(super) struct Alarms<'a> {
    aws: &'a Aws,
    prefix: String,
    /// Those that were on before it began.
    known: BTreeSet<String>,
}

/// `expense-dev-api` has the alarms `expense-dev-lambda-api-…` (terraform/modules/lambda/alarms.tf).
pub(super) fn prefix(api_function: &str) -> anyhow::Result<String> {
    let name = api_function
        .strip_suffix("-api")
        .with_context(|| format!("the function {api_function:?} does not end in -api"))?;
    Ok(format!("{name}-lambda-api-"))
}

impl<'a> Alarms<'a> {
    /// Fails where there is none to watch, or one is on already and that was not allowed.
    pub(super) fn begin(aws: &'a Aws, function: &str, despite: bool) -> anyhow::Result<Self> {
        let prefix = prefix(function)?;
        let mut alarms = Self {
            aws,
            prefix,
            known: BTreeSet::new(),
        };
        let on = alarms.on()?;
        ensure!(
            on.is_empty() || despite,
            "the alarm {} is on: a canary could not be told from what is wrong already (--despite-alarms for its fix)",
            join(&on)
        );
        if !on.is_empty() {
            println!("not heeded, on before: {}", join(&on));
        }
        alarms.known = on;
        Ok(alarms)
    }

    /// Looks every `poll` for as long as `time`; fails with the first alarm that goes on.
    pub(super) fn watch(&self, time: Duration, poll: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + time;
        loop {
            let new: BTreeSet<_> = self.on()?.difference(&self.known).cloned().collect();
            if !new.is_empty() {
                bail!("the alarm {} went on", join(&new));
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(poll.min(left));
        }
    }

    fn on(&self) -> anyhow::Result<BTreeSet<String>> {
        let answer = self.aws.json(&[
            "cloudwatch",
            "describe-alarms",
            "--alarm-types",
            "MetricAlarm",
            "--alarm-name-prefix",
            &self.prefix,
        ])?;
        on(&answer, &self.prefix)
    }
}

fn on(answer: &Value, prefix: &str) -> anyhow::Result<BTreeSet<String>> {
    let alarms = answer["MetricAlarms"]
        .as_array()
        .filter(|alarms| !alarms.is_empty())
        .with_context(|| {
            format!("there is no alarm whose name begins with {prefix:?}: nothing would watch the canary")
        })?;
    Ok(alarms
        .iter()
        .filter(|alarm| alarm["StateValue"] == "ALARM")
        .filter_map(|alarm| alarm["AlarmName"].as_str().map(str::to_owned))
        .collect())
}

fn join(names: &BTreeSet<String>) -> String {
    names.iter().cloned().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::workspace;

    #[test]
    fn only_alarms_that_are_on_count() {
        let answer = json!({"MetricAlarms": [
            {"AlarmName": "a", "StateValue": "OK"},
            {"AlarmName": "b", "StateValue": "ALARM"},
            {"AlarmName": "c", "StateValue": "INSUFFICIENT_DATA"},
        ]});
        assert_eq!(join(&on(&answer, "x").unwrap()), "b");
    }

    #[test]
    fn a_canary_without_alarms_is_refused() {
        let error = on(&json!({"MetricAlarms": []}), "expense-dev-lambda-api-").unwrap_err();
        assert!(error.to_string().contains("expense-dev-lambda-api-"));
    }

    #[test]
    fn terraform_names_the_alarms_so() {
        assert_eq!(
            prefix("expense-dev-api").unwrap(),
            "expense-dev-lambda-api-"
        );
        assert!(prefix("expense-dev-admin").is_err());
        let file = workspace::root().join("terraform/modules/lambda/alarms.tf");
        let text = std::fs::read_to_string(file).unwrap();
        for wanted in [
            r#""${local.name}-lambda-${each.key}""#,
            "api-errors = {",
            "api-throttles = {",
            r#""${local.name}-lambda-api-concurrency""#,
            r#""${local.name}-lambda-api-5xx""#,
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
    }
}
