//! What clients wrote and gateways hand on, made legible for the crate that reads events.
//!
//! That crate puts an address together from the event's host, scheme, path and query, and panics where it is none. A
//! panic costs the client a bare 502. The parts are the client's to choose, so they are cleaned before they are read.

use std::{
    fmt::Write as _,
    task::{Context, Poll},
};

use axum::http::{HeaderMap, header};
use lambda_http::{LambdaEvent, request::LambdaRequest};
use tower_service::Service;

/// A service of events that sees legible ones.
#[derive(Debug, Clone)]
pub(super) struct Legible<S>(pub(super) S);

impl<S: Service<LambdaEvent<LambdaRequest>>> Service<LambdaEvent<LambdaRequest>> for Legible<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, event: LambdaEvent<LambdaRequest>) -> S::Future {
        let LambdaEvent {
            payload, context, ..
        } = event;
        self.0.call(LambdaEvent::new(cleaned(payload), context))
    }
}

/// The event without what makes no address. Path and query maps are encoded by the reader itself.
pub(super) fn cleaned(mut event: LambdaRequest) -> LambdaRequest {
    match &mut event {
        LambdaRequest::ApiGatewayV1(event) => {
            clean_headers(&mut event.headers);
            clean_headers(&mut event.multi_value_headers);
        }
        LambdaRequest::ApiGatewayV2(event) => {
            clean_headers(&mut event.headers);
            if let Some(query) = &mut event.raw_query_string {
                *query = encoded(query);
            }
        }
        LambdaRequest::Alb(event) => {
            clean_headers(&mut event.headers);
            clean_headers(&mut event.multi_value_headers);
        }
        _ => {}
    }
    event
}

/// Host and scheme serve the reader alone: the service asks for neither, and the reader does without.
fn clean_headers(headers: &mut HeaderMap) {
    headers.remove(header::HOST);
    headers.remove("x-forwarded-proto");
}

/// The query with every byte percent-encoded that a query cannot hold.
fn encoded(query: &str) -> String {
    let mut clean = String::with_capacity(query.len());
    for byte in query.bytes() {
        match byte {
            b'!' | b'$'..=b';' | b'=' | b'?'..=b'Z' | b'_' | b'a'..=b'z' | b'~' => {
                clean.push(char::from(byte));
            }
            // Writing into a string cannot fail.
            byte => drop(write!(clean, "%{byte:02X}")),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_keeps_its_meaning() {
        assert_eq!(encoded("q=a+b%20c&d[]=1"), "q=a+b%20c&d%5B%5D=1");
        assert_eq!(encoded("q=\"<é>\"#x"), "q=%22%3C%C3%A9%3E%22%23x");
    }
}
