//! Limits of requests, who may send them from where, and how many.

use std::time::Duration;

use super::Variables;

/// Every route at its own path: a base path in front of one of them would hide it. `{id}` stands for any segment.
const ROUTES: &[&str] = &[
    "/health",
    "/livez",
    "/readyz",
    "/metrics",
    "/transaction",
    "/transaction/id",
    "/transaction/{id}",
    "/v1/transactions",
    "/v1/transactions/{id}",
    "/v1/summary",
    "/openapi.json",
    "/docs",
];

/// Limits of requests, and where the client's address is found.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// `API_BASE_PATH`, such as `/api`; empty: none.
    pub base_path: String,
    /// `BODY_LIMIT_BYTES`
    pub body_limit: usize,
    /// `REQUEST_TIMEOUT_MS`
    pub request_timeout: Duration,
    /// `MAX_IN_FLIGHT`
    pub max_in_flight: usize,
    /// `TRUSTED_PROXY_HOPS`
    pub trusted_proxy_hops: usize,
    /// `CORS_ALLOWED_ORIGINS`
    pub cors: CorsOrigins,
    /// `UI`
    pub ui: bool,
}

/// Who may call from another origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorsOrigins {
    /// `*`
    Any,
    /// These, compared whole.
    Listed(Vec<String>),
}

/// How many requests a caller has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimitConfig {
    /// `RATE_LIMIT_REQUESTS`, at least 1.
    pub requests: u32,
    /// `RATE_LIMIT_WINDOW_SECS`
    pub window: Duration,
}

impl HttpConfig {
    pub(super) fn read(vars: &mut Variables<'_>) -> Self {
        Self {
            base_path: vars.parsed("API_BASE_PATH", base_path).unwrap_or_default(),
            body_limit: vars
                .number("BODY_LIMIT_BYTES", 1..=67_108_864)
                .unwrap_or(65_536),
            request_timeout: vars.millis("REQUEST_TIMEOUT_MS", 10_000, 1..=3_600_000),
            max_in_flight: vars.number("MAX_IN_FLIGHT", 1..=1_000_000).unwrap_or(1024),
            trusted_proxy_hops: vars.number("TRUSTED_PROXY_HOPS", 0..=16).unwrap_or(0),
            cors: vars
                .parsed("CORS_ALLOWED_ORIGINS", origins)
                .unwrap_or(CorsOrigins::Any),
            ui: vars
                .word("UI", &[("on", true), ("off", false)])
                .unwrap_or(true),
        }
    }
}

impl RateLimitConfig {
    /// `None`: 0 requests, which means no limit.
    pub(super) fn read(vars: &mut Variables<'_>) -> Option<Self> {
        // The upper bound keeps the gap between two requests above a microsecond, the shortest that is counted.
        let requests = vars
            .number("RATE_LIMIT_REQUESTS", 0..=1_000_000)
            .unwrap_or(100);
        let window = vars.seconds("RATE_LIMIT_WINDOW_SECS", 60, 1..=86_400);
        (requests > 0).then_some(Self { requests, window })
    }
}

fn base_path(value: &str) -> Result<String, String> {
    let allowed = "allowed is a path such as /api, that begins with / and ends without, of letters, digits and ._~- between single slashes, up to 128 characters";
    let segments = segments(value).ok_or(allowed)?;
    if value.len() > 128 || !segments.iter().all(|segment| plain(segment)) {
        return Err(allowed.to_owned());
    }
    match ROUTES.iter().find(|route| begins(route, &segments)) {
        Some(route) => Err(format!(
            "allowed is no path that a route begins with, and {route} does"
        )),
        None => Ok(value.to_owned()),
    }
}

/// The parts between slashes of a path that begins with one.
fn segments(path: &str) -> Option<Vec<&str>> {
    path.strip_prefix('/').map(|rest| rest.split('/').collect())
}

fn plain(segment: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "._~-".contains(c);
    !matches!(segment, "" | "." | "..") && segment.chars().all(known)
}

/// Whether a route begins with these segments.
fn begins(route: &str, prefix: &[&str]) -> bool {
    let route = segments(route).unwrap_or_default();
    let same = |(here, there): (&&str, &&str)| here.starts_with('{') || here == there;
    prefix.len() <= route.len() && route.iter().zip(prefix).all(same)
}

fn origins(value: &str) -> Result<CorsOrigins, String> {
    if value.trim() == "*" {
        return Ok(CorsOrigins::Any);
    }
    let listed: Result<Vec<_>, _> = value.split(',').map(str::trim).map(origin).collect();
    listed.map(CorsOrigins::Listed)
}

/// An origin as browsers send it, for it is compared whole.
fn origin(value: &str) -> Result<String, String> {
    let allowed = "allowed is * alone, or origins as browsers send them, such as https://app.example.com, separated by commas";
    let (scheme, host) = value.split_once("://").ok_or(allowed)?;
    if !matches!(scheme, "http" | "https") {
        // Apps have schemes of their own (capacitor://localhost), which no rule of the web normalises.
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-:".contains(c);
        let good =
            !scheme.is_empty() && !host.is_empty() && scheme.chars().chain(host.chars()).all(known);
        return good
            .then(|| value.to_owned())
            .ok_or_else(|| allowed.to_owned());
    }
    let url = reqwest::Url::parse(value).map_err(|_| allowed)?;
    let sent = url.origin().ascii_serialization();
    if sent == value {
        return Ok(sent);
    }
    Err(format!("{allowed}; a browser sends {sent}"))
}
