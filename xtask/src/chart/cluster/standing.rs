//! What stands in the cluster once a release is installed, and whether its parts find each other there.

use anyhow::ensure;
use serde_json::json;

use super::{
    kube::Kube,
    rollout::{self, PATIENT},
    runbook::Runbook,
    scenarios::FIRST,
};

pub(super) fn autoscaler(kube: &Kube, _: &Runbook) -> anyhow::Result<()> {
    kube.wait_for("deployment/expense-backend", ".status.readyReplicas", "2")?;
    let scaler = kube.get(&["hpa", FIRST])?;
    let spec = &scaler["spec"];
    ensure!(
        spec["minReplicas"] == 2
            && spec["maxReplicas"] == 10
            && spec["metrics"][0]["resource"]["target"]["averageUtilization"] == 70,
        "{spec}"
    );
    let able = scaler["status"]["conditions"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|condition| condition["type"] == "AbleToScale" && condition["status"] == "True");
    ensure!(
        able,
        "the autoscaler does not find the Deployment: {}",
        scaler["status"]
    );
    Ok(())
}

pub(super) fn budget(kube: &Kube, _: &Runbook) -> anyhow::Result<()> {
    kube.wait_for("pdb/expense-backend", ".status.disruptionsAllowed", "1")?;
    let status = &kube.get(&["pdb", FIRST])?["status"];
    ensure!(
        status["expectedPods"] == 2
            && status["currentHealthy"] == 2
            && status["desiredHealthy"] == 1,
        "{status}"
    );
    evict(kube)
}

/// With one pod not ready the other one stays; the budget is of use.
fn evict(kube: &Kube) -> anyhow::Result<()> {
    let pods = rollout::pods(kube, FIRST)?;
    let [sick, well] = pods.as_slice() else {
        anyhow::bail!("not two pods: {pods:?}");
    };
    kube.kubectl(&["annotate", "pod", sick, "fake/ready=false"])?;
    kube.wait_for("pdb/expense-backend", ".status.disruptionsAllowed", "0")?;
    let place = format!("/api/v1/namespaces/expense/pods/{well}/eviction");
    let eviction =
        json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": well}});
    let refusal = kube.refused_at(&place, &eviction)?;
    ensure!(
        refusal.contains("violate the pod's disruption budget"),
        "{refusal}"
    );
    kube.kubectl(&["annotate", "pod", sick, "fake/ready-"])?;
    kube.wait_for("pdb/expense-backend", ".status.disruptionsAllowed", "1")
}

/// The policy takes the service's pods, all and no others: not the migration's, which is there too.
pub(super) fn policies(kube: &Kube, _: &Runbook) -> anyhow::Result<()> {
    let labels = kube.get(&["networkpolicy", FIRST])?["spec"]["podSelector"]["matchLabels"].clone();
    let selected = rollout::names(&kube.labelled("pods", &labels)?);
    ensure!(
        selected == rollout::pods(kube, FIRST)? && selected.len() == 2,
        "it selects {selected:?}"
    );
    let all = kube.get(&["networkpolicies"])?;
    let left = rollout::names(all["items"].as_array().map_or(&[], Vec::as_slice));
    ensure!(
        left == [FIRST],
        "the migration's policy outlives the Job: {left:?}"
    );
    Ok(())
}

pub(super) fn service(kube: &Kube, _: &Runbook) -> anyhow::Result<()> {
    let slices = kube.labelled(
        "endpointslices",
        &json!({"kubernetes.io/service-name": FIRST}),
    )?;
    let mut ports: Vec<_> = slices
        .iter()
        .flat_map(|slice| slice["ports"].as_array().into_iter().flatten())
        .map(|port| (port["name"].to_string(), port["port"].to_string()))
        .collect();
    ports.sort();
    let wanted = [("\"http\"", "8080"), ("\"metrics\"", "9090")]
        .map(|(name, port)| (name.to_owned(), port.to_owned()));
    ensure!(ports == wanted, "its ports are {ports:?}");
    let mut targets: Vec<&str> = slices
        .iter()
        .flat_map(|slice| slice["endpoints"].as_array().into_iter().flatten())
        .filter(|endpoint| endpoint["conditions"]["ready"] == true)
        .filter_map(|endpoint| endpoint["targetRef"]["name"].as_str())
        .collect();
    targets.sort_unstable();
    ensure!(
        targets == rollout::pods(kube, FIRST)?,
        "it leads to {targets:?}"
    );
    Ok(())
}

pub(super) fn tests(kube: &Kube, book: &Runbook) -> anyhow::Result<()> {
    let said = rollout::run(kube, book, "look", "1.0.0", PATIENT)?;
    ensure!(
        said.matches("Phase:          Succeeded").count() == 2,
        "{said}"
    );
    // The tests' pods carry labels of the release: the budget must not count them.
    let expected = &kube.get(&["pdb", FIRST])?["status"]["expectedPods"];
    ensure!(*expected == 2, "the budget counts {expected} pods");
    Ok(())
}
