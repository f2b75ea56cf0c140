//! Ports: of the service, the chart, Terraform's security groups, `compose.yaml`.

use super::{
    faults::Faults,
    layers::{self, Layers},
    texts::Texts,
};

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
