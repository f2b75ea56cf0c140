//! Releases on a real API server: the runbook's commands, and what becomes of them.

mod kube;
mod rollout;
mod runbook;
mod scenarios;
mod standing;

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, bail, ensure};

use self::{kube::Kube, runbook::Runbook};
use crate::{
    check::{Check, Report},
    workspace,
};

/// Starts a cluster that runs this program again, and adds up what that one prints.
pub(super) fn check(up: &Path) -> Check {
    match run(up) {
        Ok(passed) => Check::passed_many("cluster", passed),
        Err(error) => Check::failed("cluster", format!("{error:#}")),
    }
}

fn run(up: &Path) -> anyhow::Result<usize> {
    let own = std::env::current_exe().context("finding this program")?;
    let mut child = Command::new(up)
        .args(["--nodes", "3", "--"])
        .arg(own)
        .args(["chart", "--in-cluster"])
        .current_dir(workspace::root())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", up.display()))?;
    let out = child.stdout.take().context("the cluster has no output")?;
    let mut passed = 0;
    for line in BufReader::new(out).lines() {
        let line = line?;
        if let Some(count) = line.split_once(" passed, ") {
            passed = count.0.parse().unwrap_or(0);
        } else {
            println!("{line}");
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("see above ({status})");
    }
    ensure!(passed > 0, "nothing was run");
    Ok(passed)
}

/// What the other one runs: one scenario after another, each on what the last one left.
pub(super) fn inside() -> anyhow::Result<()> {
    let kube = Kube::new()?;
    let runbook = Runbook::read()?;
    let report = Report::default();
    for (name, scenario) in scenarios::ALL {
        let start = Instant::now();
        let outcome = scenario(&kube, &runbook);
        let failed = outcome.is_err();
        report.add(
            &[Check::of(format!("cluster: {name}"), outcome)],
            start.elapsed(),
        );
        if failed {
            break;
        }
    }
    report.note(Check::of(
        "cluster: every command of the runbook was run",
        runbook.all_run(),
    ));
    report.finish().context("not all scenarios passed")
}
