//! The recorder of the container server: what `/metrics` shows.
//!
//! Binaries install it once through `telemetry::init`; a test takes its own [`recorder`] and runs under
//! `metrics::with_local_recorder`.

use std::{thread, time::Duration};

use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

use super::{TelemetryError, names, registration};

/// Observations wait in memory until they are sorted into buckets: at 50,000 requests a second under a megabyte.
const UPKEEP: Duration = Duration::from_secs(1);

/// Reads the process's metrics. Cheap to clone.
#[derive(Clone)]
pub struct MetricsHandle(PrometheusHandle);

impl MetricsHandle {
    /// Prometheus text, for `GET /metrics`.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// The content type of [`Self::render`].
    pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
}

impl std::fmt::Debug for MetricsHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MetricsHandle")
    }
}

/// A recorder with the buckets of both histograms, in which every name is there with 0.
pub fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let mut builder = PrometheusBuilder::new();
    for name in [names::HTTP_DURATION, names::DB_DURATION] {
        builder =
            builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), &names::BUCKETS)?;
    }
    let recorder = builder.build_recorder();
    metrics::with_local_recorder(&recorder, registration::register);
    Ok(recorder)
}

/// Makes a recorder the process's own, and starts its upkeep.
pub(super) fn install() -> Result<MetricsHandle, TelemetryError> {
    let recorder = recorder()?;
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| TelemetryError::Twice)?;
    let kept = handle.clone();
    thread::Builder::new()
        .name("metrics".to_owned())
        .spawn(move || {
            loop {
                thread::sleep(UPKEEP);
                kept.run_upkeep();
            }
        })?;
    Ok(MetricsHandle(handle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_there_before_anything_happened() {
        let text = recorder().unwrap().handle().render();
        let has = |line: &str| {
            assert!(
                text.lines().any(|seen| seen == line),
                "{line} is missing in\n{text}"
            )
        };
        for (name, kind) in [
            (names::HTTP_REQUESTS, "counter"),
            (names::HTTP_DURATION, "histogram"),
            (names::HTTP_IN_FLIGHT, "gauge"),
            (names::CACHE_HITS, "counter"),
            (names::CACHE_MISSES, "counter"),
            (names::REDIS_ERRORS, "counter"),
            (names::CACHE_OWED, "gauge"),
            (names::DB_DURATION, "histogram"),
            (names::DB_ERRORS, "counter"),
            (names::DB_POOL, "gauge"),
            (names::CREATED, "counter"),
            (names::DELETED, "counter"),
            (names::TOTAL, "gauge"),
            (names::AMOUNT, "gauge"),
            (names::RATE_LIMITED, "counter"),
            (names::AUTH_FAILURES, "counter"),
            (names::AUTH_DENIED, "counter"),
            (names::SECRET_REFRESH, "counter"),
            (names::BUILD_INFO, "gauge"),
        ] {
            has(&format!("# TYPE {name} {kind}"));
            assert!(
                text.contains(&format!("# HELP {name} ")),
                "{name} has no help"
            );
        }
        for line in [
            "http_requests_total{method=\"GET\",endpoint=\"/transaction\",status=\"200\"} 0",
            "http_requests_in_flight 0",
            "cache_hits_total 0",
            "cache_invalidations_owed 0",
            "db_errors_total{kind=\"connect\"} 0",
            "db_errors_total{kind=\"timeout\"} 0",
            "db_errors_total{kind=\"pool\"} 0",
            "db_errors_total{kind=\"query\"} 0",
            "db_pool_connections{state=\"idle\"} 0",
            "db_pool_connections{state=\"in_use\"} 0",
            "authorization_denied_total{scope=\"transactions:admin\"} 0",
        ] {
            has(line);
        }
        for name in [names::HTTP_DURATION, names::DB_DURATION] {
            let edges: Vec<&str> = text
                .lines()
                .filter(|line| line.starts_with(&format!("{name}_bucket")))
                .filter_map(|line| line.split_once("le=\"")?.1.split_once('"'))
                .map(|(edge, _)| edge)
                .take(15)
                .collect();
            assert_eq!(
                edges.join(" "),
                "0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.2 0.5 1 2.5 5 10 +Inf"
            );
        }
        let version = env!("CARGO_PKG_VERSION");
        assert!(text.lines().any(|line| line.starts_with("build_info{")
            && line.contains(&format!("version=\"{version}\""))
            && line.ends_with(" 1")));
    }
}
