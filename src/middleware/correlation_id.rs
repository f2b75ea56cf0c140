//! One id for all that is said about a request: in the reply's header, in log lines, in problem bodies.
//!
//! The router takes it first: `let id = CorrelationId::of(request.headers())`, puts a clone into the request's
//! extensions, opens `telemetry::context::scope` with it, and at the end calls `id.mark(response.headers_mut())`.

use std::fmt;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use rand::RngCore as _;

/// The header, in requests and replies.
pub const X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

const MAX_LENGTH: usize = 64;

/// 1 to 64 of `[A-Za-z0-9._-]`. Cheap to clone: the bytes are shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrelationId(HeaderValue);

impl CorrelationId {
    /// The id that the client sent, where it is a good one, else a new one.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        headers
            .get(&X_CORRELATION_ID)
            .filter(|value| is_id(value.as_bytes()))
            .map_or_else(Self::random, |value| Self(value.clone()))
    }

    /// A new id: 128 random bits in hex.
    #[must_use]
    pub fn random() -> Self {
        let mut bits = [0; 16];
        rand::rng().fill_bytes(&mut bits);
        let mut text = [0; 32];
        // 16 bytes are 32 letters, and hex letters are a header value: neither step can fail.
        let written = hex::encode_to_slice(bits, &mut text);
        debug_assert!(written.is_ok());
        Self(HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("none")))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Every byte was looked at by `is_id`, or is a hex letter.
        self.0.to_str().unwrap_or_default()
    }

    /// The id as a header's value.
    #[must_use]
    pub const fn header(&self) -> &HeaderValue {
        &self.0
    }

    /// Puts the id into a reply's headers.
    pub fn mark(&self, reply: &mut HeaderMap) {
        reply.insert(X_CORRELATION_ID, self.0.clone());
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_id(value: &[u8]) -> bool {
    (1..=MAX_LENGTH).contains(&value.len())
        && value
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(value: &[u8]) -> CorrelationId {
        let mut headers = HeaderMap::new();
        headers.insert(X_CORRELATION_ID, HeaderValue::from_bytes(value).unwrap());
        CorrelationId::of(&headers)
    }

    #[test]
    fn a_good_id_is_taken() {
        let longest = "x".repeat(64);
        for id in ["a", "A-1_b.c", "0", longest.as_str()] {
            assert_eq!(sent(id.as_bytes()).as_str(), id);
        }
    }

    #[test]
    fn any_other_is_replaced() {
        let too_long = "x".repeat(65);
        for id in [
            "",
            " a",
            "a b",
            "a,b",
            "a\tb",
            "a/b",
            "a{b}",
            "<script>",
            "a\"b",
            too_long.as_str(),
        ] {
            let made = sent(id.as_bytes());
            assert_ne!(made.as_str(), id);
            assert!(is_id(made.as_str().as_bytes()), "{id:?} gave {made}");
        }
        assert_eq!(sent("é".as_bytes()).as_str().len(), 32);
    }

    #[test]
    fn new_ids_differ_and_reach_the_reply() {
        let (one, other) = (CorrelationId::random(), CorrelationId::random());
        assert_ne!(one, other);
        let mut reply = HeaderMap::new();
        one.mark(&mut reply);
        assert_eq!(reply[X_CORRELATION_ID], one.as_str());
    }
}
