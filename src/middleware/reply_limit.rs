//! How large a reply may be where it travels inside of something else: a Lambda event carries it as a JSON string.
//!
//! The Lambda entrance puts a [`ReplyLimit`] into the request; the router gathers the reply within the deadline and
//! answers [`NotCarried::TooLarge`] with the `reply_too_large` problem. Without one, replies stream as they are.

use axum::{
    body::Body,
    http::{HeaderMap, header},
    response::Response,
};
use bytes::BytesMut;
use http_body_util::BodyExt as _;

/// Bytes that a reply may have, counted as the JSON string that it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyLimit(pub usize);

/// Why a reply cannot be carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCarried {
    /// It is larger than the limit.
    TooLarge,
    /// It broke off.
    Broken,
}

impl ReplyLimit {
    /// Gathers the body of `response`.
    pub async fn gather(self, response: Response) -> Result<Response, NotCarried> {
        let (mut parts, mut body) = response.into_parts();
        let mut gathered = BytesMut::new();
        let mut encoded = 0;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| NotCarried::Broken)?.into_data() else {
                continue;
            };
            encoded += encoded_len(&data);
            if encoded > self.0 {
                return Err(NotCarried::TooLarge);
            }
            gathered.extend_from_slice(&data);
        }
        tell_length(&mut parts.headers, gathered.len());
        Ok(Response::from_parts(parts, Body::from(gathered.freeze())))
    }
}

/// A body of which nothing is there (HEAD) keeps the length that it was told.
fn tell_length(headers: &mut HeaderMap, length: usize) {
    if length > 0 {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
}

/// Bytes of the JSON string that `text` becomes, without its quotes: `"` and `\` are doubled, control characters take
/// up to six.
fn encoded_len(text: &[u8]) -> usize {
    text.iter()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
            0..=31 => 6,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_counts_is_the_encoded_length() {
        let reply = || Response::new(Body::from("\"\"\"\""));
        assert!(ReplyLimit(8).gather(reply()).await.is_ok());
        assert_eq!(
            ReplyLimit(7).gather(reply()).await.err(),
            Some(NotCarried::TooLarge)
        );
        for text in [
            "plain",
            "\"quoted\"\\",
            "\u{1}\u{1f}",
            "tab\tline\n",
            "寿司 🍣",
        ] {
            assert_eq!(
                encoded_len(text.as_bytes()) + 2,
                serde_json::to_string(text).unwrap().len(),
                "{text}"
            );
        }
    }
}
