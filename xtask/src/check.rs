//! What was checked and how it ended.

use std::{sync::Mutex, time::Duration};

use anyhow::ensure;

/// How one check ended.
pub(crate) enum Outcome {
    /// It holds; the number says how many assertions or cases stand behind the one line.
    Passed(usize),
    /// It does not, with the reason.
    Failed(String),
    /// It could not be run here, with the reason. Never counted as passed.
    LeftOut(String),
}

/// One named check.
pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
}

impl Check {
    pub(crate) fn passed(name: impl Into<String>) -> Self {
        Self::passed_many(name, 1)
    }

    pub(crate) fn passed_many(name: impl Into<String>, count: usize) -> Self {
        Self {
            name: name.into(),
            outcome: Outcome::Passed(count),
        }
    }

    pub(crate) fn failed(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            outcome: Outcome::Failed(why.into()),
        }
    }

    pub(crate) fn left_out(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            outcome: Outcome::LeftOut(why.into()),
        }
    }

    /// Passed where nothing was found.
    pub(crate) fn of_faults(name: impl Into<String>, found: anyhow::Result<Vec<String>>) -> Self {
        match found {
            Ok(faults) if faults.is_empty() => Self::passed(name),
            Ok(faults) => Self::failed(name, faults.join("\n")),
            Err(error) => Self::failed(name, format!("{error:#}")),
        }
    }

    /// Passed, or failed with the error.
    pub(crate) fn of(name: impl Into<String>, result: anyhow::Result<()>) -> Self {
        match result {
            Ok(()) => Self::passed(name),
            Err(error) => Self::failed(name, format!("{error:#}")),
        }
    }
}

/// Prints checks as they end and adds them up.
#[derive(Default)]
pub(crate) struct Report {
    totals: Mutex<Totals>,
}

#[derive(Default, Clone)]
struct Totals {
    passed: usize,
    failed: usize,
    left_out: Vec<String>,
}

impl Report {
    pub(crate) fn add(&self, checks: &[Check], took: Duration) {
        let Ok(mut totals) = self.totals.lock() else {
            return;
        };
        for check in checks {
            match &check.outcome {
                Outcome::Passed(count) => {
                    totals.passed += count;
                    let more = if *count > 1 {
                        format!(" ({count})")
                    } else {
                        String::new()
                    };
                    println!("ok    {}{more}", check.name);
                }
                Outcome::Failed(why) => {
                    totals.failed += 1;
                    println!("FAIL  {}\n{}", check.name, indented(why));
                }
                Outcome::LeftOut(why) => {
                    totals.left_out.push(check.name.clone());
                    println!("left out  {}: {why}", check.name);
                }
            }
        }
        if took >= Duration::from_secs(20) {
            println!("      ({} s)", took.as_secs());
        }
    }

    /// The same for one that nobody timed.
    pub(crate) fn note(&self, check: Check) {
        self.add(&[check], Duration::ZERO);
    }

    /// Prints the summary; an error where something failed.
    pub(crate) fn finish(&self) -> anyhow::Result<()> {
        let totals = self
            .totals
            .lock()
            .map(|totals| totals.clone())
            .unwrap_or_default();
        if !totals.left_out.is_empty() {
            println!("left out: {}", totals.left_out.join(", "));
        }
        println!("{} passed, {} failed", totals.passed, totals.failed);
        ensure!(totals.failed == 0, "not all checks passed");
        Ok(())
    }
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("      {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
