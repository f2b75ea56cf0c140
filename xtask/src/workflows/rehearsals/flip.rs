//! One word of `deploy-targets.json` is changed, in a copy: what the workflows choose, what Terraform makes and what the
//! chart gets follow.

use std::{fs, process::Command};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::{
    helm_values, infra,
    outputs::Outputs,
    program,
    python_tool::PythonTool,
    targets::{self, Target},
    temporary::Folder,
    workflows::report::Report,
    workspace,
};

const SCHEMA_CHECK: PythonTool = PythonTool {
    folder: "check-jsonschema-0.39.0",
    packages: &["check-jsonschema==0.39.0"],
};
const CHART: &str = "helm/expense-backend";

pub(super) fn run(report: &mut Report) {
    report.result(
        "the overlay of Terraform's outputs fits the chart's schema",
        overlay_fits(),
    );
    let name = "dev flipped in deploy-targets.json: target, plan and values follow";
    for (to, target) in [("eks", Target::Eks), ("lambda", Target::Lambda)] {
        match flipped(to, target) {
            Ok(true) => report.result(&format!("{name} ({to})"), Ok(())),
            Ok(false) => report.left_out(
                name,
                "without ../shared/tools/tf-offline nothing is planned",
            ),
            Err(error) => report.result(&format!("{name} ({to})"), Err(error)),
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
    let mut check = Command::new(SCHEMA_CHECK.bin()?.join("check-jsonschema"));
    check
        .arg("--schemafile")
        .arg(chart.join("values.schema.json"))
        .arg(file);
    program::said(&mut check)
        .map(drop)
        .context("the overlay does not fit the chart's schema")
}

/// As Helm does: maps are merged, everything else is replaced.
fn merge(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                merge(under.entry(key).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (under, over) => *under = over,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_are_merged_and_lists_replaced() {
        let mut values = json!({"a": {"b": 1, "c": [1, 2]}, "d": 1});
        merge(&mut values, json!({"a": {"c": [3]}, "e": 2}));
        assert_eq!(values, json!({"a": {"b": 1, "c": [3]}, "d": 1, "e": 2}));
    }
}
