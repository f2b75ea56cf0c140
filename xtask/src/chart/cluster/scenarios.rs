//! What is tried, in this order.

use anyhow::ensure;
use serde_json::{Value, json};

use super::{
    kube::Kube,
    rollout::{self, PATIENT, SHORT},
    runbook::Runbook,
    standing,
};

type Scenario = fn(&Kube, &Runbook) -> anyhow::Result<()>;

pub(super) const FIRST: &str = "expense-backend";
const SECOND: &str = "expense-backend-next";

pub(super) const ALL: [(&str, Scenario); 17] = [
    ("a namespace that enforces the level restricted", namespace),
    ("install to ready pods", install),
    (
        "the autoscaler is accepted and holds its minimum",
        standing::autoscaler,
    ),
    ("the budget counts the service's pods", standing::budget),
    ("the policies select the pods", standing::policies),
    ("the Service leads to the pods", standing::service),
    ("helm test passes", standing::tests),
    ("an upgrade leaves the number of pods alone", upgrade),
    ("an image that is missing is rolled back", bad_image),
    ("a failing migration stops the upgrade", bad_migration),
    ("a changed configuration makes new pods", configuration),
    ("the way back", way_back),
    ("a release that Helm left pending is taken up", stuck),
    (
        "the example of External Secrets is accepted",
        external_secrets,
    ),
    ("a second release stands beside the first", beside),
    ("requests are shared, and taken back", shares),
    ("the second release goes without a trace", removal),
];

fn namespace(kube: &Kube, book: &Runbook) -> anyhow::Result<()> {
    book.run("namespace", &[])?;
    let refusal = kube.refusal(
        r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "loose"}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}"#,
    )?;
    ensure!(
        refusal.contains("violates PodSecurity \"restricted"),
        "{refusal}"
    );
    Ok(())
}

fn install(kube: &Kube, book: &Runbook) -> anyhow::Result<()> {
    rollout::run(kube, book, "first install", "1.0.0", PATIENT)?;
    rollout::ensure_runs(kube, FIRST, "1.0.0")?;
    let job = kube.get(&["job", "expense-backend-migrate"])?;
    ensure!(
        job["status"]["succeeded"] == 1,
        "the migration did not run: {}",
        job["status"]
    );
    ensure!(
        rollout::state(kube, FIRST)? == "deployed",
        "the release is not deployed"
    );
    Ok(())
}

/// As if the autoscaler had grown it.
fn upgrade(kube: &Kube, book: &Runbook) -> anyhow::Result<()> {
    kube.kubectl(&["scale", "deployment", FIRST, "--replicas=4"])?;
    kube.wait_for("deployment/expense-backend", ".status.readyReplicas", "4")?;
    rollout::run(kube, book, "deploy", "1.0.1", PATIENT)?;
    rollout::ensure_runs(kube, FIRST, "1.0.1")?;
    let job = kube.get(&["job", "expense-backend-migrate"])?;
    let before = &job["spec"]["template"]["spec"]["initContainers"];
    ensure!(
        before.is_null(),
        "it still reads the master user's secret: {before}"
    );
    let replicas = &rollout::deployment(kube, FIRST)?["spec"]["replicas"];
    ensure!(*replicas == 4, "the upgrade set {replicas} replicas");
    Ok(())
}

fn bad_image(kube: &Kube, book: &Runbook) -> anyhow::Result<()> {
    let before = rollout::pods(kube, FIRST)?;
    let outcome = rollout::run(kube, book, "deploy", "missing", SHORT);
    rollout::ensure_fails(outcome, "rolled back")?;
    kube.wait_for("deployment/expense-backend", ".status.replicas", "4")?;
    rollout::ensure_runs(kube, FIRST, "1.0.1")?;
    ensure!(
        rollout::pods(kube, FIRST)? == before,
        "pods that served were taken away"
    );
    ensure!(
        rollout::state(kube, FIRST)? == "deployed",
        "the release is not deployed"
    );
    Ok(())
}

fn bad_migration(kube: &Kube, book: &Runbook) -> anyhow::Result<()> {
    let before = rollout::pods(kube, FIRST)?;
    let fails = "migration:\n  backoffLimit: 0\n  podAnnotations:\n    fake/exit: \"1\"\n";
    let outcome = rollout::with_values(kube, book, "deploy", "1.0.2", PATIENT, fails);
    rollout::ensure_fails(outcome, "pre-upgrade hooks failed")?;
    rollout::ensure_runs(kube, FIRST, "1.0.1")?;
    ensure!(
        rollout::pods(kube, FIRST)? == before,
        "pods were changed before the tables"
    );
    Ok(())
}

fn configuration(kube: &Kube, book: &Runbook) -> anyhow::Result<()> {
    let before = rollout::pods(kube, FIRST)?;
    rollout::run(kube, book, "deploy", "1.0.1", PATIENT)?;
    ensure!(
        rollout::pods(kube, FIRST)? == before,
        "an upgrade that changes nothing made new pods"
    );
    rollout::with_values(
        kube,
        book,
        "deploy",
        "1.0.1",
        PATIENT,
        "resources: {limits: {memory: 600Mi}}\n",
    )?;
    let grown = rollout::pods(kube, FIRST)?;
    ensure!(
        grown.iter().all(|pod| !before.contains(pod)),
        "a changed limit made no new pods"
    );
    // The overlay has a `config` of its own, and YAML takes no key twice: by a value of the command.
    kube.helm(&[
        "upgrade",
        FIRST,
        "helm/expense-backend",
        "--reset-then-reuse-values",
        "--set",
        "config.CACHE_TTL=299",
        "--wait",
        "--timeout",
        PATIENT,
    ])?;
    let after = rollout::pods(kube, FIRST)?;
    ensure!(
        after.iter().all(|pod| !grown.contains(pod)),
        "pods run with the old configuration"
    );
    Ok(())
}

fn way_back(kube: &Kube, book: &Runbook) -> anyhow::Result<()> {
    rollout::run(kube, book, "deploy", "1.1.0", PATIENT)?;
    rollout::ensure_runs(kube, FIRST, "1.1.0")?;
    rollout::run(kube, book, "way back", "", PATIENT)?;
    rollout::ensure_runs(kube, FIRST, "1.0.1")
}

/// A Helm that was killed while it waited.
fn stuck(kube: &Kube, book: &Runbook) -> anyhow::Result<()> {
    let list = kube.labelled(
        "secrets",
        &json!({"owner": "helm", "name": FIRST, "status": "deployed"}),
    )?;
    let names = rollout::names(&list);
    ensure!(names.len() == 1, "not one revision is deployed: {names:?}");
    kube.leave_pending(FIRST)?;
    let again = rollout::run(kube, book, "deploy", "1.1.1", PATIENT);
    rollout::ensure_fails(again, "another operation")?;
    rollout::run(kube, book, "stuck", "", PATIENT)?;
    rollout::ensure_runs(kube, FIRST, "1.0.1")?;
    rollout::run(kube, book, "deploy", "1.1.1", PATIENT)?;
    rollout::ensure_runs(kube, FIRST, "1.1.1")
}

fn external_secrets(kube: &Kube, _: &Runbook) -> anyhow::Result<()> {
    let said = kube.kubectl(&["apply", "--filename", "docs/examples/external-secrets.yaml"])?;
    ensure!(said.matches("created").count() == 2, "{said}");
    kube.kubectl(&[
        "delete",
        "--filename",
        "docs/examples/external-secrets.yaml",
    ])
    .map(drop)
}

fn beside(kube: &Kube, book: &Runbook) -> anyhow::Result<()> {
    rollout::run(kube, book, "beside", "2.0.0", PATIENT)?;
    kube.wait_for(
        "deployment/expense-backend-next",
        ".status.readyReplicas",
        "2",
    )?;
    rollout::ensure_runs(kube, SECOND, "2.0.0")?;
    rollout::ensure_runs(kube, FIRST, "1.1.1")?;
    let (first, second) = (rollout::pods(kube, FIRST)?, rollout::pods(kube, SECOND)?);
    ensure!(
        second.len() == 2 && first.iter().all(|pod| !second.contains(pod)),
        "they share pods"
    );
    kube.wait_for("pdb/expense-backend-next", ".status.expectedPods", "2")?;
    let expected = &kube.get(&["pdb", FIRST])?["status"]["expectedPods"];
    ensure!(
        *expected == first.len(),
        "the first budget counts {expected} pods"
    );
    // Also with all of its own objects, under any name.
    kube.helm(&[
        "install",
        "other",
        "helm/expense-backend",
        "--wait",
        "--timeout",
        PATIENT,
    ])?;
    rollout::ensure_runs(kube, "other-expense-backend", env!("CARGO_PKG_VERSION"))?;
    kube.helm(&["uninstall", "other", "--wait", "--timeout", PATIENT])
        .map(drop)
}

fn shares(kube: &Kube, book: &Runbook) -> anyhow::Result<()> {
    let before = rollout::pods(kube, FIRST)?;
    for percent in ["10", "100", "0"] {
        rollout::share(book, percent)?;
        let own = 100 - percent.parse::<u64>()?;
        let weights = weights(kube)?;
        ensure!(
            weights == json!([[FIRST, own], [SECOND, 100 - own]]),
            "at {percent} the weights are {weights}"
        );
        if percent == "10" {
            book.run("room", &[("TIMEOUT", PATIENT)])?;
            ensure!(
                kube.get(&["hpa", SECOND])?["spec"]["maxReplicas"] == 7,
                "it got no room"
            );
        }
    }
    ensure!(
        rollout::pods(kube, FIRST)? == before,
        "a share made new pods"
    );
    rollout::ensure_runs(kube, FIRST, "1.1.1")
}

fn weights(kube: &Kube) -> anyhow::Result<Value> {
    let ingress = kube.get(&["ingress", FIRST])?;
    let action = &ingress["metadata"]["annotations"]["alb.ingress.kubernetes.io/actions.expense-backend-split"];
    let action: Value = serde_json::from_str(action.as_str().unwrap_or_default())?;
    let groups = action["forwardConfig"]["targetGroups"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    for group in &groups {
        // The controller takes what the Service has.
        let service = kube.get(&["service", group["serviceName"].as_str().unwrap_or_default()])?;
        ensure!(
            service["spec"]["ports"][0]["port"] == group["servicePort"],
            "{group}"
        );
    }
    Ok(groups
        .iter()
        .map(|group| json!([group["serviceName"], group["weight"]]))
        .collect())
}

fn removal(kube: &Kube, book: &Runbook) -> anyhow::Result<()> {
    rollout::run(kube, book, "deploy", "2.0.0", PATIENT)?;
    rollout::ensure_runs(kube, FIRST, "2.0.0")?;
    let backend = &kube.get(&["ingress", FIRST])?["spec"]["rules"][0]["http"]["paths"][0]["backend"]
        ["service"]["name"];
    ensure!(*backend == FIRST, "requests still go by {backend}");
    book.run("remove", &[("TIMEOUT", PATIENT)])?;
    let own = json!({"app.kubernetes.io/instance": SECOND});
    let kinds = "deployments,services,configmaps,serviceaccounts,ingresses,hpa,pdb,networkpolicies,servicemonitors,prometheusrules,secrets";
    let left = rollout::names(&kube.labelled(kinds, &own)?);
    ensure!(left.is_empty(), "these are left: {left:?}");
    let accounts = kube.get(&["serviceaccounts"])?;
    let accounts = rollout::names(accounts["items"].as_array().map_or(&[], Vec::as_slice));
    ensure!(
        ["expense-backend", "expense-backend-migrate"]
            .iter()
            .all(|name| accounts.contains(&(*name).to_owned())),
        "the accounts of the first release went with it: {accounts:?}"
    );
    rollout::ensure_runs(kube, FIRST, "2.0.0")
}
