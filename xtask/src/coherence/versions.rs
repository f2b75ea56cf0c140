//! Versions: of the engines, the toolchain, Kubernetes, the program itself.

use anyhow::Context as _;
use serde_json::Value;

use super::{
    faults::Faults,
    hcl,
    layers::{self, Layers},
    texts::Texts,
};

const RDS: &str = "terraform/modules/rds/variables.tf";
const ELASTICACHE: &str = "terraform/modules/elasticache/variables.tf";
const DOCKERFILE: &str = "Dockerfile";
/// The API server and the schemas that manifests are tried on are of 1.35.
const TRIED: u32 = 35;
const AUTOSCALER: &str = "helm/platform/values/cluster-autoscaler.yaml";

pub(super) fn engines(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let compose = texts.yaml("compose.yaml")?;
    let page = texts.text(layers::CONFIGURATION)?;
    for (file, service, image, family, in_words) in [
        (RDS, "mysql", "mysql", "mysql", "MySQL ("),
        (ELASTICACHE, "valkey", "valkey/valkey", "valkey", "Valkey "),
    ] {
        let text = texts.text(file)?;
        let read = |name: &str| -> anyhow::Result<String> {
            let value = hcl::default(&text, name)?
                .with_context(|| format!("{file}: {name} has no default"))?;
            Ok(value.as_str().unwrap_or_default().to_owned())
        };
        let (engine, group) = (read("engine_version")?, read("parameter_group_family")?);
        let wanted = group.trim_start_matches(family).to_owned();
        faults.holds(covers(&wanted, &engine), || {
            format!("{file}: engine_version {engine} is not of the family {group}")
        });
        let run = layers::text(&compose, &format!("/services/{service}/image"))?;
        faults.equal(
            &format!("compose.yaml: {service}"),
            run,
            file,
            format!("{image}:{wanted}"),
        );
        faults.holds(page.contains(&format!("{in_words}{wanted}")), || {
            format!("{} does not name {in_words}{wanted}", layers::CONFIGURATION)
        });
    }
    faults.finish()
}

/// Whether `version` is `family`, or a release of it.
fn covers(family: &str, version: &str) -> bool {
    version == family
        || version
            .strip_prefix(family)
            .is_some_and(|rest| rest.starts_with('.'))
}

pub(super) fn toolchain(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let channel = texts.between("rust-toolchain.toml", "channel = \"", "\"")?;
    let image = texts.between(DOCKERFILE, "library/rust:", "-")?;
    faults.equal(
        &format!("{DOCKERFILE}: its image's Rust"),
        image,
        "rust-toolchain.toml",
        &channel,
    );
    let named = texts.after(DOCKERFILE, "ENV RUSTUP_TOOLCHAIN=")?;
    faults.equal(
        &format!("{DOCKERFILE}: RUSTUP_TOOLCHAIN"),
        named,
        "rust-toolchain.toml",
        &channel,
    );
    let least = texts.between("Cargo.toml", "rust-version = \"", "\"")?;
    faults.holds(covers(&least, &channel), || {
        format!("Cargo.toml: rust-version is {least}, rust-toolchain.toml says {channel}")
    });
    faults.finish()
}

pub(super) fn kubernetes(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let chart = texts.yaml("helm/expense-backend/Chart.yaml")?;
    let least = layers::text(&chart, "/kubeVersion")?;
    let least = minor(least.trim_start_matches(">="))?;
    let autoscaler = texts.yaml(AUTOSCALER)?;
    let tag = layers::text(&autoscaler, "/image/tag")?;
    for at in Layers::all(texts)? {
        let version = at.terraform_text("eks_cluster_version")?;
        let cluster = minor(&version)?;
        let file = layers::tfvars_file(at.environment);
        faults.holds(least <= cluster, || {
            format!("{file}: Kubernetes {version} is older than the chart's kubeVersion")
        });
        faults.holds(minor(tag.trim_start_matches('v'))? == cluster, || {
            format!("{AUTOSCALER}: image.tag {tag} is not of Kubernetes {version} of {file}")
        });
        faults.holds(TRIED.abs_diff(cluster) <= 1, || {
            format!("{file}: Kubernetes {version}, but manifests are tried on 1.{TRIED}")
        });
    }
    faults.finish()
}

/// The 36 of 1.36.
pub(super) fn minor(version: &str) -> anyhow::Result<u32> {
    let part = version
        .split('.')
        .nth(1)
        .with_context(|| format!("{version:?} is no version"))?;
    part.parse()
        .with_context(|| format!("{version:?} is no version"))
}

pub(super) fn program(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let version = texts.between("Cargo.toml", "\nversion = \"", "\"")?;
    let chart = texts.yaml("helm/expense-backend/Chart.yaml")?;
    for pointer in ["/appVersion", "/version"] {
        let said = chart
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default();
        faults.equal(
            &format!("Chart.yaml: {pointer}"),
            said,
            "Cargo.toml",
            &version,
        );
    }
    let label = texts.after(DOCKERFILE, "ARG VERSION=")?;
    faults.equal(
        &format!("{DOCKERFILE}: VERSION"),
        label,
        "Cargo.toml",
        &version,
    );
    let api = texts.json("docs/openapi.json")?;
    faults.equal(
        "docs/openapi.json: version",
        layers::text(&api, "/info/version")?,
        "Cargo.toml",
        &version,
    );
    faults.finish()
}
