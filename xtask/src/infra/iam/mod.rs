//! "May role R do A on X?", answered from the policies that an environment makes.

mod cases;
mod condition;
mod document;
mod pattern;
mod state;

use std::fs;

use anyhow::{Context as _, bail};

use self::{
    cases::{Case, Expect, Table},
    state::Account,
};
pub(super) use self::{condition::strings, document::Document};
use super::{
    check::Check,
    lint,
    offline::TfOffline,
    roots::{self, Root},
    tree,
};

/// The table, beside what it is about.
const FILE: &str = "tests/iam-cases.json";
/// Fewer would leave a role unasked.
const LEAST_CASES: usize = 40;

/// Applies one environment, with every target, against the stand-in and holds its cases.
pub(super) fn check(tf: &TfOffline, environment: &Root) -> Vec<Check> {
    let name = format!("iam {}", environment.short());
    match checked(tf, environment, &name) {
        Ok(checks) => checks,
        Err(error) => vec![Check::failed(name, format!("{error:#}"))],
    }
}

/// The table itself: long enough, and with both answers.
pub(super) fn check_table() -> Check {
    Check::of(
        "iam table",
        table().and_then(|table| balanced(&table.cases)),
    )
}

fn balanced(cases: &[Case]) -> anyhow::Result<()> {
    let allowed = cases
        .iter()
        .filter(|case| case.expect == Expect::Allow)
        .count();
    if cases.len() < LEAST_CASES || allowed == 0 || allowed == cases.len() {
        bail!(
            "{} cases, {allowed} of them allowed: at least {LEAST_CASES}, and both answers",
            cases.len()
        );
    }
    Ok(())
}

fn table() -> anyhow::Result<Table> {
    let path = roots::terraform().join(FILE);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

fn checked(tf: &TfOffline, environment: &Root, name: &str) -> anyhow::Result<Vec<Check>> {
    let cases: Vec<Case> = table()?
        .cases
        .into_iter()
        .filter(|case| case.environment == environment.short())
        .collect();
    let copy = tree::copy()?;
    tree::strip_validations(&copy.terraform())?;
    let state = copy.root().join("applied.tfstate");
    let words = [
        "-var=deploy_target=both".to_owned(),
        format!("-var=account_id={}", roots::ACCOUNT),
    ];
    let state = tf.apply(&copy.terraform().join(&environment.name), &state, &words)?;
    let account = Account::read(&state)?;

    let mut checks: Vec<Check> = cases
        .iter()
        .enumerate()
        .filter_map(|(number, case)| {
            let error = case.hold_against(&account).err()?;
            Some(Check::failed(
                format!("{name} {} of {}", case.role, number + 1),
                format!("{error:#}"),
            ))
        })
        .collect();
    let held = cases.len() - checks.len();
    if held > 0 {
        checks.push(Check::passed_many(
            format!("{name}: {} roles", account.roles.len()),
            held,
        ));
    }
    checks.push(Check::of(
        format!("{name}: every role is bounded"),
        all_bounded(&account),
    ));
    let trusts = account
        .roles
        .iter()
        .try_for_each(|(role, found)| lint::wildcard_trust(role, &found.trust));
    checks.push(Check::of(format!("{name}: wildcard-trust"), trusts));
    Ok(checks)
}

/// The apply role could make none without a boundary, so a role without one is a mistake.
fn all_bounded(account: &Account) -> anyhow::Result<()> {
    let unbounded: Vec<&str> = account
        .roles
        .iter()
        .filter(|(_, role)| role.boundary.is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    if account.roles.is_empty() || !unbounded.is_empty() {
        bail!(
            "roles without permissions boundary: {}",
            unbounded.join(", ")
        );
    }
    Ok(())
}
