//! The installation: a list of commands, each of which may be run again.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail, ensure};

use super::{
    charts::{self, Chart},
    facts::Facts,
    values,
};
use crate::workspace;

/// The owner of fields that kubectl sets.
const MANAGER: &str = "--field-manager=expense-platform";

/// One command, or two joined by a pipe.
pub(super) struct Step {
    first: Vec<String>,
    second: Option<Vec<String>>,
    /// What a failure means to the reader.
    hint: Option<String>,
}

impl Step {
    fn new(words: &[&str]) -> Self {
        Self {
            first: words.iter().map(|word| (*word).to_owned()).collect(),
            second: None,
            hint: None,
        }
    }

    fn into_kubectl(mut self, words: &[&str]) -> Self {
        self.second = Some(words.iter().map(|word| (*word).to_owned()).collect());
        self
    }

    fn or_else(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Has every program ask the cluster of that context.
    fn in_context(mut self, context: Option<&str>) -> Self {
        let Some(context) = context else { return self };
        for words in std::iter::once(&mut self.first).chain(self.second.as_mut()) {
            let option = if words[0] == "helm" {
                "--kube-context"
            } else {
                "--context"
            };
            words.extend([option.to_owned(), context.to_owned()]);
        }
        self
    }

    pub(super) fn run(&self) -> anyhow::Result<()> {
        let outcome = match &self.second {
            None => run(&self.first),
            Some(second) => pipe(&self.first, second),
        };
        match &self.hint {
            Some(hint) => outcome.with_context(|| hint.clone()),
            None => outcome,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first.join(" "))?;
        match &self.second {
            Some(second) => write!(f, " | {}", second.join(" ")),
            None => Ok(()),
        }
    }
}

/// Where the values of an environment are written: what is handed to Helm can be read.
pub(super) fn values_folder(environment: &str) -> PathBuf {
    workspace::target().join("platform").join(environment)
}

/// Writes each chart's values, and returns what is to be run; the second part says what is left out and why.
pub(super) fn steps(
    facts: &Facts,
    context: Option<&str>,
) -> anyhow::Result<(Vec<Step>, Vec<String>)> {
    let manifests = charts::folder().join("manifests").display().to_string();
    let mut steps = vec![Step::new(&[
        "kubectl",
        "apply",
        "--server-side",
        MANAGER,
        "--filename",
        &manifests,
    ])];
    let mut left_out = Vec::new();
    let folder = values_folder(&facts.environment);
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    for chart in charts::list()? {
        if let Some(why) = chart.left_out(facts) {
            left_out.push(format!("{}: {why}", chart.release));
            continue;
        }
        let file = write_values(&chart, facts, &folder)?;
        steps.extend(steps_of(&chart, &file));
    }
    let steps = steps
        .into_iter()
        .map(|step| step.in_context(context))
        .collect();
    Ok((steps, left_out))
}

/// JSON, which is YAML without its doubtful words.
pub(super) fn write_values(chart: &Chart, facts: &Facts, folder: &Path) -> anyhow::Result<PathBuf> {
    let values = values::of(chart, facts).with_context(|| chart.release.clone())?;
    let file = folder.join(format!("{}.json", chart.release));
    fs::write(&file, format!("{values:#}\n"))
        .with_context(|| format!("writing {}", file.display()))?;
    Ok(file)
}

fn steps_of(chart: &Chart, values: &Path) -> Vec<Step> {
    let mut steps = Vec::new();
    for secret in &chart.secrets {
        let step = Step::new(&[
            "kubectl",
            "get",
            "secret",
            secret,
            "--namespace",
            &chart.namespace,
            "--output",
            "name",
        ]);
        steps.push(step.or_else(format!(
            "the Secret {}/{secret} must be made first: docs/PLATFORM.md",
            chart.namespace
        )));
    }
    if chart.crds {
        let show = Step::new(&[
            "helm",
            "show",
            "crds",
            &chart.chart,
            "--repo",
            &chart.repository,
            "--version",
            &chart.version,
        ]);
        // Forced: the first installation by Helm left its own name on them.
        steps.push(show.into_kubectl(&[
            "kubectl",
            "apply",
            "--server-side",
            "--force-conflicts",
            MANAGER,
            "--filename",
            "-",
        ]));
    }
    steps.push(Step::new(&[
        "helm",
        "upgrade",
        "--install",
        &chart.release,
        &chart.chart,
        "--repo",
        &chart.repository,
        "--version",
        &chart.version,
        "--namespace",
        &chart.namespace,
        "--values",
        &values.display().to_string(),
        "--wait",
        "--timeout",
        "10m",
        "--history-max",
        "5",
    ]));
    steps
}

/// Fails where the kubeconfig points to another cluster than the environment's.
pub(super) fn right_cluster(facts: &Facts, context: Option<&str>) -> anyhow::Result<()> {
    let mut command = Command::new("kubectl");
    command.args([
        "config",
        "view",
        "--minify",
        "--output",
        "jsonpath={.clusters[0].name}",
    ]);
    if let Some(context) = context {
        command.args(["--context", context]);
    }
    let output = command.output().context("starting kubectl")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "kubectl config view: {}",
        said.trim()
    );
    is_cluster(
        String::from_utf8_lossy(&output.stdout).trim(),
        &facts.text("helm.cluster_name")?,
    )
}

/// `aws eks update-kubeconfig` names a cluster by its ARN, which ends in its name.
fn is_cluster(found: &str, wanted: &str) -> anyhow::Result<()> {
    let name = found.rsplit('/').next().unwrap_or(found);
    if name != wanted {
        bail!(
            "the kubeconfig points to the cluster {found:?}, Terraform names {wanted:?}: run \
             `aws eks update-kubeconfig --name {wanted}`, or name its context by --context"
        );
    }
    Ok(())
}

fn run(words: &[String]) -> anyhow::Result<()> {
    let status = Command::new(&words[0])
        .args(&words[1..])
        .status()
        .with_context(|| format!("starting {}", words[0]))?;
    ensure!(status.success(), "`{}` failed ({status})", words.join(" "));
    Ok(())
}

fn pipe(first: &[String], second: &[String]) -> anyhow::Result<()> {
    let mut from = Command::new(&first[0])
        .args(&first[1..])
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", first[0]))?;
    let out = from.stdout.take().context("the pipe is gone")?;
    let taken = Command::new(&second[0])
        .args(&second[1..])
        .stdin(out)
        .status()
        .with_context(|| format!("starting {}", second[0]));
    let given = from.wait()?;
    ensure!(given.success(), "`{}` failed ({given})", first.join(" "));
    let taken = taken?;
    ensure!(taken.success(), "`{}` failed ({taken})", second.join(" "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{super::facts, *};

    #[test]
    fn the_order_is_namespaces_then_the_monitors_kinds_then_the_rest() {
        let facts = facts::example("prod").unwrap();
        let (steps, left_out) = steps(&facts, Some("there")).unwrap();
        let lines: Vec<_> = steps.iter().map(Step::to_string).collect();
        assert!(left_out.is_empty(), "{left_out:?}");
        let place = |wanted: &str| {
            lines
                .iter()
                .position(|line| line.contains(wanted))
                .unwrap_or_else(|| panic!("no {wanted}"))
        };
        assert_eq!(place("manifests"), 0);
        assert!(place("get secret alertmanager-receivers") < place("--install prometheus "));
        assert!(place("show crds kube-prometheus-stack") < place("--install prometheus "));
        assert!(place("--install prometheus ") < place("--install fluent-bit"));
        for line in &lines {
            let contexts = line.matches("context there").count();
            assert_eq!(contexts, line.matches('|').count() + 1, "{line}");
            assert!(
                !line.contains("--install") || line.contains("--version "),
                "{line}"
            );
        }
    }

    #[test]
    fn a_chart_without_its_role_is_left_out_and_said() {
        let path = charts::folder().join("terraform-output.example.json");
        let text = fs::read_to_string(path)
            .unwrap()
            .replace("\"otel-collector\": \"arn", "\"other\": \"arn");
        let facts = Facts::new("prod", &text).unwrap();
        let (steps, left_out) = steps(&facts, None).unwrap();
        assert!(
            left_out[0].starts_with("otel-collector: Terraform made no role"),
            "{left_out:?}"
        );
        assert!(
            steps
                .iter()
                .all(|step| !step.to_string().contains("--install otel-collector"))
        );
    }

    #[test]
    fn another_cluster_is_refused() {
        let arn = "arn:aws:eks:us-east-1:777788889999:cluster/expense-prod-cluster";
        is_cluster(arn, "expense-prod-cluster").unwrap();
        is_cluster("expense-prod-cluster", "expense-prod-cluster").unwrap();
        for (found, wanted) in [(arn, "expense-dev-cluster"), ("", "expense-dev-cluster")] {
            assert!(is_cluster(found, wanted).is_err(), "{found}");
        }
    }

    #[test]
    fn a_failure_on_either_side_of_a_pipe_is_a_failure() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        pipe(&words("echo a"), &words("cat")).unwrap();
        assert!(pipe(&words("false"), &words("cat")).is_err());
        assert!(pipe(&words("echo a"), &words("false")).is_err());
        let step = Step::new(&["false"]).or_else("the Secret must be made".to_owned());
        assert!(format!("{:#}", step.run().unwrap_err()).starts_with("the Secret must be made"));
    }
}
