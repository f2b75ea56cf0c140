//! Releases of the functions: the first, a good one, one that sets off an alarm, a failed migration, a failed smoke test.

use anyhow::ensure;
use serde_json::{Value, json};

use super::Outcome;
use super::account::{ACCOUNT, Account, REGION, until};
use crate::workspace;

const API: &str = "expense-dev-api";
const ADMIN: &str = "expense-dev-admin";
const ALARM: &str = "expense-dev-lambda-api-errors";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
/// Nothing listens there: the smoke test fails.
const NOWHERE: &str = "http://127.0.0.1:9";

/// What it shows, and what is done. Each begins where the one before ended.
type Act = (&'static str, fn(&Account) -> anyhow::Result<()>);

const ACTS: &[Act] = &[
    (
        "lambda: the first release replaces the placeholder at once",
        first,
    ),
    ("lambda: a good release moves by 10% and 50%", good),
    (
        "lambda: an alarm in the canary brings the old version back",
        alarmed,
    ),
    (
        "lambda: an alarm that is on refuses the start, but not its fix",
        noisy,
    ),
    ("lambda: a failed migration shifts nothing", unmigrated),
    (
        "lambda: a failed smoke test brings the old version back",
        unsmoked,
    ),
    (
        "lambda: rollback by hand, and of a canary that was left",
        by_hand,
    ),
];

pub(super) fn run(account: &Account) -> Vec<Outcome> {
    if let Err(error) = stage(account) {
        return vec![("lambda: the stage", Err(error))];
    }
    let mut outcomes = Vec::new();
    for (name, act) in ACTS {
        let outcome = act(account);
        let failed = outcome.is_err();
        outcomes.push((*name, outcome));
        if failed {
            // The next act begins where this one should have ended.
            break;
        }
    }
    outcomes
}

fn outputs() -> Value {
    json!({
        "workflows": {"value": {"aws_region": REGION, "db_identifier": "expense-dev-mysql"}},
        "helm": {"value": null},
        "lambda": {"value": {
            "api_function_name": API, "admin_function_name": ADMIN, "alias_name": "live", "api_url": NOWHERE,
        }},
    })
}

fn stage(account: &Account) -> anyhow::Result<()> {
    account.aws(&[
        "iam",
        "create-role",
        "--role-name",
        "r",
        "--assume-role-policy-document",
        "{}",
    ])?;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/r");
    let placeholder = workspace::root().join("terraform/modules/lambda/placeholder.zip");
    let zip = format!("fileb://{}", placeholder.display());
    for name in [API, ADMIN] {
        account.aws(&[
            "lambda",
            "create-function",
            "--function-name",
            name,
            "--runtime",
            "provided.al2023",
            "--handler",
            "bootstrap",
            "--role",
            &role,
            "--zip-file",
            &zip,
            "--publish",
        ])?;
    }
    account.aws(&[
        "lambda",
        "create-alias",
        "--function-name",
        API,
        "--name",
        "live",
        "--function-version",
        "1",
    ])?;
    account.aws(&[
        "cloudwatch",
        "put-metric-alarm",
        "--alarm-name",
        ALARM,
        "--namespace",
        "AWS/Lambda",
        "--metric-name",
        "Errors",
        "--statistic",
        "Sum",
        "--period",
        "60",
        "--evaluation-periods",
        "1",
        "--comparison-operator",
        "GreaterThanThreshold",
        "--threshold",
        "0",
    ])?;
    Ok(())
}

/// A package of its own kind: another text, another code.
fn package(account: &Account, text: &str) -> anyhow::Result<String> {
    let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1], 'w'); z.writestr(zipfile.ZipInfo('bootstrap'), sys.argv[2]); z.close()";
    let file = account.folder.path().join(format!("{text}.zip"));
    let mut python = std::process::Command::new("python3");
    python.args(["-c", script]).arg(&file).arg(text);
    crate::program::said(&mut python)?;
    Ok(file.display().to_string())
}

/// What `admin` answers next.
fn migration_says(account: &Account, answer: &str) -> anyhow::Result<()> {
    account.post(
        "/moto-api/static/lambda-simple/response",
        &json!({"results": [answer]}),
    )
}

fn rollout(account: &Account, text: &str, more: &[&str]) -> anyhow::Result<super::account::Ended> {
    let archive = package(account, text)?;
    let mut words = rollout_words(&archive, "1").to_vec();
    words.extend(["--smoke-wait", "0"]);
    words.extend(more);
    account.xtask(&outputs(), &words)
}

/// A rollout of the package to dev, its alarms watched for `watch` seconds in each step.
fn rollout_words<'a>(archive: &'a str, watch: &'a str) -> [&'a str; 12] {
    [
        "rollout",
        "lambda",
        "--environment",
        "dev",
        "--commit",
        COMMIT,
        "--archive",
        archive,
        "--watch-seconds",
        watch,
        "--poll-seconds",
        "1",
    ]
}

/// Version and what is tried beside it.
fn alias(account: &Account) -> anyhow::Result<(String, Option<String>)> {
    let alias = account.aws(&[
        "lambda",
        "get-alias",
        "--function-name",
        API,
        "--name",
        "live",
    ])?;
    let tried = alias["RoutingConfig"]["AdditionalVersionWeights"]
        .as_object()
        .and_then(|weights| weights.keys().next().cloned());
    Ok((
        alias["FunctionVersion"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        tried,
    ))
}

fn serves(account: &Account, version: &str) -> anyhow::Result<()> {
    let found = alias(account)?;
    ensure!(
        found == (version.to_owned(), None),
        "the alias is {found:?}, not {version} alone"
    );
    Ok(())
}

fn first(account: &Account) -> anyhow::Result<()> {
    migration_says(account, r#"{"migrations":6}"#)?;
    let ended = rollout(account, "one", &["--smoke", "off"])?;
    ended.must(
        true,
        &["migrations run: 6", "version 2 serves all requests"],
    )?;
    ensure!(
        !ended.said.contains('%'),
        "the placeholder was left requests:\n{}",
        ended.said
    );
    serves(account, "2")
}

fn good(account: &Account) -> anyhow::Result<()> {
    migration_says(account, r#"{"migrations":0}"#)?;
    let ended = rollout(account, "two", &["--smoke", "off"])?;
    ended.must(
        true,
        &["version 3 gets 10%", "version 3 gets 50%", "before it: 2"],
    )?;
    serves(account, "3")?;
    // The same package again: no new version, nothing to shift.
    migration_says(account, r#"{"migrations":0}"#)?;
    rollout(account, "two", &["--smoke", "off"])?.must(true, &["is this release already"])?;
    serves(account, "3")
}

fn alarmed(account: &Account) -> anyhow::Result<()> {
    migration_says(account, r#"{"migrations":0}"#)?;
    let archive = package(account, "three")?;
    let log = account.folder.path().join("alarmed");
    let mut words = rollout_words(&archive, "600").to_vec();
    words.extend(["--smoke", "off"]);
    let mut child = account.begin(&outputs(), &words, &log)?;
    let tried = until("the canary", || {
        Ok(alias(account)? == ("3".to_owned(), Some("4".to_owned())))
    });
    let rang = tried.and_then(|()| set_alarm(account, "ALARM"));
    if rang.is_err() {
        child.kill()?;
    }
    let status = child.wait()?;
    rang?;
    let said = std::fs::read_to_string(&log)?;
    ensure!(
        !status.success(),
        "it passed in spite of the alarm:\n{said}"
    );
    ensure!(
        said.contains(ALARM) && said.contains("rolled back, version 3"),
        "{said}"
    );
    serves(account, "3")
}

fn noisy(account: &Account) -> anyhow::Result<()> {
    let ended = rollout(account, "four", &["--smoke", "off"])?;
    ended.must(false, &[ALARM, "--despite-alarms"])?;
    serves(account, "3")?;
    migration_says(account, r#"{"migrations":0}"#)?;
    let ended = rollout(
        account,
        "four",
        &["--smoke", "off", "--despite-alarms", "--canary", "100"],
    )?;
    ended.must(true, &["not heeded", "version 5 serves all requests"])?;
    set_alarm(account, "OK")?;
    serves(account, "5")
}

fn unmigrated(account: &Account) -> anyhow::Result<()> {
    migration_says(account, r#"{"errorMessage":"the store is away"}"#)?;
    let ended = rollout(account, "five", &["--smoke", "off"])?;
    ended.must(false, &["the store is away"])?;
    serves(account, "5")
}

fn unsmoked(account: &Account) -> anyhow::Result<()> {
    migration_says(account, r#"{"migrations":0}"#)?;
    let ended = rollout(account, "six", &["--canary", "100"])?;
    ended.must(
        false,
        &[
            "the smoke test of http://127.0.0.1:9",
            "rolled back, version 5",
        ],
    )?;
    serves(account, "5")
}

fn by_hand(account: &Account) -> anyhow::Result<()> {
    let rollback = |more: &[&str]| {
        let mut words = vec!["rollback", "lambda", "--environment", "dev"];
        words.extend(more);
        account.xtask(&outputs(), &words)
    };
    rollback(&[])?.must(true, &["version 4"])?;
    serves(account, "4")?;
    rollback(&["--to", "99"])?.must(false, &["has no version 99"])?;
    let weights = r#"{"AdditionalVersionWeights":{"5":0.1}}"#;
    account.aws(&[
        "lambda",
        "update-alias",
        "--function-name",
        API,
        "--name",
        "live",
        "--routing-config",
        weights,
    ])?;
    rollback(&["--canary-only"])?.must(true, &["still being tried"])?;
    serves(account, "4")?;
    rollback(&["--to", "5"])?.must(true, &[])?;
    serves(account, "5")
}

fn set_alarm(account: &Account, state: &str) -> anyhow::Result<()> {
    account.aws(&[
        "cloudwatch",
        "set-alarm-state",
        "--alarm-name",
        ALARM,
        "--state-value",
        state,
        "--state-reason",
        "rehearsal",
    ])?;
    Ok(())
}
