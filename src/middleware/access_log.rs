//! Two lines a request: `request_started` (debug) and `request_completed` (info; successful probes and scrapes debug).
//!
//! The router calls [`AccessLog::start`] when labels and the client's address are known, inside of
//! `telemetry::context::scope` (which adds `correlation_id` and `trace_id` to both lines), and
//! [`AccessLog::complete`] with the reply's status. A request that is dropped before, because its client went away,
//! says `request_abandoned` at debug. Nothing is formatted for a line that the filter hides.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use axum::http::{HeaderValue, Request, StatusCode, header, uri::PathAndQuery};
use tracing::{debug, info};

use super::{base_path::OriginalPath, metrics::RouteLabels};

/// Endpoints that are asked every few seconds by machines.
const PROBES: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// What is said of one request.
#[derive(Debug)]
pub struct AccessLog {
    route: RouteLabels,
    path: Path,
    client: IpAddr,
    user_agent: Option<HeaderValue>,
    started: Instant,
    done: bool,
}

#[derive(Debug)]
enum Path {
    Asked(Option<PathAndQuery>),
    Original(OriginalPath),
}

impl AccessLog {
    /// Says `request_started`, and remembers what `request_completed` will want. `started`: when the head was there.
    pub fn start<B>(
        request: &Request<B>,
        route: RouteLabels,
        client: IpAddr,
        started: Instant,
    ) -> Self {
        let log = Self {
            route,
            // Clones share the bytes of the request's head.
            path: request
                .extensions()
                .get::<OriginalPath>()
                .cloned()
                .map_or_else(
                    || Path::Asked(request.uri().path_and_query().cloned()),
                    Path::Original,
                ),
            client,
            user_agent: request.headers().get(header::USER_AGENT).cloned(),
            started,
            done: false,
        };
        debug!(
            method = route.method,
            endpoint = route.endpoint,
            path = log.path(),
            client_ip = %client,
            user_agent = &*log.user_agent(),
            "request_started"
        );
        log
    }

    /// Says `request_completed`; returns the time since the head was there.
    pub fn complete(mut self, status: StatusCode) -> Duration {
        self.done = true;
        let took = self.started.elapsed();
        let probe = PROBES.contains(&self.route.endpoint) && !is_failure(status);
        // The two arms differ in the level alone, which must be a constant.
        macro_rules! line {
            ($level:ident) => {
                $level!(
                    method = self.route.method,
                    endpoint = self.route.endpoint,
                    path = self.path(),
                    status = status.as_u16(),
                    duration_ms = milliseconds(took),
                    client_ip = %self.client,
                    user_agent = &*self.user_agent(),
                    "request_completed"
                )
            };
        }
        if probe {
            line!(debug)
        } else {
            line!(info)
        }
        took
    }

    fn path(&self) -> &str {
        match &self.path {
            Path::Asked(Some(path)) => path.path(),
            Path::Asked(None) => "",
            Path::Original(original) => original.path(),
        }
    }

    fn user_agent(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.user_agent.as_ref().map_or(&[], HeaderValue::as_bytes))
    }
}

impl Drop for AccessLog {
    fn drop(&mut self) {
        // A panic is told by its own line.
        if !self.done && !std::thread::panicking() {
            debug!(
                method = self.route.method,
                endpoint = self.route.endpoint,
                path = self.path(),
                duration_ms = milliseconds(self.started.elapsed()),
                client_ip = %self.client,
                "request_abandoned"
            );
        }
    }
}

fn is_failure(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

/// Milliseconds with three places.
#[expect(
    clippy::float_arithmetic,
    reason = "a time for people to read, not money"
)]
fn milliseconds(time: Duration) -> f64 {
    let micros = u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
    f64::from(micros) / 1000.0
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::*;
    use crate::{middleware::metrics::HttpMetrics, telemetry::log::captured};

    fn request(uri: &str, agent: &[u8]) -> Request<()> {
        Request::builder()
            .uri(uri)
            .header(header::USER_AGENT, HeaderValue::from_bytes(agent).unwrap())
            .body(())
            .unwrap()
    }

    fn lines(
        level: &str,
        endpoint: &str,
        request: &Request<()>,
        status: Option<u16>,
    ) -> Vec<serde_json::Value> {
        let metrics =
            HttpMetrics::new(&["/transaction", "/livez", "/readyz", "/health", "/metrics"]);
        let route = metrics.route(&Method::GET, Some(endpoint));
        captured(level, || {
            let log = AccessLog::start(
                request,
                route,
                IpAddr::from([203, 0, 113, 7]),
                Instant::now(),
            );
            if let Some(status) = status {
                log.complete(StatusCode::from_u16(status).unwrap());
            }
        })
    }

    #[test]
    fn both_lines_carry_their_fields_and_no_query() {
        let request = request("/transaction?q=secret", b"curl/8");
        let lines = lines("debug", "/transaction", &request, Some(422));
        let [started, completed] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert_eq!(
            (&started["message"], &started["level"]),
            (&"request_started".into(), &"DEBUG".into())
        );
        assert_eq!(
            (&completed["message"], &completed["level"]),
            (&"request_completed".into(), &"INFO".into())
        );
        for line in [started, completed] {
            assert_eq!(line["method"], "GET");
            assert_eq!(line["endpoint"], "/transaction");
            assert_eq!(line["path"], "/transaction");
            assert_eq!(line["client_ip"], "203.0.113.7");
            assert_eq!(line["user_agent"], "curl/8");
            assert!(!line.to_string().contains("secret"));
        }
        assert_eq!(completed["status"], 422);
        assert!(completed["duration_ms"].is_f64(), "{completed}");
    }

    #[test]
    fn successful_probes_are_quiet_and_failed_ones_are_not() {
        for (endpoint, status, shown) in [
            ("/livez", 200, 0),
            ("/readyz", 200, 0),
            ("/metrics", 200, 0),
            ("/readyz", 503, 1),
            ("/metrics", 404, 1),
            ("/health", 200, 1),
            ("/transaction", 200, 1),
        ] {
            let seen = lines("info", endpoint, &request(endpoint, b""), Some(status));
            assert_eq!(seen.len(), shown, "{endpoint} {status}");
        }
    }

    #[test]
    fn a_request_that_nobody_waits_for_is_told_at_debug() {
        let request = request("/transaction", b"");
        assert!(lines("info", "/transaction", &request, None).is_empty());
        let seen = lines("debug", "/transaction", &request, None);
        assert_eq!(seen[1]["message"], "request_abandoned");
    }

    #[test]
    fn strange_bytes_are_written_as_text() {
        let request = request("/%00%22?x", b"a\"b\xff");
        let seen = lines("info", "/transaction", &request, Some(200));
        assert_eq!(seen[0]["user_agent"], "a\"b\u{fffd}");
        assert_eq!(seen[0]["path"], "/%00%22");
    }

    #[test]
    fn a_time_has_three_places() {
        assert!((milliseconds(Duration::from_nanos(1_234_567)) - 1.234).abs() < f64::EPSILON);
    }
}
