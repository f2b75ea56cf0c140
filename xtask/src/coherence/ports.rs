//! Ports: of the service, the chart, Terraform's security groups, `compose.yaml`.

use anyhow::Context as _;

use super::{
    faults::Faults,
    hcl,
    layers::{self, Layers},
    texts::Texts,
};

const GROUPS: &str = "terraform/modules/security-groups/main.tf";
const ACLS: &str = "terraform/modules/vpc/network_acls.tf";

pub(super) fn check(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    for at in Layers::all(texts)? {
        let env = at.environment;
        let file = layers::values_file(env);
        for (variable, pointer) in [
            ("app_port", "/containerPorts/http"),
            ("database_port", "/database/port"),
            ("cache_port", "/redis/port"),
        ] {
            let chart = layers::number(&at.values, pointer)?;
            let tfvars = format!("{}: {variable}", layers::tfvars_file(env));
            faults.equal(
                &format!("{file}: {pointer}"),
                chart,
                &tfvars,
                at.terraform_number(variable)?,
            );
        }
        let metrics = layers::number(&at.values, "/containerPorts/metrics")?;
        let service = layers::number(&at.values, "/service/metricsPort")?;
        faults.equal(
            &format!("{file}: /containerPorts/metrics"),
            metrics,
            "/service/metricsPort",
            service,
        );
        for (name, pointer) in [
            ("PORT", "/containerPorts/http"),
            ("DB_PORT", "/database/port"),
            ("REDIS_PORT", "/redis/port"),
        ] {
            let default = layers::default(texts, name, "development")?;
            faults.equal(
                &format!("{}: {name}", layers::CONFIGURATION),
                default,
                &format!("{file}: {pointer}"),
                layers::number(&at.values, pointer)?,
            );
        }
    }
    on_one_machine(texts, &mut faults)?;
    traces(texts, &mut faults)?;
    through_the_groups(texts, &mut faults)?;
    faults.finish()
}

fn on_one_machine(texts: &Texts, faults: &mut Faults) -> anyhow::Result<()> {
    let compose = texts.yaml("compose.yaml")?;
    let values = texts.yaml(layers::DEFAULT_VALUES)?;
    let service = &compose["services"]["expense-backend"];
    let (http, metrics) = (
        layers::number(&values, "/containerPorts/http")?,
        layers::number(&values, "/containerPorts/metrics")?,
    );
    let published = service["ports"][0].as_str().unwrap_or_default();
    faults.equal(
        "compose.yaml: ports",
        published,
        "the chart's",
        format!("127.0.0.1:{http}:{http}"),
    );
    let variable = service["environment"]["METRICS_PORT"]
        .as_str()
        .unwrap_or_default();
    faults.equal(
        "compose.yaml: METRICS_PORT",
        variable,
        "the chart's",
        metrics,
    );
    let scraped = texts.yaml("compose/prometheus.yml")?;
    let target = scraped["scrape_configs"][0]["static_configs"][0]["targets"][0]
        .as_str()
        .unwrap_or_default();
    faults.equal(
        "compose/prometheus.yml: target",
        target,
        "the chart's",
        format!("expense-backend:{metrics}"),
    );
    Ok(())
}

/// The collector's door and the NetworkPolicy that leads to it.
fn traces(texts: &Texts, faults: &mut Faults) -> anyhow::Result<()> {
    let values = texts.yaml(layers::DEFAULT_VALUES)?;
    let port = layers::number(&values, "/networkPolicy/tracesPort")?;
    let collector = texts.yaml("helm/platform/values/otel-collector.yaml")?;
    let endpoint = layers::text(&collector, "/config/receivers/otlp/protocols/http/endpoint")?;
    faults.holds(endpoint.ends_with(&format!(":{port}")), || {
        format!(
            "{}: networkPolicy.tracesPort is {port}, but the collector listens on {endpoint}",
            layers::DEFAULT_VALUES
        )
    });
    Ok(())
}

/// The control plane reaches what it calls, and mail leaves: Terraform's security groups let nothing else through.
fn through_the_groups(texts: &Texts, faults: &mut Faults) -> anyhow::Result<()> {
    let groups = texts.text(GROUPS)?;
    let adapter = texts.yaml("helm/platform/values/prometheus-adapter.yaml")?;
    let listens = layers::number(&adapter, "/listenPort")?;
    // The load balancer controller's webhook and the operator's listen there by their charts' defaults.
    for (port, who) in [
        (listens, "prometheus-adapter"),
        (9443, "the load balancer controller"),
        (10250, "the operator"),
    ] {
        let open = groups.contains(&format!(
            "{{ from = \"cluster\", to = \"nodes\", port = {port},"
        ));
        faults.holds(open, || {
            format!("{GROUPS}: the control plane does not reach {port}, where {who} listens")
        });
    }
    let mail = mail_port(&groups)?;
    let acls = texts.text(ACLS)?;
    faults.holds(
        acls.contains(&format!("from = {mail}, to = {mail} }}]")),
        || format!("{ACLS} stops mail on {mail}, which {GROUPS} lets through"),
    );
    for environment in layers::ENVIRONMENTS {
        let file = format!("helm/platform/environments/{environment}.yaml");
        let settings = texts.yaml(&file)?;
        let port = layers::text(&settings, "/smtp_smarthost")?
            .rsplit(':')
            .next()
            .unwrap_or_default();
        faults.equal(
            &format!("{file}: the port of smtp_smarthost"),
            port,
            GROUPS,
            &mail,
        );
    }
    Ok(())
}

fn mail_port(groups: &str) -> anyhow::Result<String> {
    let rule = hcl::block(
        groups,
        "resource \"aws_vpc_security_group_egress_rule\" \"mail\" {",
    )
    .with_context(|| GROUPS.to_owned())?;
    let port = rule
        .lines()
        .find_map(|line| line.trim().strip_prefix("from_port"));
    let port = port.with_context(|| format!("{GROUPS}: mail has no from_port"))?;
    Ok(port.trim_start_matches([' ', '=']).to_owned())
}
