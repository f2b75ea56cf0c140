//! The monthly estimate of each environment and target, compared with its budget.

mod estimate;
mod money;
mod prices;
mod table;

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde_json::Value;

use self::{
    estimate::Line,
    money::Usd,
    prices::{Prices, Usage},
};
use super::{check::Check, plan::Plan};

/// What dev on Lambda may cost at most.
const LOWEST_PATH: (&str, &str, &str) = ("dev", "lambda", "45");

/// An environment for one target, with its plan.
pub(super) struct Subject {
    pub(super) environment: String,
    pub(super) target: String,
    pub(super) plan: Plan,
}

/// The estimate of one subject.
struct Estimate<'a> {
    subject: &'a Subject,
    lines: Vec<Line>,
    total: Usd,
    budget: Usd,
}

/// Prices every subject; the committed table is compared, or written with `write`.
pub(super) fn check(subjects: &[Subject], write: bool) -> Vec<Check> {
    match checked(subjects, write) {
        Ok(checks) => checks,
        Err(error) => vec![Check::failed("cost", format!("{error:#}"))],
    }
}

fn checked(subjects: &[Subject], write: bool) -> anyhow::Result<Vec<Check>> {
    let (prices, usage) = (Prices::load()?, Usage::load()?);
    let mut estimates = Vec::new();
    for subject in subjects {
        let name = format!("{} for {}", subject.environment, subject.target);
        estimates.push(estimate(subject, &prices, &usage).with_context(|| name)?);
    }
    println!("{}", table::summary(&estimates, &usage)?);
    let mut checks: Vec<Check> = estimates
        .iter()
        .map(|estimate| {
            let name = format!(
                "cost {} {}",
                estimate.subject.environment, estimate.subject.target
            );
            Check::of(name, within_budget(estimate))
        })
        .collect();
    let text = table::document(&estimates, &prices, &usage)?;
    checks.push(Check::of(
        "cost table is the committed one",
        table::compare(&text, write),
    ));
    Ok(checks)
}

fn estimate<'a>(
    subject: &'a Subject,
    prices: &Prices,
    usage: &Usage,
) -> anyhow::Result<Estimate<'a>> {
    let mut lines = estimate::of_plan(&subject.plan, prices)?;
    let assumed = usage
        .environments
        .get(&subject.environment)
        .context("terraform/cost/usage.json says nothing of it")?;
    for part in ["common", "lambda", "eks"] {
        if part == "common" || part == subject.target || subject.target == "both" {
            let assumed = assumed
                .get(part)
                .with_context(|| format!("usage.json has no part {part}"))?;
            lines.extend(estimate::of_usage(assumed, prices)?);
        }
    }
    let lines = added_up(lines);
    let total = lines
        .iter()
        .fold(Usd::default(), |sum, line| sum.plus(line.usd));
    Ok(Estimate {
        subject,
        lines,
        total,
        budget: budget(subject)?,
    })
}

/// One line an item, the dearest first.
fn added_up(lines: Vec<Line>) -> Vec<Line> {
    let mut by_item: BTreeMap<String, Usd> = BTreeMap::new();
    for line in lines {
        let sum = by_item.entry(line.item).or_default();
        *sum = sum.plus(line.usd);
    }
    let mut lines: Vec<Line> = by_item
        .into_iter()
        .map(|(item, usd)| Line { item, usd })
        .collect();
    lines.sort_by(|a, b| b.usd.cmp(&a.usd).then_with(|| a.item.cmp(&b.item)));
    lines
}

fn budget(subject: &Subject) -> anyhow::Result<Usd> {
    let budget = subject
        .plan
        .variable("monthly_budget_usd")
        .context("the environment has no variable monthly_budget_usd")?;
    let budget = budget.get(&subject.target).unwrap_or(budget);
    match budget {
        Value::Number(number) => Usd::parse(&number.to_string()),
        other => bail!(
            "monthly_budget_usd is {other}, no number for {}",
            subject.target
        ),
    }
}

fn within_budget(estimate: &Estimate<'_>) -> anyhow::Result<()> {
    let subject = estimate.subject;
    let (environment, target, limit) = LOWEST_PATH;
    if subject.environment == environment
        && subject.target == target
        && estimate.total > Usd::parse(limit)?
    {
        bail!(
            "{} USD a month, and the low-cost path is to stay at {limit}",
            estimate.total
        );
    }
    if estimate.total > estimate.budget {
        let dearest: Vec<String> = estimate
            .lines
            .iter()
            .take(5)
            .map(|line| format!("{} {}", line.item, line.usd))
            .collect();
        bail!(
            "{} USD a month is above monthly_budget_usd = {}: {}",
            estimate.total,
            estimate.budget,
            dearest.join(", ")
        );
    }
    Ok(())
}
