//! The cost table: printed, and kept in the repository for whoever decides.

use std::{fmt::Write as _, fs};

use anyhow::{Context as _, bail};

use super::{
    super::roots,
    Estimate, Usd,
    estimate::of_usage,
    prices::{Prices, Usage},
};

const FILE: &str = "cost/README.md";

/// One row an environment and target.
pub(super) fn summary(estimates: &[Estimate<'_>], usage: &Usage) -> anyhow::Result<String> {
    let mut text = String::from(
        "| Environment | Target | Estimate, USD a month | Budget | Band of the first design | What leaves the band |\n|---|---|---|---|---|---|\n",
    );
    for estimate in estimates {
        let subject = estimate.subject;
        let (band, leaves) = against_band(estimate, usage)?;
        writeln!(
            text,
            "| {} | {} | {} | {} | {band} | {leaves} |",
            subject.environment, subject.target, estimate.total, estimate.budget
        )?;
    }
    Ok(text)
}

/// The band, and the dearest item where the estimate is outside it.
fn against_band(estimate: &Estimate<'_>, usage: &Usage) -> anyhow::Result<(String, String)> {
    let Some(band) = usage.bands.get(&estimate.subject.environment) else {
        return Ok(("none".to_owned(), String::new()));
    };
    let text = format!("{} to {}", band.from, band.to);
    let leaves = if estimate.total < Usd::parse(&band.from)? {
        "below it".to_owned()
    } else if estimate.total > Usd::parse(&band.to)? {
        let dearest = estimate
            .lines
            .first()
            .context("an estimate without items")?;
        format!("above it: {}, {}", dearest.item, dearest.usd)
    } else {
        String::new()
    };
    Ok((text, leaves))
}

/// The whole page.
pub(super) fn document(
    estimates: &[Estimate<'_>],
    prices: &Prices,
    usage: &Usage,
) -> anyhow::Result<String> {
    let (all, unchecked) = prices.unchecked();
    let mut text = format!(
        "# Cost\n\nComputed by `cargo xtask infra` from each environment's plan, the list prices in `prices.json` ({}, {}) and the assumed \
         usage in `usage.json`; `cargo xtask infra --write` brings this page up to date. {unchecked} of the {all} prices are marked unchecked: \
         they are list prices as commonly known, not compared with AWS's price list on that day; the others were found on pages that \
         quote it (second hand). Taxes and support are not counted, free tiers not taken off, but for one: the first \
         three dashboards of an account cost nothing, and an environment has one.\n\n",
        prices.region, prices.dated
    );
    text += &summary(estimates, usage)?;
    text += "\n## What one choice costs\n\n| Choice | USD a month |\n|---|---|\n";
    for line in of_usage(&usage.choices, prices)? {
        writeln!(text, "| {} | {} |", line.item, line.usd)?;
    }
    for estimate in estimates {
        let subject = estimate.subject;
        write!(
            text,
            "\n## {}, {}\n\n| Item | USD a month |\n|---|---|\n",
            subject.environment, subject.target
        )?;
        for line in &estimate.lines {
            writeln!(text, "| {} | {} |", line.item, line.usd)?;
        }
        writeln!(text, "| **together** | **{}** |", estimate.total)?;
    }
    Ok(text)
}

/// The page in the repository is the computed one.
pub(super) fn compare(text: &str, write: bool) -> anyhow::Result<()> {
    let path = roots::terraform().join(FILE);
    if write {
        return fs::write(&path, text).with_context(|| format!("writing {}", path.display()));
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    if kept != text {
        bail!(
            "terraform/{FILE} differs from what is computed: run `cargo xtask infra --write` and look at the change"
        );
    }
    Ok(())
}
