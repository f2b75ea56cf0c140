//! Headers that keep browsers from doing more with a reply than was meant.
//!
//! The router calls [`mark`] on every reply. What a handler set (the pages bring their own content policy) stays.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// JSON needs no script, style or frame.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
];

/// Adds what the reply does not have.
pub fn mark(reply: &mut HeaderMap) {
    for (name, value) in HEADERS {
        reply.entry(name).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_reply_gets_all_and_a_page_keeps_its_own() {
        let mut reply = HeaderMap::new();
        mark(&mut reply);
        assert_eq!(reply[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(reply[header::REFERRER_POLICY], "no-referrer");
        assert_eq!(reply[header::X_FRAME_OPTIONS], "DENY");
        assert_eq!(
            reply[header::CONTENT_SECURITY_POLICY],
            "default-src 'none'; frame-ancestors 'none'"
        );

        let own = HeaderValue::from_static("default-src 'self'");
        let mut page = HeaderMap::new();
        page.insert(header::CONTENT_SECURITY_POLICY, own.clone());
        mark(&mut page);
        assert_eq!(
            page.get_all(header::CONTENT_SECURITY_POLICY)
                .iter()
                .collect::<Vec<_>>(),
            [&own]
        );
        assert_eq!(page.len(), 4);
    }
}
