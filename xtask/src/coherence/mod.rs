//! `cargo xtask coherence`: numbers and names that two layers must agree on, read where each layer keeps them.
//!
//! A rule whose file is absent fails: what is not read is not compared.

mod faults;
mod hcl;
mod layers;
mod metrics;
mod names;
mod network;
mod outputs;
mod pool;
mod ports;
mod settings;
mod stopping;
mod targets;
#[cfg(test)]
mod tests;
mod texts;
mod versions;
mod workflows;

use anyhow::{Context as _, bail};

use self::texts::Texts;
use crate::check::{Check, Report};

const USAGE: &str = "\
cargo xtask coherence

Compares the service's configuration, the chart's values, Terraform's literals, the platform's values, the workflows,
the Dockerfile and compose.yaml where they speak of the same thing. Needs no server and no network.";

/// Says how many things it compared, or every fault.
type Compare = fn(&Texts) -> anyhow::Result<usize>;

/// Every rule. A new one also needs a line in tests.rs that breaks it.
const RULES: &[(&str, Compare)] = &[
    ("ports", ports::check),
    ("stopping", stopping::check),
    ("pool arithmetic", pool::check),
    ("settings of pods and functions", settings::check),
    ("secrets", names::secrets),
    ("service accounts", names::accounts),
    ("namespaces and groups", names::namespaces),
    ("log groups", names::log_groups),
    ("scheme, hops, region, subnets", network::check),
    ("engines", versions::engines),
    ("toolchain", versions::toolchain),
    ("Kubernetes", versions::kubernetes),
    ("version of the program", versions::program),
    ("deploy targets", targets::check),
    ("engines of the workflows", workflows::engines),
    ("versions of the workflows", workflows::versions),
    ("targets of the workflows", workflows::targets),
    ("metrics of the service", metrics::own),
    ("metrics of CloudWatch", metrics::cloudwatch),
    ("labels and severities", metrics::labels),
    ("outputs of Terraform", outputs::check),
];

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    match words.first().map(String::as_str) {
        None => {}
        Some("help" | "--help" | "-h") => {
            println!("{USAGE}");
            return Ok(());
        }
        Some(word) => bail!("{word:?} is not known here\n\n{USAGE}"),
    }
    let texts = Texts::of_the_repository();
    let report = Report::default();
    for (name, compare) in RULES {
        let check = match compare(&texts) {
            Ok(compared) => Check::passed_many(*name, compared),
            Err(error) => Check::failed(*name, format!("{error:#}")),
        };
        report.note(check);
    }
    report.finish().context("layers disagree")
}
