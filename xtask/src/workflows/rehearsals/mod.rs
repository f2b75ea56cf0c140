//! What the workflows call, done for once against stand-ins: moto for AWS, a real API server for the cluster.

mod account;
mod cluster;
mod flip;
mod functions;
mod publishing;

use std::process::Command;

use anyhow::anyhow;

use self::account::Account;
use crate::{
    check::{Check, Report},
    program, workspace,
};

/// Where a cluster can be had: beside the repository, and optional.
const KUBE: &str = "../shared/tools/kube/up";

/// What was shown, and whether it was.
type Outcome = (&'static str, anyhow::Result<()>);

/// All of them; those of the pods where they are wanted.
pub(super) fn all(report: &Report, pods: bool) {
    flip::run(report);
    match on_moto() {
        Ok(outcomes) => {
            for (name, outcome) in outcomes {
                report.note(Check::of(name, outcome));
            }
        }
        Err(error) => report.note(Check::left_out(
            "rollout, publishing, snapshot on moto",
            format!("{error:#}"),
        )),
    }
    let name = "rollout and rollback of pods, on a real API server";
    if !pods {
        return report.note(Check::left_out(name, "--no-cluster"));
    }
    let up = workspace::root().join(KUBE);
    if !up.is_file() {
        return report.note(Check::left_out(name, format!("{KUBE} is not there")));
    }
    let inside = std::env::current_exe()
        .map_err(anyhow::Error::from)
        .and_then(|own| {
            let mut command = Command::new(up);
            command
                .arg("--")
                .arg(own)
                .args(["workflows", "--in-cluster"]);
            program::shown(command.current_dir(workspace::root()))
        });
    report.note(Check::of(name, inside));
}

/// Side by side, in an account each: most of the time the CLI is starting.
fn on_moto() -> anyhow::Result<Vec<Outcome>> {
    // Opened here: a server ends with the thread that started it.
    let (one, other) = (Account::open()?, Account::open()?);
    std::thread::scope(|scope| {
        let functions = scope.spawn(|| functions::run(&one));
        let published = publishing::run(&other);
        let mut outcomes = functions
            .join()
            .map_err(|_| anyhow!("the rehearsal of the functions panicked"))?;
        outcomes.extend(published);
        Ok(outcomes)
    })
}

/// The pods, in the cluster of KUBECONFIG.
pub(super) fn in_cluster(report: &Report) -> anyhow::Result<()> {
    cluster::run(report)
}
