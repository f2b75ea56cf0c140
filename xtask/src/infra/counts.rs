//! How many resources each environment makes for each target, compared with what was agreed.

use std::{collections::BTreeMap, fs};

use anyhow::{Context as _, bail};

use super::{check::Check, cost::Subject, roots};

const FILE: &str = "tests/resource-counts.json";

/// Types that the low-cost path does without.
const ABSENT_ON_LAMBDA: [&str; 4] = [
    "aws_eks_cluster",
    "aws_eks_node_group",
    "aws_nat_gateway",
    "aws_elasticache_replication_group",
];

/// By `environment target`, then by type.
type Counts = BTreeMap<String, BTreeMap<String, u64>>;

/// Compares every subject with the file, or writes it.
pub(super) fn check(subjects: &[Subject], write: bool) -> Vec<Check> {
    let found: Counts = subjects
        .iter()
        .map(|subject| (key(subject), subject.plan.counts()))
        .collect();
    if write {
        return vec![Check::of("resource counts written", store(&found))];
    }
    let kept = match load() {
        Ok(kept) => kept,
        Err(error) => return vec![Check::failed("resource counts", format!("{error:#}"))],
    };
    let mut checks: Vec<Check> = found
        .iter()
        .map(|(key, counts)| {
            let total: u64 = counts.values().sum();
            Check::of(
                format!("resources {key}: {total}"),
                compare(kept.get(key), counts),
            )
        })
        .collect();
    checks.extend(subjects.iter().filter_map(low_cost_path));
    checks
}

fn key(subject: &Subject) -> String {
    format!("{} {}", subject.environment, subject.target)
}

fn low_cost_path(subject: &Subject) -> Option<Check> {
    if subject.environment != "dev" || subject.target != "lambda" {
        return None;
    }
    let counts = subject.plan.counts();
    let there: Vec<&str> = ABSENT_ON_LAMBDA
        .into_iter()
        .filter(|kind| counts.contains_key(*kind))
        .collect();
    let name = "dev on Lambda has no cluster, NAT or cache";
    Some(if there.is_empty() {
        Check::passed(name)
    } else {
        Check::failed(name, there.join(", "))
    })
}

fn compare(
    kept: Option<&BTreeMap<String, u64>>,
    found: &BTreeMap<String, u64>,
) -> anyhow::Result<()> {
    let kept = kept.with_context(|| format!("terraform/{FILE} does not know it"))?;
    let kinds: std::collections::BTreeSet<&String> = kept.keys().chain(found.keys()).collect();
    let differences: Vec<String> = kinds
        .into_iter()
        .filter_map(|kind| {
            let (was, is) = (kept.get(kind).unwrap_or(&0), found.get(kind).unwrap_or(&0));
            (was != is).then(|| format!("{kind}: {was} agreed, {is} planned"))
        })
        .collect();
    if !differences.is_empty() {
        bail!(
            "{}\nif that is meant: `cargo xtask infra --write`",
            differences.join("\n")
        );
    }
    Ok(())
}

fn load() -> anyhow::Result<Counts> {
    let path = roots::terraform().join(FILE);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

fn store(counts: &Counts) -> anyhow::Result<()> {
    let path = roots::terraform().join(FILE);
    let text = serde_json::to_string_pretty(counts)? + "\n";
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}
