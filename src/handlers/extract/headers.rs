//! Headers that change what a request means.

use axum::http::{HeaderMap, HeaderName, header};

use crate::{
    domain::FieldError,
    service::precondition::{Precondition, Tags},
};

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
const MAX_KEY_LENGTH: usize = 255;

/// The idempotency key of a request, if it has one.
pub fn claim_key(headers: &HeaderMap) -> Result<Option<String>, FieldError> {
    let fault = || {
        FieldError::new(
            IDEMPOTENCY_KEY,
            "must be 1 to 255 visible ASCII characters, given once",
        )
    };
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = value.as_bytes();
    let valid = (1..=MAX_KEY_LENGTH).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    if !valid || values.next().is_some() {
        return Err(fault());
    }
    String::from_utf8(key.to_vec())
        .map(Some)
        .map_err(|_| fault())
}

/// `If-Match` and `If-None-Match`.
#[must_use]
pub fn precondition(headers: &HeaderMap) -> Precondition {
    Precondition {
        if_match: tags(headers, &header::IF_MATCH),
        if_none_match: tags(headers, &header::IF_NONE_MATCH),
    }
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Tags> {
    // A line that is no text matches nothing, like any other text that is no tag.
    Tags::parse(
        headers
            .get_all(name)
            .iter()
            .map(|value| value.to_str().unwrap_or_default()),
    )
}
