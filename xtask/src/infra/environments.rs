//! The environments: one code with different values, tested once and planned in each.

use std::{collections::BTreeSet, process::Command, sync::Mutex};

use anyhow::{Context as _, bail};

use super::{
    check::Check,
    cost::Subject,
    lint,
    offline::TfOffline,
    plan::Plan,
    pool::Job,
    roots::{self, Root, TARGETS},
};

/// Compares the environments' code; a program of its own, so that people can run it alone.
const COMPARISON: &str = "environments/check";

/// Values of an environment in a second region.
const SECOND_REGION: &str = "second-region.tfvars";

/// One job a test file. Where the code is one, the same file proves nothing more in a second environment.
pub(super) fn tests<'a>(
    tf: &'a TfOffline,
    environments: &'a [Root],
) -> anyhow::Result<Vec<Job<'a>>> {
    let mut jobs: Vec<Job<'a>> = Vec::new();
    let mut seen = BTreeSet::new();
    for environment in environments {
        for (file, text) in environment.test_files()? {
            if seen.insert(text) {
                jobs.push(Box::new(move || {
                    vec![super::tests_of(tf, environment, Some(&file))]
                }));
            }
        }
    }
    if seen.is_empty() {
        bail!("no environment has tests");
    }
    Ok(jobs)
}

/// That they differ in values only; wants no provider.
pub(super) fn one_code() -> Check {
    Check::of("environments differ in values only", are_one_code())
}

fn are_one_code() -> anyhow::Result<()> {
    let program = roots::terraform().join(COMPARISON);
    let output = Command::new(&program)
        .output()
        .with_context(|| format!("starting {}", program.display()))?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// One job an environment and target; the plans are kept in `subjects`.
pub(super) fn plans<'a>(
    tf: &'a TfOffline,
    environments: &'a [Root],
    subjects: &'a Mutex<Vec<Subject>>,
) -> Vec<Job<'a>> {
    let mut jobs: Vec<Job<'a>> = Vec::new();
    for environment in environments {
        for target in TARGETS {
            jobs.push(Box::new(move || {
                let name = format!("plan {} for {target}", environment.short());
                match planned(tf, environment, target) {
                    Err(error) => vec![Check::failed(name, format!("{error:#}"))],
                    Ok(subject) => {
                        let of = format!("{} {target}", environment.short());
                        let checks = vec![
                            Check::passed(name),
                            Check::of(
                                format!("wildcard-trust {of}"),
                                lint::wildcard_trusts_of(&subject.plan),
                            ),
                            Check::of(
                                format!("open-network {of}"),
                                lint::open_network(&subject.plan),
                            ),
                        ];
                        if let Ok(mut subjects) = subjects.lock() {
                            subjects.push(subject);
                        }
                        checks
                    }
                }
            }));
        }
    }
    jobs
}

/// One job for each environment that has values for a second region: they must plan on top of its own.
pub(super) fn second_regions<'a>(tf: &'a TfOffline, environments: &'a [Root]) -> Vec<Job<'a>> {
    let mut jobs: Vec<Job<'a>> = Vec::new();
    for environment in environments {
        if environment.path.join(SECOND_REGION).is_file() {
            jobs.push(Box::new(move || {
                let words = [
                    format!("-var-file={SECOND_REGION}"),
                    format!("-var=account_id={}", roots::ACCOUNT),
                ];
                let planned = tf.plan(&environment.path, &words).map(drop);
                let name = format!("plan {} in its second region", environment.short());
                vec![Check::of(name, planned)]
            }));
        }
    }
    jobs
}

/// Plans an environment with its own values and nothing else but the target and the stand-in's account.
fn planned(tf: &TfOffline, environment: &Root, target: &str) -> anyhow::Result<Subject> {
    let words = [
        format!("-var=deploy_target={target}"),
        format!("-var=account_id={}", roots::ACCOUNT),
    ];
    Ok(Subject {
        environment: environment.short().to_owned(),
        target: target.to_owned(),
        plan: Plan::read(&tf.plan(&environment.path, &words)?),
    })
}
