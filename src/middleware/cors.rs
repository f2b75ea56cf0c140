//! Who may read replies from another origin.
//!
//! The router builds one [`Cors`] at start. Per request: where [`Cors::preflight`] gives a reply, that is the reply
//! (nothing else of the request is looked at); else the handler's reply, good or bad, goes through [`Cors::mark`].

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header},
};

use crate::config::CorsOrigins;

const METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Location, Link, ETag, Retry-After, X-Correlation-ID, Idempotent-Replayed, RateLimit, RateLimit-Policy",
);
const ANY: HeaderValue = HeaderValue::from_static("*");
const VARY_HEADERS: HeaderValue = HeaderValue::from_static("Access-Control-Request-Headers");
const VARY_ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
const VARY_BOTH: HeaderValue = HeaderValue::from_static("Origin, Access-Control-Request-Headers");

/// Which origins may read replies.
#[derive(Debug, Clone)]
pub enum Cors {
    /// Everybody, said in every reply as the old application did.
    Any,
    /// These, byte for byte.
    Listed(Vec<HeaderValue>),
}

impl Cors {
    /// From the configuration.
    #[must_use]
    pub fn new(origins: &CorsOrigins) -> Self {
        match origins {
            CorsOrigins::Any => Self::Any,
            // An origin that cannot stand in a header can never be sent by a browser either.
            CorsOrigins::Listed(origins) => Self::Listed(
                origins
                    .iter()
                    .filter_map(|origin| HeaderValue::from_str(origin).ok())
                    .collect(),
            ),
        }
    }

    /// The reply to a preflight, where the request is one: `OPTIONS` with an `Origin`.
    #[must_use]
    pub fn preflight(&self, method: &Method, request: &HeaderMap) -> Option<Response<Body>> {
        if method != Method::OPTIONS {
            return None;
        }
        let origin = request.get(header::ORIGIN)?;
        let mut reply = Response::new(Body::empty());
        *reply.status_mut() = StatusCode::NO_CONTENT;
        let headers = reply.headers_mut();
        headers.insert(
            header::VARY,
            match self {
                Self::Any => VARY_HEADERS,
                Self::Listed(_) => VARY_BOTH,
            },
        );
        if let Some(allowed) = self.allowed(Some(origin)) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            mirror(
                request,
                &header::ACCESS_CONTROL_REQUEST_HEADERS,
                headers,
                &header::ACCESS_CONTROL_ALLOW_HEADERS,
            );
        }
        Some(reply)
    }

    /// Marks the reply to a request that came with `origin`. What [`Self::preflight`] made is left as it is.
    pub fn mark(&self, origin: Option<&HeaderValue>, reply: &mut HeaderMap) {
        // Nothing else varies by the headers that a browser asks for.
        let vary = reply.get(header::VARY);
        if vary.is_some_and(|vary| *vary == VARY_HEADERS || *vary == VARY_BOTH) {
            return;
        }
        if matches!(self, Self::Listed(_)) {
            reply.append(header::VARY, VARY_ORIGIN);
        }
        if let Some(allowed) = self.allowed(origin) {
            reply.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
            reply.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }

    fn allowed(&self, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
        match self {
            Self::Any => Some(ANY),
            Self::Listed(listed) => origin.filter(|origin| listed.contains(origin)).cloned(),
        }
    }
}

/// Copies every line of a request's header into a header of the reply.
fn mirror(request: &HeaderMap, from: &HeaderName, reply: &mut HeaderMap, to: &HeaderName) {
    for value in request.get_all(from) {
        reply.append(to, value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "https://expenses.example.com";

    fn asked(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    fn listed() -> Cors {
        Cors::new(&CorsOrigins::Listed(vec![
            PAGE.to_owned(),
            "null".to_owned(),
        ]))
    }

    fn text(headers: &HeaderMap) -> Vec<String> {
        let mut lines: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        lines.sort();
        lines
    }

    #[test]
    fn a_preflight_is_answered_as_the_old_application_did() {
        let request = asked(&[
            (header::ORIGIN, PAGE),
            (header::ACCESS_CONTROL_REQUEST_METHOD, "POST"),
            (header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type"),
        ]);
        let reply = Cors::Any.preflight(&Method::OPTIONS, &request).unwrap();
        assert_eq!(reply.status(), StatusCode::NO_CONTENT);
        assert_eq!(
            text(reply.headers()),
            [
                "access-control-allow-headers: content-type",
                "access-control-allow-methods: GET,HEAD,PUT,PATCH,POST,DELETE",
                "access-control-allow-origin: *",
                "vary: Access-Control-Request-Headers",
            ]
        );
    }

    #[test]
    fn only_options_with_an_origin_is_a_preflight() {
        let with_origin = asked(&[(header::ORIGIN, PAGE)]);
        for method in [Method::GET, Method::POST, Method::HEAD] {
            assert!(Cors::Any.preflight(&method, &with_origin).is_none());
        }
        assert!(
            Cors::Any
                .preflight(&Method::OPTIONS, &HeaderMap::new())
                .is_none()
        );
        let bare = Cors::Any.preflight(&Method::OPTIONS, &with_origin).unwrap();
        assert!(
            !bare
                .headers()
                .contains_key(header::ACCESS_CONTROL_ALLOW_HEADERS)
        );
    }

    #[test]
    fn a_listed_origin_is_mirrored() {
        let request = asked(&[
            (header::ORIGIN, PAGE),
            (header::ACCESS_CONTROL_REQUEST_HEADERS, "a, b"),
        ]);
        let reply = listed().preflight(&Method::OPTIONS, &request).unwrap();
        assert_eq!(
            text(reply.headers()),
            [
                "access-control-allow-headers: a, b".to_owned(),
                "access-control-allow-methods: GET,HEAD,PUT,PATCH,POST,DELETE".to_owned(),
                format!("access-control-allow-origin: {PAGE}"),
                "vary: Origin, Access-Control-Request-Headers".to_owned(),
            ]
        );
        let mut reply = HeaderMap::new();
        listed().mark(request.get(header::ORIGIN), &mut reply);
        assert_eq!(reply[header::ACCESS_CONTROL_ALLOW_ORIGIN], PAGE);
        assert_eq!(reply[header::VARY], "Origin");
        assert_eq!(reply[header::ACCESS_CONTROL_EXPOSE_HEADERS], EXPOSED);
    }

    #[test]
    fn an_origin_is_compared_whole() {
        for origin in [
            "https://expenses.example.com.evil.test",
            "https://evil.test/https://expenses.example.com",
            "http://expenses.example.com",
            "https://expenses.example.com:8443",
            "HTTPS://EXPENSES.EXAMPLE.COM",
            "https://expenses.example.co",
            "*",
        ] {
            let request = asked(&[(header::ORIGIN, origin)]);
            let reply = listed().preflight(&Method::OPTIONS, &request).unwrap();
            assert_eq!(
                text(reply.headers()),
                ["vary: Origin, Access-Control-Request-Headers"]
            );
            let mut reply = HeaderMap::new();
            listed().mark(request.get(header::ORIGIN), &mut reply);
            assert_eq!(text(&reply), ["vary: Origin"], "{origin}");
        }
    }

    #[test]
    fn any_origin_is_said_even_where_none_was_sent() {
        let mut reply = HeaderMap::new();
        Cors::Any.mark(None, &mut reply);
        assert_eq!(reply[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert!(!reply.contains_key(header::VARY));
    }

    #[test]
    fn a_preflight_is_marked_once() {
        let request = asked(&[(header::ORIGIN, PAGE)]);
        for cors in [Cors::Any, listed()] {
            let mut reply = cors.preflight(&Method::OPTIONS, &request).unwrap();
            let before = text(reply.headers());
            cors.mark(request.get(header::ORIGIN), reply.headers_mut());
            assert_eq!(text(reply.headers()), before);
        }
    }

    #[test]
    fn a_vary_of_the_handler_stays() {
        let mut reply = asked(&[(header::VARY, "Accept")]);
        listed().mark(None, &mut reply);
        assert_eq!(text(&reply), ["vary: Accept", "vary: Origin"]);
    }
}
