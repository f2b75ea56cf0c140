//! Counts and times of replies, without an allocation per request.
//!
//! `app` builds one [`HttpMetrics`] after the recorder is installed, with the route table's templates. Per request the
//! router asks [`HttpMetrics::route`] for the labels, holds [`HttpMetrics::enter`]'s guard while the request is at
//! work, and calls [`HttpMetrics::reply`] with the status and the time that the head took. Handles are looked up by
//! place, not by text: one per (method, endpoint, status), made at its first use.

use std::{sync::OnceLock, time::Duration};

use axum::http::{Method, StatusCode};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use crate::telemetry::names;

/// The endpoint of requests that no route takes.
pub const UNMATCHED: &str = "unmatched";

/// The standard methods (RFC 9110, 9.1, and RFC 5789); all others are `OTHER`.
const METHODS: [&str; 10] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "OTHER",
];

/// The statuses that the service answers with. Any other is counted too, through the slow way.
const STATUSES: [u16; 21] = [
    200, 201, 204, 304, 400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 422, 429, 500, 501, 502,
    503, 504,
];

/// The labels of one request, and the place of its handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteLabels {
    /// A standard method, or `OTHER`.
    pub method: &'static str,
    /// The route's template, or `unmatched`.
    pub endpoint: &'static str,
    place: usize,
}

/// Handles of all series of replies.
#[derive(Debug)]
pub struct HttpMetrics {
    endpoints: Box<[&'static str]>,
    series: Box<[OnceLock<Series>]>,
    in_flight: Gauge,
}

/// A request at work; dropping it, also when the client went away, takes it off the gauge.
#[derive(Debug)]
pub struct InFlight<'a>(&'a Gauge);

#[derive(Debug)]
struct Series {
    duration: Histogram,
    replies: Box<[OnceLock<Counter>; STATUSES.len()]>,
}

impl HttpMetrics {
    /// For these route templates. The handles belong to the recorder that is installed now.
    #[must_use]
    pub fn new(templates: &[&'static str]) -> Self {
        let endpoints: Box<[_]> = templates.iter().copied().chain([UNMATCHED]).collect();
        Self {
            series: (0..endpoints.len() * METHODS.len())
                .map(|_| OnceLock::new())
                .collect(),
            endpoints,
            in_flight: gauge!(names::HTTP_IN_FLIGHT),
        }
    }

    /// The labels of a request that matched `template`.
    #[must_use]
    pub fn route(&self, method: &Method, template: Option<&str>) -> RouteLabels {
        let method = method_place(method);
        let last = self.endpoints.len() - 1;
        // A scan of a dozen short texts is faster than hashing one. A template that was not announced is a fault of
        // the route table's list, and still counted.
        let endpoint = template.map_or(last, |template| {
            let place = self.endpoints.iter().position(|known| *known == template);
            debug_assert!(place.is_some(), "{template} is no announced template");
            place.unwrap_or(last)
        });
        RouteLabels {
            method: METHODS[method],
            endpoint: self.endpoints[endpoint],
            place: endpoint * METHODS.len() + method,
        }
    }

    /// Counts a request as at work until the guard is dropped.
    pub fn enter(&self) -> InFlight<'_> {
        self.in_flight.increment(1.0);
        InFlight(&self.in_flight)
    }

    /// Counts a reply and the time that its head took.
    pub fn reply(&self, route: RouteLabels, status: StatusCode, took: Duration) {
        let series = self.series[route.place].get_or_init(|| Series {
            duration: histogram!(names::HTTP_DURATION, "method" => route.method, "endpoint" => route.endpoint),
            replies: Box::new([const { OnceLock::new() }; STATUSES.len()]),
        });
        series.duration.record(took.as_secs_f64());
        match STATUSES.binary_search(&status.as_u16()) {
            Ok(place) => series.replies[place]
                .get_or_init(|| replies(route, status))
                .increment(1),
            Err(_) => replies(route, status).increment(1),
        }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

fn replies(route: RouteLabels, status: StatusCode) -> Counter {
    counter!(
        names::HTTP_REQUESTS,
        "method" => route.method, "endpoint" => route.endpoint, "status" => status.as_str().to_owned()
    )
}

fn method_place(method: &Method) -> usize {
    // `Method` compares by its tag: no text is looked at for the standard ones.
    match *method {
        Method::GET => 0,
        Method::HEAD => 1,
        Method::POST => 2,
        Method::PUT => 3,
        Method::DELETE => 4,
        Method::CONNECT => 5,
        Method::OPTIONS => 6,
        Method::TRACE => 7,
        Method::PATCH => 8,
        _ => 9,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::prometheus;

    const TEMPLATES: [&str; 2] = ["/transaction", "/v1/transactions/{id}"];

    /// What a scrape shows of the lines that `work` moved.
    fn scraped(work: impl FnOnce(&HttpMetrics)) -> String {
        let recorder = prometheus::recorder().unwrap();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || work(&HttpMetrics::new(&TEMPLATES)));
        handle.render()
    }

    #[test]
    fn replies_are_counted_by_fixed_words() {
        let text = scraped(|metrics| {
            let get = metrics.route(&Method::GET, Some("/v1/transactions/{id}"));
            for _ in 0..3 {
                metrics.reply(get, StatusCode::NOT_FOUND, Duration::from_micros(700));
            }
            let odd = metrics.route(&Method::from_bytes(b"BREW").unwrap(), None);
            metrics.reply(odd, StatusCode::IM_A_TEAPOT, Duration::from_secs(20));
        });
        for line in [
            "http_requests_total{method=\"GET\",endpoint=\"/v1/transactions/{id}\",status=\"404\"} 3",
            "http_requests_total{method=\"OTHER\",endpoint=\"unmatched\",status=\"418\"} 1",
            "http_request_duration_seconds_bucket{method=\"GET\",endpoint=\"/v1/transactions/{id}\",le=\"0.0005\"} 0",
            "http_request_duration_seconds_bucket{method=\"GET\",endpoint=\"/v1/transactions/{id}\",le=\"0.001\"} 3",
            "http_request_duration_seconds_count{method=\"GET\",endpoint=\"/v1/transactions/{id}\"} 3",
            "http_request_duration_seconds_bucket{method=\"OTHER\",endpoint=\"unmatched\",le=\"10\"} 0",
            "http_request_duration_seconds_bucket{method=\"OTHER\",endpoint=\"unmatched\",le=\"+Inf\"} 1",
        ] {
            assert!(
                text.lines().any(|seen| seen == line),
                "{line} is missing in\n{text}"
            );
        }
    }

    #[test]
    fn the_gauge_falls_when_a_request_is_dropped() {
        let text = scraped(|metrics| {
            let held = metrics.enter();
            drop(metrics.enter());
            std::mem::forget(held);
        });
        assert!(text.contains("\nhttp_requests_in_flight 1\n"), "{text}");
    }

    #[test]
    fn every_method_has_its_own_word() {
        let metrics = HttpMetrics::new(&TEMPLATES);
        for (place, word) in METHODS.iter().enumerate().take(9) {
            let method = Method::from_bytes(word.as_bytes()).unwrap();
            let route = metrics.route(&method, Some("/transaction"));
            assert_eq!((route.method, route.place), (*word, place));
        }
        let lower = metrics.route(&Method::from_bytes(b"get").unwrap(), Some("/transaction"));
        assert_eq!(lower.method, "OTHER");
        assert!(STATUSES.is_sorted());
    }
}
