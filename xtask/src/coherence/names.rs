//! Names that one layer makes and another uses: secrets, accounts, namespaces, groups, log groups.

use anyhow::Context as _;
use serde_json::Value;

use super::{
    faults::Faults,
    hcl,
    layers::{self, Layers},
    texts::Texts,
};

const ROLES: &str = "terraform/modules/eks/platform_roles.tf";
const WORKLOAD_ROLES: &str = "terraform/modules/workload-roles/variables.tf";
const CHARTS: &str = "helm/platform/charts.yaml";
const FLUENT_BIT: &str = "helm/platform/values/fluent-bit.yaml";
const NAMESPACES: &str = "helm/platform/manifests/10-namespaces.yaml";
const DEPLOYERS: &str = "helm/platform/manifests/40-deployers.yaml";

pub(super) fn secrets(texts: &Texts) -> anyhow::Result<usize> {
    const MODULE: &str = "terraform/modules/secret/main.tf";
    let mut faults = Faults::default();
    let shape = texts.between(MODULE, "  name = \"", "\"")?;
    faults.equal(
        &format!("{MODULE}: name"),
        shape,
        "what is taken apart here",
        "${var.project_name}-${var.environment}-${var.name}",
    );
    let users = texts.between(
        "terraform/modules/rds/users.tf",
        "  name            = \"db-",
        "\"",
    )?;
    faults.equal(
        "terraform/modules/rds/users.tf: name",
        users,
        "one of each user",
        "${each.key}",
    );
    let redis = texts.between(
        "terraform/modules/elasticache/main.tf",
        "  name            = \"",
        "\"",
    )?;
    let keys = texts.between(
        "terraform/modules/api-keys/main.tf",
        "  name        = \"",
        "\"",
    )?;
    for at in Layers::all(texts)? {
        let project = at.terraform_text("project_name")?;
        for (pointer, name) in [
            ("/secrets/databaseSecretId", "db-app"),
            ("/secrets/migrationSecretId", "db-migration"),
            ("/secrets/redisSecretId", redis.as_str()),
            ("/secrets/apiKeysSecretId", keys.as_str()),
        ] {
            let chart = layers::text(&at.values, pointer)?;
            let terraform = format!("{project}-{}-{name}", at.environment);
            faults.equal(
                &format!("{}: {pointer}", layers::values_file(at.environment)),
                chart,
                "Terraform's name",
                terraform,
            );
        }
    }
    fields(texts, &mut faults)?;
    faults.finish()
}

/// The fields that Terraform writes into a login are those that the service reads.
fn fields(texts: &Texts, faults: &mut Faults) -> anyhow::Result<()> {
    const READER: &str = "src/secrets/login.rs";
    let reader = texts.text(READER)?;
    for (file, fields) in [
        (
            "terraform/modules/rds/users.tf",
            &["username", "host", "port", "dbname"][..],
        ),
        ("terraform/modules/elasticache/main.tf", &["username"][..]),
    ] {
        let text = texts.text(file)?;
        let written =
            hcl::block(&text, "  content = jsonencode({").with_context(|| file.to_owned())?;
        for field in fields {
            let there = written.lines().any(|line| {
                line.split('=')
                    .next()
                    .is_some_and(|key| key.trim() == *field)
            });
            faults.holds(there, || {
                format!("{file}: the secret has no {field}, which {READER} reads")
            });
            faults.holds(reader.contains(&format!("written.{field}")), || {
                format!("{READER} does not read {field}, which {file} writes")
            });
        }
    }
    Ok(())
}

pub(super) fn accounts(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let chart = texts.yaml("helm/expense-backend/Chart.yaml")?;
    let release = layers::text(&chart, "/name")?;
    for at in Layers::all(texts)? {
        let beside = at.beside()?;
        for (variable, pointer, default) in [
            (
                "backend_service_accounts",
                "/serviceAccount/name",
                release.to_owned(),
            ),
            (
                "migration_service_accounts",
                "/migration/serviceAccount/name",
                format!("{release}-migrate"),
            ),
        ] {
            let bound = at.terraform(variable)?;
            for values in [&at.values, &beside] {
                // Empty: the release's own name, which is the chart's.
                let name = Some(layers::text(values, pointer)?)
                    .filter(|name| !name.is_empty())
                    .unwrap_or(&default);
                let listed = bound
                    .as_array()
                    .is_some_and(|list| list.iter().any(|item| item == name));
                faults.holds(listed, || {
                    format!("{}: {pointer} is {name}, but {variable} of Terraform binds the role to {bound}", layers::values_file(at.environment))
                });
            }
        }
    }
    let rolled = texts.between("xtask/src/rollout/eks.rs", "const RELEASE: &str = \"", "\"")?;
    faults.equal(
        "the release that rollouts upgrade",
        rolled,
        "the chart's name, which accounts are made of",
        release,
    );
    platform_accounts(texts, &mut faults)?;
    faults.finish()
}

/// Each platform chart is installed where Terraform bound its role.
fn platform_accounts(texts: &Texts, faults: &mut Faults) -> anyhow::Result<()> {
    let roles = texts.text(ROLES)?;
    let table =
        hcl::block(&roles, "  default_service_accounts = {").with_context(|| ROLES.to_owned())?;
    let charts = texts.yaml(CHARTS)?;
    let mut bound = 0;
    for chart in charts["charts"].as_array().into_iter().flatten() {
        for pointer in ["/when", "/serviceAccount/workload"] {
            let Some(role) = chart.pointer(pointer).and_then(Value::as_str) else {
                continue;
            };
            let line = table
                .lines()
                .find(|line| line.trim().split(' ').next() == Some(role));
            faults.holds(line.is_some(), || {
                format!("{CHARTS}: {role} is no role of {ROLES}")
            });
            if let (Some(line), "/serviceAccount/workload") = (line, pointer) {
                bound += 1;
                let namespace = layers::text(chart, "/namespace")?;
                faults.holds(
                    line.contains(&format!("namespace = \"{namespace}\"")),
                    || {
                        format!(
                            "{CHARTS}: {role} is installed in {namespace}, but {ROLES} says {}",
                            line.trim()
                        )
                    },
                );
            }
        }
    }
    let rows = table
        .lines()
        .filter(|line| line.contains("service_account ="))
        .count();
    faults.equal(
        &format!("{CHARTS}: accounts"),
        bound,
        &format!("{ROLES}: rows"),
        rows,
    );
    // Grafana's name comes from its release.
    let grafana = table
        .lines()
        .find(|line| line.trim().starts_with("grafana "))
        .unwrap_or_default();
    let release = layers::text(&charts, "/charts/0/release")?;
    faults.holds(grafana.contains(&format!("\"{release}-grafana\"")), || {
        format!("{ROLES}: Grafana's account is not {release}-grafana, which the manifests of {CHARTS} give rights to")
    });
    Ok(())
}

pub(super) fn namespaces(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    let roles = texts.text(WORKLOAD_ROLES)?;
    let namespace = hcl::default(&roles, "namespace")?.context("namespace has no default")?;
    let namespace = namespace
        .as_str()
        .context("namespace is no text")?
        .to_owned();
    for at in Layers::all(texts)? {
        let deploy = at.terraform("eks_deploy_namespaces")?;
        let may = deploy
            .as_array()
            .is_some_and(|list| list.iter().any(|item| *item == *namespace));
        faults.holds(may, || {
            format!(
                "{}: the deploy role may not change {namespace}: {deploy}",
                at.environment
            )
        });
        let group = format!(
            "kubernetes_groups = [\"{}\"]",
            layers::text(&texts_group(texts)?, "/name")?
        );
        let file = format!("terraform/environments/{}/eks.tf", at.environment);
        faults.holds(texts.text(&file)?.contains(&group), || {
            format!("{file}: the deploy role is not in the group of {DEPLOYERS}")
        });
    }
    let manifest = texts.text(NAMESPACES)?;
    let monitoring = texts.yaml(layers::DEFAULT_VALUES)?;
    let monitoring = layers::text(&monitoring, "/networkPolicy/monitoringNamespace")?.to_owned();
    for name in [namespace.as_str(), &monitoring] {
        faults.holds(manifest.contains(&format!("  name: {name}\n")), || {
            format!("{NAMESPACES} does not make {name}")
        });
    }
    let charts = texts.yaml(CHARTS)?;
    faults.equal(
        "networkPolicy.monitoringNamespace",
        monitoring,
        &format!("{CHARTS}: Prometheus"),
        layers::text(&charts, "/charts/0/namespace")?,
    );
    let logs = texts.text(FLUENT_BIT)?;
    let path = format!("/var/log/containers/*_{namespace}_*.log");
    faults.equal(
        &format!("{FLUENT_BIT}: {path}"),
        logs.matches(&path).count(),
        "one input and one exclusion",
        2,
    );
    let rules = texts.text("helm/expense-backend/files/rules.yaml")?;
    faults.holds(
        rules.contains(&format!("namespace=\"{namespace}\"")),
        || format!("rules.yaml does not look at the namespace {namespace}"),
    );
    faults.finish()
}

fn texts_group(texts: &Texts) -> anyhow::Result<Value> {
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(&texts.text(DEPLOYERS)?).context(DEPLOYERS)?;
    let mut subjects = documents
        .iter()
        .filter_map(|document| document.pointer("/subjects/0"));
    subjects
        .next()
        .cloned()
        .with_context(|| format!("{DEPLOYERS} binds nobody"))
}

pub(super) fn log_groups(texts: &Texts) -> anyhow::Result<usize> {
    const MODULE: &str = "terraform/modules/logs/main.tf";
    let mut faults = Faults::default();
    let made = texts.between(MODULE, "var.create_pod_groups ? ", " : []")?;
    let made: Vec<String> = serde_json::from_str(&made).with_context(|| MODULE.to_owned())?;
    let shipped = texts.text(FLUENT_BIT)?;
    for group in &made {
        let used = shipped.contains(&format!("((helm.log_group_names.{group}))"));
        faults.holds(used, || {
            format!("{FLUENT_BIT} ships nothing to {group}, which {MODULE} makes")
        });
    }
    faults.equal(
        &format!("{FLUENT_BIT}: groups"),
        shipped.matches("((helm.log_group_names.").count(),
        MODULE,
        made.len(),
    );
    let days = texts.between(MODULE, "var.log_retention_days, {", "}")?;
    for at in Layers::all(texts)? {
        let kept = at.terraform_number("log_retention_days")?;
        let pair = format!("{} = {kept}", at.environment);
        faults.holds(days.contains(&pair), || {
            format!(
                "{}: log_retention_days is {kept}, but {MODULE} says {days}",
                layers::tfvars_file(at.environment)
            )
        });
    }
    faults.finish()
}
