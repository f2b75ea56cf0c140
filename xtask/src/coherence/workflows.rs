//! What the workflows say of engines, versions and targets.

use serde_json::Value;

use super::{
    faults::Faults,
    layers::{self, TARGETS},
    texts::Texts,
    versions::minor,
};

const FOLDER: &str = ".github/workflows";
const CI: &str = ".github/workflows/ci.yml";
/// What a workflow reads the file with.
const READER: &str = "xtask target";
const PREPARE: &str = ".github/workflows/prepare.yml";
const DEPLOY: &str = ".github/workflows/deploy.yml";

/// Tests run on the engines that compose.yaml runs, which are compared with Terraform's.
pub(super) fn engines(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let compose = texts.yaml("compose.yaml")?;
    let ci = texts.yaml(CI)?;
    for service in ["mysql", "valkey"] {
        let image = layers::text(&compose, &format!("/services/{service}/image"))?;
        let jobs = ci["jobs"].as_object().into_iter().flatten();
        let images = jobs.flat_map(|(_, job)| job["services"].as_object().into_iter().flatten());
        let tested = images
            .filter_map(|(_, service)| service.get("image").and_then(Value::as_str))
            .any(|found| found.split('@').next() == Some(image));
        faults.holds(tested, || {
            format!("{CI} runs no service of the image {image}, which compose.yaml names")
        });
    }
    faults.finish()
}

/// Workflows take rust-toolchain.toml's version: a number of their own would go stale. Terraform's they must name.
pub(super) fn versions(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let channel = texts.between("rust-toolchain.toml", "channel = \"", "\"")?;
    let least = texts.between(
        "terraform/environments/dev/versions.tf",
        "required_version = \">= ",
        "\"",
    )?;
    for file in texts.files(FOLDER, ".yml")? {
        for line in texts.text(&file)?.lines() {
            let line = line.trim().trim_start_matches("- ");
            let Some((key, value)) = line.split_once(": ") else {
                continue;
            };
            let version = value.trim_matches(['"', '\'']);
            if !version.starts_with(|c: char| c.is_ascii_digit()) {
                continue;
            }
            match key {
                "toolchain" | "RUSTUP_TOOLCHAIN" => faults.equal(
                    &format!("{file}: {key}"),
                    version,
                    "rust-toolchain.toml",
                    &channel,
                ),
                "terraform_version" => faults.holds(minor(version)? >= minor(&least)?, || {
                    format!("{file}: {line} is older than Terraform {least}, which the environments ask for")
                }),
                _ => {}
            }
        }
    }
    faults.finish()
}

/// No workflow knows a target of its own.
pub(super) fn targets(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let prepare = texts.text(PREPARE)?;
    faults.holds(prepare.contains(READER), || {
        format!("{PREPARE} does not read {TARGETS} by `{READER}`")
    });
    let deploy = texts.text(DEPLOY)?;
    faults.holds(deploy.contains("inputs.target"), || {
        format!("{DEPLOY} does not take the target that it is given")
    });
    for env in layers::ENVIRONMENTS {
        let file = format!(".github/workflows/cd-{env}.yml");
        let text = texts.text(&file)?;
        let handed = text
            .lines()
            .any(|line| line.trim() == "target: ${{ needs.prepare.outputs.target }}");
        faults.holds(handed, || {
            format!("{file} does not hand on the target that {PREPARE} read")
        });
        let own = text.lines().any(|line| {
            line.trim()
                .strip_prefix("target:")
                .is_some_and(|value| ["lambda", "eks", "both"].contains(&value.trim()))
        });
        faults.holds(!own, || {
            format!("{file} names a target of its own: change {TARGETS}")
        });
    }
    faults.finish()
}
