//! What the workflows call, done for once against stand-ins: moto for AWS, a real API server for the cluster.

mod account;
mod cluster;
mod flip;
mod functions;
mod publishing;

use std::process::Command;

use super::report::Report;
use crate::{program, workspace};

/// Where a cluster can be had: beside the repository, and optional.
const KUBE: &str = "../shared/tools/kube/up";

/// All of them; those of the pods where they are wanted.
pub(super) fn all(report: &mut Report, pods: bool) {
    flip::run(report);
    match account::Account::open() {
        Ok(account) => {
            functions::run(&account, report);
            publishing::run(&account, report);
        }
        Err(error) => report.left_out(
            "rollout, publishing, snapshot on moto",
            &format!("{error:#}"),
        ),
    }
    let name = "rollout and rollback of pods, on a real API server";
    if !pods {
        return report.left_out(name, "--no-cluster");
    }
    let up = workspace::root().join(KUBE);
    if !up.is_file() {
        return report.left_out(name, &format!("{KUBE} is not there"));
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
    report.result(name, inside);
}

/// The pods, in the cluster of KUBECONFIG.
pub(super) fn in_cluster(report: &mut Report) -> anyhow::Result<()> {
    cluster::run(report)
}
