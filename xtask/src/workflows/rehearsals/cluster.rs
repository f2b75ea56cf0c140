//! Releases of the pods, in an empty cluster: the first, a good one, pods that do not get ready, a migration that fails,
//! a smoke test that fails, a rollout that was killed, a rollback by hand.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::account::until;
use crate::{
    check::{Check, Report},
    outputs, program,
    temporary::Folder,
    workspace,
};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const NAMESPACE: &str = "expense";

/// A folder for values and outputs; the cluster is KUBECONFIG's.
struct Stage {
    folder: Folder,
    kubeconfig: PathBuf,
}

/// What it shows, and what is done. Each begins where the one before ended.
type Act = (&'static str, fn(&Stage) -> anyhow::Result<()>);

const ACTS: &[Act] = &[
    ("eks: the first release", first),
    ("eks: a good release replaces it, by digest", good),
    (
        "eks: pods that do not get ready bring the old release back",
        unready,
    ),
    ("eks: a failed migration changes no pod", unmigrated),
    (
        "eks: a failed smoke test brings the old release back",
        unsmoked,
    ),
    (
        "eks: a rollout that was killed does not lock the release",
        killed,
    ),
    ("eks: rollback by hand", by_hand),
];

pub(super) fn run(report: &Report) -> anyhow::Result<()> {
    let stage = Stage {
        folder: Folder::new("cluster")?,
        kubeconfig: std::env::var_os("KUBECONFIG")
            .context("KUBECONFIG is not set")?
            .into(),
    };
    kubectl(&["create", "namespace", NAMESPACE])?;
    for (name, act) in ACTS {
        let outcome = act(&stage);
        let failed = outcome.is_err();
        report.note(Check::of(*name, outcome));
        if failed {
            // The next act begins where this one should have ended.
            break;
        }
    }
    Ok(())
}

fn kubectl(words: &[&str]) -> anyhow::Result<String> {
    program::said(Command::new("kubectl").args(words))
}

/// What Terraform says; the address is one where nothing listens.
fn outputs_of_terraform() -> anyhow::Result<Value> {
    let sample = workspace::root().join("xtask/samples/terraform-output.json");
    let mut outputs: Value = serde_json::from_str(&fs::read_to_string(sample)?)?;
    outputs["workflows"]["value"]["base_url"] = "http://127.0.0.1:9".into();
    Ok(outputs)
}

fn digest(letter: char) -> String {
    format!("sha256:{}", letter.to_string().repeat(64))
}

fn xtask(stage: &Stage, words: &[&str]) -> anyhow::Result<(bool, String)> {
    let output = Command::new(std::env::current_exe()?)
        .args(words)
        .args(["--environment", "staging", "--kubeconfig"])
        .arg(&stage.kubeconfig)
        .env(outputs::VARIABLE, outputs_of_terraform()?.to_string())
        .env_remove("GITHUB_STEP_SUMMARY")
        .stdin(Stdio::null())
        .output()?;
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok((output.status.success(), said))
}

fn rollout(
    stage: &Stage,
    letter: char,
    values: &str,
    more: &[&str],
    pass: bool,
) -> anyhow::Result<String> {
    let digest = digest(letter);
    let file = stage
        .folder
        .file("further.yaml", values)?
        .display()
        .to_string();
    let mut words = vec![
        "rollout",
        "eks",
        "--commit",
        COMMIT,
        "--digest",
        &digest,
        "--values",
        &file,
        "--smoke-wait",
        "0",
    ];
    words.extend(more);
    let (passed, said) = xtask(stage, &words)?;
    ensure!(
        passed == pass,
        "it {}:\n{said}",
        if passed { "passed" } else { "failed" }
    );
    Ok(said)
}

/// The image that the pods of the Deployment run, and that all of them are there.
fn runs(letter: char) -> anyhow::Result<()> {
    let found = kubectl(&[
        "get",
        "deployment",
        "expense-backend",
        "-n",
        NAMESPACE,
        "-o",
        "json",
    ])?;
    let deployment: Value = serde_json::from_str(&found)?;
    let image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
        .as_str()
        .unwrap_or_default();
    ensure!(
        image.ends_with(&format!("@{}", digest(letter))),
        "the pods run {image}"
    );
    let (ready, updated) = (
        &deployment["status"]["readyReplicas"],
        &deployment["status"]["updatedReplicas"],
    );
    ensure!(
        ready == updated && ready.as_u64() > Some(0),
        "{ready} of {updated} pods are ready"
    );
    Ok(())
}

fn first(stage: &Stage) -> anyhow::Result<()> {
    rollout(
        stage,
        'a',
        "{}",
        &["--smoke", "off", "--timeout", "90s"],
        true,
    )?;
    runs('a')
}

fn good(stage: &Stage) -> anyhow::Result<()> {
    rollout(
        stage,
        'b',
        "{}",
        &["--smoke", "off", "--timeout", "90s"],
        true,
    )?;
    runs('b')
}

fn unready(stage: &Stage) -> anyhow::Result<()> {
    let values = "podAnnotations: {fake/ready: \"false\"}";
    rollout(
        stage,
        'c',
        values,
        &["--smoke", "off", "--timeout", "25s"],
        false,
    )?;
    until("the old pods", || Ok(runs('b').is_ok()))
}

fn unmigrated(stage: &Stage) -> anyhow::Result<()> {
    let values = "migration: {backoffLimit: 0, podAnnotations: {fake/exit: \"1\"}}";
    rollout(
        stage,
        'd',
        values,
        &["--smoke", "off", "--timeout", "40s"],
        false,
    )?;
    until("the old pods", || Ok(runs('b').is_ok()))
}

fn unsmoked(stage: &Stage) -> anyhow::Result<()> {
    let said = rollout(
        stage,
        'e',
        "{}",
        &["--smoke", "read", "--timeout", "90s"],
        false,
    )?;
    ensure!(said.contains("rolled back to revision"), "{said}");
    until("the old pods", || Ok(runs('b').is_ok()))
}

/// Helm is killed while it waits: the release stays `pending-upgrade`.
fn killed(stage: &Stage) -> anyhow::Result<()> {
    let values = stage
        .folder
        .file("never.yaml", "podAnnotations: {fake/ready: \"false\"}")?;
    let chart = workspace::root().join("helm/expense-backend");
    let mut helm = Command::new("helm")
        .args([
            "upgrade",
            "expense-backend",
            "--namespace",
            NAMESPACE,
            "--reuse-values",
            "--wait",
        ])
        .args(["--timeout", "300s"])
        .arg("--values")
        .arg(values)
        .arg(&chart)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let locked = until("the lock", || {
        Ok(program::said(Command::new("helm").args([
            "status",
            "expense-backend",
            "-n",
            NAMESPACE,
            "-o",
            "json",
        ]))
        .is_ok_and(|text| text.contains("pending-upgrade")))
    });
    helm.kill()?;
    helm.wait()?;
    locked?;
    let said = rollout(
        stage,
        'f',
        "{}",
        &["--smoke", "off", "--timeout", "90s"],
        true,
    )?;
    ensure!(
        said.contains("an interrupted rollout left the release in pending-upgrade"),
        "{said}"
    );
    runs('f')
}

fn by_hand(stage: &Stage) -> anyhow::Result<()> {
    let (passed, said) = xtask(stage, &["rollback", "eks", "--timeout", "90s"])?;
    ensure!(passed, "{said}");
    until("the pods before", || Ok(runs('b').is_ok()))
}
