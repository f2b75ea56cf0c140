//! `cargo xtask infra`: the whole of `terraform/`, proved as far as that goes without an AWS account.

mod cost;
mod counts;
mod environments;
mod faults;
mod flipped;
mod iam;
mod lint;
mod linters;
mod mutations;
mod names;
mod offline;
mod options;
mod plan;
mod pool;
mod refusals;
mod roots;
mod target_file;
mod tree;

use std::{sync::Mutex, time::Duration};

use anyhow::{Context as _, bail};

pub(crate) use self::flipped::outputs_with;
use self::{
    cost::Subject,
    offline::TfOffline,
    options::GRAMMAR,
    pool::Job,
    roots::{Root, TARGETS},
};
use crate::{
    check::{self, Check, Report},
    words::Words,
};

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(options) = GRAMMAR.read_options(words)? else {
        return Ok(());
    };
    let report = Report::default();
    match TfOffline::find() {
        Ok(tf) => with_provider(&tf, &options, &report)?,
        Err(why) => without_provider(why, &options, &report),
    }
    report.finish()
}

/// What is left without the provider's schema.
fn without_provider(why: &str, options: &Words, report: &Report) {
    let mut jobs = Vec::new();
    add_linters(&mut jobs, options);
    pool::run(jobs, report);
    let parts = [
        ("native tests", options.wants("tests")),
        ("plans and resource counts", options.wants("plans")),
        ("cost", options.wants("plans")),
        ("IAM table held against policies", options.wants("iam")),
        ("planted faults", options.wants("faults")),
        ("mutations", options.flag("mutations")),
    ];
    for (name, wanted) in parts {
        if wanted {
            report.note(Check::left_out(name, why));
        }
    }
}

fn with_provider(tf: &TfOffline, options: &Words, report: &Report) -> anyhow::Result<()> {
    let (modules, environments) = (roots::modules()?, roots::environments()?);
    if modules.is_empty() || environments.is_empty() {
        bail!("terraform/ holds no modules or no environments");
    }
    let subjects = Mutex::new(Vec::new());
    let mut jobs: Vec<Job<'_>> = Vec::new();
    // The longest first, so that no thread is left with one at the end.
    if options.wants("lint") {
        jobs.push(Box::new(|| vec![linters::checkov()]));
    }
    if options.wants("iam") {
        for environment in &environments {
            jobs.push(Box::new(|| iam::check(tf, environment)));
        }
    }
    if options.wants("plans") {
        jobs.extend(environments::plans(tf, &environments, &subjects));
        jobs.extend(environments::second_regions(tf, &environments));
    }
    if options.wants("target") {
        jobs.push(Box::new(|| vec![target_file::check(tf)]));
    }
    if options.wants("tests") {
        jobs.extend(environments::tests(tf, &environments)?);
        add_tests(&mut jobs, tf, &modules);
    }
    if options.wants("faults") {
        jobs.push(Box::new(|| faults::check(tf)));
    }
    add_linters_but_checkov(&mut jobs, options);
    pool::run(jobs, report);

    if options.wants("plans") {
        let checks = match sorted(subjects, environments.len() * TARGETS.len()) {
            Err(error) => vec![Check::failed(
                "resource counts and cost",
                format!("{error:#}"),
            )],
            Ok(subjects) => {
                let mut checks = counts::check(&subjects, options.flag("write"));
                checks.extend(cost::check(&subjects, options.flag("write")));
                checks
            }
        };
        report.add(&checks, Duration::ZERO);
    }
    if options.flag("mutations") {
        pool::run(mutations::jobs(tf), report);
    }
    Ok(())
}

fn add_linters(jobs: &mut Vec<Job<'_>>, options: &Words) {
    if options.wants("lint") {
        jobs.push(Box::new(|| vec![linters::checkov()]));
    }
    add_linters_but_checkov(jobs, options);
}

fn add_linters_but_checkov(jobs: &mut Vec<Job<'_>>, options: &Words) {
    if options.wants("lint") {
        jobs.push(Box::new(|| vec![linters::trivy()]));
        jobs.push(Box::new(|| vec![linters::tflint()]));
    }
    if options.wants("fmt") {
        jobs.push(Box::new(|| {
            let escaped = lint::escaped_interpolation(&roots::terraform().join("modules"))
                .and_then(|()| {
                    lint::escaped_interpolation(&roots::terraform().join("environments"))
                });
            let mut checks = vec![
                linters::fmt(),
                Check::of("escaped-interpolation", escaped),
                mutations::check_list(),
                names::check(),
                iam::check_table(),
                environments::one_code(),
            ];
            checks.extend(refusals::check());
            checks
        }));
    }
}

fn add_tests<'a>(jobs: &mut Vec<Job<'a>>, tf: &'a TfOffline, modules: &'a [Root]) {
    for root in modules {
        jobs.push(Box::new(move || vec![tests_of(tf, root, None)]));
    }
    jobs.push(Box::new(move || {
        let root = roots::bootstrap();
        let planned = tf.plan(&root.path, &[]).map(drop);
        vec![
            tests_of(tf, &root, None),
            Check::of("plan bootstrap", planned),
        ]
    }));
}

/// The native tests. Terraform validates the whole configuration before the first run, so that is not asked apart.
fn tests_of(tf: &TfOffline, root: &Root, file: Option<&str>) -> Check {
    let name = match file {
        None => format!("validate and test {}", root.name),
        Some(file) => format!("validate and test {} {file}", root.name),
    };
    if !root.has_tests() {
        return Check::failed(name, "it has no tests");
    }
    match tf.test(&root.path, file) {
        Err(error) => Check::failed(name, format!("{error:#}")),
        Ok(tested) if tested.failed.is_empty() => Check::passed_many(name, tested.passed),
        Ok(tested) => Check::failed(name, tested.text),
    }
}

/// The subjects in a fixed order; too few where a plan failed, which was reported.
fn sorted(subjects: Mutex<Vec<Subject>>, expected: usize) -> anyhow::Result<Vec<Subject>> {
    let mut subjects = subjects
        .into_inner()
        .ok()
        .context("a planning thread panicked")?;
    if subjects.len() != expected {
        bail!(
            "{} of {expected} plans were made: counts and cost were not looked at",
            subjects.len()
        );
    }
    subjects.sort_by_key(|subject| {
        let place = |list: &[&str], name: &str| list.iter().position(|known| *known == name);
        (
            place(&["dev", "staging", "prod"], &subject.environment),
            place(&TARGETS, &subject.target),
        )
    });
    Ok(subjects)
}
