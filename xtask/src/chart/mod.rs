//! `cargo xtask chart`: helm/expense-backend, proved as far as that goes without a cluster in AWS.

mod cluster;
mod configuration;
mod manifests;
mod mutations;
mod options;
mod readme;
mod schema;
mod source;
mod suites;
mod tools;
mod variation;
mod wiring;

use std::{path::Path, time::Instant};

use self::{options::GRAMMAR, source::Source, tools::Tools};
use crate::{
    check::{Check, Report},
    words::Words,
};

const NO_TOOLS: &str = "../shared/tools/kube is not there, and the program is not on the PATH";
const NO_CLUSTER: &str = "../shared/tools/kube is not there, and with it no API server";

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(options) = GRAMMAR.read_options(words)? else {
        return Ok(());
    };
    if options.flag("in-cluster") {
        return cluster::inside();
    }
    let source = Source::own();
    let report = Report::default();
    without_tools(&options, &source, &report);
    let tools = Tools::find(options.optional("tools").map(Path::new))?;
    with_tools(&options, &tools, &source, &report);
    if options.flag("mutations") {
        timed(&report, || mutations::check(&tools, &source));
    }
    if options.wants("cluster") {
        match &tools.cluster {
            Some(up) => timed(&report, || vec![cluster::check(up)]),
            None => report.note(Check::left_out("cluster", NO_CLUSTER)),
        }
    }
    report.finish()
}

/// What reads files alone.
fn without_tools(options: &Words, source: &Source, report: &Report) {
    if options.wants("schema") {
        timed(report, || schema::check(source));
    }
    if options.wants("readme") {
        timed(report, || {
            vec![readme::check(source, options.flag("write"))]
        });
    }
    if options.wants("suites") {
        timed(report, || vec![suites::complete(source)]);
    }
    if options.wants("mutations") {
        timed(report, || vec![mutations::check_list(source)]);
    }
}

fn with_tools(options: &Words, tools: &Tools, source: &Source, report: &Report) {
    let helm = tools.helm.as_deref();
    part(options, report, "lint", helm, |helm| {
        manifests::lint(helm, source)
    });
    part(
        options,
        report,
        "suites",
        tools.unittest.as_deref(),
        |unittest| suites::run(unittest, source),
    );
    part(options, report, "wiring", helm, |helm| {
        manifests::wiring(helm, source)
    });
    let both = helm.zip(tools.kubeconform.as_ref());
    part(options, report, "manifests", both, |(helm, kubeconform)| {
        manifests::schemas(helm, kubeconform, source)
    });
    part(options, report, "configuration", helm, |helm| {
        configuration::check(helm, source)
    });
}

/// Runs a part that needs `tool`, or says that it is left out.
fn part<T>(
    options: &Words,
    report: &Report,
    name: &str,
    tool: Option<T>,
    run: impl FnOnce(T) -> Vec<Check>,
) {
    if !options.wants(name) {
        return;
    }
    match tool {
        Some(tool) => timed(report, || run(tool)),
        None => report.note(Check::left_out(name, NO_TOOLS)),
    }
}

fn timed(report: &Report, run: impl FnOnce() -> Vec<Check>) {
    let start = Instant::now();
    let checks = run();
    report.add(&checks, start.elapsed());
}
