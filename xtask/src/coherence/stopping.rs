//! Stopping without a lost request: notice + request <= drain < grace, deregistration <= notice + request; and the load
//! balancer never uses a connection that the service has closed.

use anyhow::Context as _;

use super::{
    faults::Faults,
    layers::{self, Layers},
    texts::Texts,
};

const DEPLOY: &str = ".github/workflows/deploy.yml";

pub(super) fn check(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    for at in Layers::all(texts)? {
        let file = layers::values_file(at.environment);
        let (notice, request) = (
            at.variable_number("SHUTDOWN_NOTICE_MS")?,
            at.variable_number("REQUEST_TIMEOUT_MS")?,
        );
        let drain = 1000 * at.variable_number("DRAIN_TIMEOUT_SECS")?;
        let grace = 1000 * layers::number(&at.values, "/terminationGracePeriodSeconds")?;
        let deregistration =
            1000 * layers::number(&at.values, "/ingress/deregistrationDelaySeconds")?;
        faults.holds(notice + request <= drain, || {
            format!("{file}: SHUTDOWN_NOTICE_MS {notice} + REQUEST_TIMEOUT_MS {request} is more than DRAIN_TIMEOUT_SECS, {drain} ms")
        });
        faults.holds(drain < grace, || {
            format!("{file}: DRAIN_TIMEOUT_SECS, {drain} ms, is not less than terminationGracePeriodSeconds, {grace} ms")
        });
        faults.holds(deregistration <= notice + request, || {
            format!("{file}: ingress.deregistrationDelaySeconds, {deregistration} ms, is more than SHUTDOWN_NOTICE_MS + REQUEST_TIMEOUT_MS, {} ms", notice + request)
        });
        let keep = at.variable_number("KEEP_ALIVE_SECS")?;
        let idle = layers::number(&at.values, "/ingress/idleTimeoutSeconds")?;
        faults.holds(keep > idle, || {
            format!(
                "{file}: KEEP_ALIVE_SECS {keep} is not more than ingress.idleTimeoutSeconds {idle}"
            )
        });
    }
    on_one_machine(texts, &mut faults)?;
    migrations(texts, &mut faults)?;
    faults.finish()
}

/// The migration ends, one way or the other, while `helm upgrade` still waits for it.
fn migrations(texts: &Texts, faults: &mut Faults) -> anyhow::Result<()> {
    let minutes = texts.after(DEPLOY, "--timeout ")?;
    let minutes: i64 = minutes
        .trim_end_matches('m')
        .parse()
        .with_context(|| format!("{DEPLOY}: --timeout is {minutes:?}, no minutes"))?;
    for at in Layers::all(texts)? {
        let migration = layers::number(&at.values, "/migration/activeDeadlineSeconds")?;
        faults.holds(migration < 60 * minutes, || {
            format!(
                "{}: migration.activeDeadlineSeconds {migration} is not less than the {minutes} minutes of {DEPLOY}",
                layers::values_file(at.environment)
            )
        });
    }
    Ok(())
}

fn on_one_machine(texts: &Texts, faults: &mut Faults) -> anyhow::Result<()> {
    let compose = texts.yaml("compose.yaml")?;
    let grace = compose["services"]["expense-backend"]["stop_grace_period"]
        .as_str()
        .unwrap_or_default();
    let grace: i64 = grace
        .trim_end_matches('s')
        .parse()
        .with_context(|| format!("compose.yaml: stop_grace_period is {grace:?}"))?;
    let drain: i64 = layers::default(texts, "DRAIN_TIMEOUT_SECS", "development")?.parse()?;
    faults.holds(drain < grace, || {
        format!(
            "compose.yaml: stop_grace_period {grace} is not more than DRAIN_TIMEOUT_SECS {drain}"
        )
    });
    Ok(())
}
