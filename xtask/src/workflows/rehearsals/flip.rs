//! One word of `deploy-targets.json` is changed, in a copy: what the workflows choose, what Terraform makes and what the
//! chart gets follow.

use std::{fs, process::Command};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::{
    check::{Check, Report},
    helm_values, infra,
    merge::merge,
    outputs::Outputs,
    program,
    python_tool::CHECK_JSONSCHEMA,
    targets::{self, Target},
    temporary::Folder,
    workspace,
};

const CHART: &str = "helm/expense-backend";

pub(super) fn run(report: &Report) {
    report.note(Check::of(
        "the overlay of Terraform's outputs fits the chart's schema",
        overlay_fits(),
    ));
    let name = "dev flipped in deploy-targets.json: target, plan and values follow";
    for (to, target) in [("eks", Target::Eks), ("lambda", Target::Lambda)] {
        match flipped(to, target) {
            Ok(true) => report.note(Check::of(format!("{name} ({to})"), Ok(()))),
            Ok(false) => report.note(Check::left_out(
                name,
                "without ../shared/tools/tf-offline nothing is planned",
            )),
            Err(error) => report.note(Check::of(format!("{name} ({to})"), Err(error))),
        }
    }
}

/// False where Terraform could not be asked.
fn flipped(to: &str, target: Target) -> anyhow::Result<bool> {
    let folder = Folder::new("flip")?;
    let mut all: Value =
        serde_json::from_str(&fs::read_to_string(workspace::root().join(targets::FILE))?)?;
    all["dev"] = to.into();
    let text = all.to_string();
    folder.file(targets::FILE, &text)?;
    // What prepare.yml hands to deploy.yml.
    ensure!(
        targets::of(folder.path(), "dev")? == target,
        "the workflows choose another target"
    );

    let Some(outputs) = infra::outputs_with("dev", &text)? else {
        return Ok(false);
    };
    ensure!(
        outputs["deploy_target"]["value"] == to,
        "Terraform takes {}",
        outputs["deploy_target"]
    );
    let made = |output: &str| !outputs[output]["value"].is_null();
    ensure!(
        made("helm") == target.has_eks(),
        "the cluster does not follow"
    );
    ensure!(
        made("lambda") == target.has_lambda(),
        "the functions do not follow"
    );
    let outputs = Outputs::parse(&outputs.to_string())?;
    if target.has_eks() {
        helm_values::belongs_to(&outputs, "dev")?;
        let overlay = helm_values::overlay(&outputs, None)?;
        ensure!(
            overlay.contains("dev.expense.example.com"),
            "the values name another host:\n{overlay}"
        );
    } else {
        let refused = helm_values::belongs_to(&outputs, "dev").is_err();
        ensure!(refused, "values are made for a cluster that is not there");
    }
    Ok(true)
}

/// The stand-in makes up ARNs of other forms: what a real account says is a sample.
fn overlay_fits() -> anyhow::Result<()> {
    let sample = fs::read_to_string(workspace::root().join("xtask/samples/terraform-output.json"))?;
    let digest = format!("sha256:{}", "a".repeat(64));
    let overlay = helm_values::overlay(&Outputs::parse(&sample)?, Some(&digest))?;
    values_fit(&overlay)?;
    // The same check refuses what the schema does not know.
    let refused = values_fit(&overlay.replace("certificateArn", "certificate")).is_err();
    ensure!(refused, "the schema takes a value that it does not know");
    Ok(())
}

/// The chart's values of the environment, under the overlay, against the chart's own schema.
fn values_fit(overlay: &str) -> anyhow::Result<()> {
    let chart = workspace::root().join(CHART);
    let mut values = Value::Null;
    for name in ["values.yaml", "values-staging.yaml"] {
        let text =
            fs::read_to_string(chart.join(name)).with_context(|| format!("{CHART}/{name}"))?;
        merge(
            &mut values,
            serde_saphyr::from_str(&text).with_context(|| name.to_owned())?,
        );
    }
    merge(
        &mut values,
        serde_saphyr::from_str(overlay).context("the overlay")?,
    );
    let folder = Folder::new("values")?;
    let file = folder.file("values.json", values.to_string())?;
    let mut check = Command::new(CHECK_JSONSCHEMA.bin()?.join("check-jsonschema"));
    check
        .arg("--schemafile")
        .arg(chart.join("values.schema.json"))
        .arg(file);
    program::said(&mut check)
        .map(drop)
        .context("the overlay does not fit the chart's schema")
}
