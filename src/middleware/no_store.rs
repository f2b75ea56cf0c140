//! Replies are nobody else's to keep, unless the handler says otherwise.
//!
//! The router calls [`mark`] on every reply; the rows of `/v1`, the pages and `/openapi.json` set their own.

use axum::http::{HeaderMap, HeaderValue, header};

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Says `Cache-Control: no-store` where the handler said nothing.
pub fn mark(reply: &mut HeaderMap) {
    reply.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_handler_left_open_is_said() {
        let mut reply = HeaderMap::new();
        mark(&mut reply);
        assert_eq!(reply[header::CACHE_CONTROL], "no-store");

        reply.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
        mark(&mut reply);
        assert_eq!(reply[header::CACHE_CONTROL], "private, no-cache");
    }
}
