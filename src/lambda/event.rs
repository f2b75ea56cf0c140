//! One layer that makes events of every shape look like a request to the server, and replies fit an event.

use std::{
    net::IpAddr,
    time::{Duration, SystemTime},
};

use axum::{extract::Request, http::Uri, response::Response};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use lambda_http::{Body, RequestExt as _, request::RequestContext};
use tokio::time::Instant;

use crate::middleware::{client_address::Peer, deadline::Deadline, reply_limit::ReplyLimit};

/// What an invocation keeps back of its time: enough to write a problem and the metrics.
const MARGIN: Duration = Duration::from_millis(500);
/// The largest reply of a synchronous invocation (6 MB), less room for headers and the envelope.
const GATEWAY_BYTES: usize = 6 * 1024 * 1024 - 64 * 1024;
/// The largest reply to a load balancer (1 MB), likewise.
const LOAD_BALANCER_BYTES: usize = 1024 * 1024 - 64 * 1024;
/// Where API Gateway puts the stage into the path: its own hosts, not a custom domain.
const OWN_HOST: &str = ".execute-api.";

/// The request that a client sent, as far as the event tells it.
pub(super) fn to_request(event: lambda_http::Request) -> Request {
    let uri = uri(&event);
    let context = event.request_context_ref().cloned();
    let deadline = event
        .lambda_context_ref()
        .map(|context| until(context.deadline()));
    let (parts, body) = event.into_parts();
    let mut request = Request::new(axum::body::Body::from(bytes(body)));
    *request.method_mut() = parts.method;
    *request.uri_mut() = uri;
    *request.headers_mut() = parts.headers;
    let extensions = request.extensions_mut();
    let (peer, limit) = origin(context.as_ref());
    extensions.insert(peer);
    extensions.insert(ReplyLimit(limit));
    if let Some(deadline) = deadline {
        extensions.insert(deadline);
    }
    request
}

/// The reply, whole. Its size was looked at by the layers.
pub(super) async fn to_reply(response: Response) -> lambda_http::Response<Body> {
    let (mut parts, body) = response.into_parts();
    // The layers have gathered the body already: this cannot fail, nor wait.
    let bytes = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    parts.extensions.clear();
    let body = match String::from_utf8(bytes.to_vec()) {
        Ok(text) if text.is_empty() => Body::Empty,
        Ok(text) => Body::Text(text),
        Err(binary) => Body::Binary(binary.into_bytes()),
    };
    lambda_http::Response::from_parts(parts, body)
}

fn bytes(body: Body) -> Bytes {
    match body {
        Body::Text(text) => text.into(),
        Body::Binary(bytes) => bytes.into(),
        _ => Bytes::new(),
    }
}

/// Path and query, the path without the stage.
fn uri(event: &lambda_http::Request) -> Uri {
    let path = event.raw_http_path();
    let path = match event.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => {
            let whole = context.path.as_deref();
            let stage = context.stage.as_deref().unwrap_or_default();
            // The context's path has the stage; where the event's is the same, it has it too.
            if whole == Some(path) {
                without_stage(path, stage)
            } else {
                path
            }
        }
        Some(RequestContext::ApiGatewayV2(context)) => {
            let stage = context.stage.as_deref().unwrap_or_default();
            let host = context.domain_name.as_deref().unwrap_or(OWN_HOST);
            if host.contains(OWN_HOST) {
                without_stage(path, stage)
            } else {
                path
            }
        }
        _ => path,
    };
    let path = if path.is_empty() { "/" } else { path };
    let text = match event.uri().query() {
        Some(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    };
    // What is no URI has no route: it is answered like any unknown path.
    text.parse().unwrap_or_else(|_| Uri::from_static("/-"))
}

fn without_stage<'a>(path: &'a str, stage: &str) -> &'a str {
    if stage.is_empty() || stage == "$default" {
        return path;
    }
    match path
        .strip_prefix('/')
        .and_then(|rest| rest.strip_prefix(stage))
    {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

fn origin(context: Option<&RequestContext>) -> (Peer, usize) {
    let unknown = IpAddr::from([0, 0, 0, 0]);
    let address = |text: Option<&str>| text.and_then(|text| text.parse().ok()).unwrap_or(unknown);
    match context {
        Some(RequestContext::ApiGatewayV1(context)) => (
            Peer::Gateway(address(context.identity.source_ip.as_deref())),
            GATEWAY_BYTES,
        ),
        Some(RequestContext::ApiGatewayV2(context)) => (
            Peer::Gateway(address(context.http.source_ip.as_deref())),
            GATEWAY_BYTES,
        ),
        Some(RequestContext::Alb(_)) => (Peer::LoadBalancer, LOAD_BALANCER_BYTES),
        _ => (Peer::Gateway(unknown), GATEWAY_BYTES),
    }
}

/// The invocation's end, less what must be kept back, on the clock of timers.
fn until(end: SystemTime) -> Deadline {
    let left = end.duration_since(SystemTime::now()).unwrap_or_default();
    Deadline(Instant::now() + left.saturating_sub(MARGIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_stripped_once_and_only_as_a_whole_segment() {
        for (path, stage, left) in [
            ("/prod/transaction", "prod", "/transaction"),
            ("/prod/prod/x", "prod", "/prod/x"),
            ("/prod", "prod", "/"),
            ("/production/x", "prod", "/production/x"),
            ("/transaction", "prod", "/transaction"),
            ("/transaction", "$default", "/transaction"),
            ("/transaction", "", "/transaction"),
        ] {
            assert_eq!(without_stage(path, stage), left, "{path} {stage}");
        }
    }

    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use lambda_http::request::LambdaRequest;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// The three kinds of event around the same parts of a request.
    fn events(
        path: &str,
        query: &str,
        header: &str,
        host: &str,
        body: &[u8],
        source: &str,
    ) -> [Value; 3] {
        let body = STANDARD.encode(body);
        let headers = json!({"host": host, "x-forwarded-proto": header, "x-forwarded-for": header});
        [
            json!({
                "resource": "/{proxy+}", "path": path, "httpMethod": "POST", "headers": headers,
                "multiValueHeaders": {"x-forwarded-for": [header, header]},
                "queryStringParameters": {"q": query}, "multiValueQueryStringParameters": {"q": [query, query]},
                "requestContext": {"stage": "dev", "path": format!("/dev{path}"), "httpMethod": "POST",
                    "identity": {"sourceIp": source}, "protocol": "HTTP/1.1"},
                "body": body, "isBase64Encoded": true
            }),
            json!({
                "version": "2.0", "routeKey": "$default", "rawPath": format!("/dev{path}"), "rawQueryString": query,
                "headers": headers,
                "requestContext": {"stage": "dev", "domainName": "id.execute-api.eu-central-1.amazonaws.com",
                    "http": {"method": "POST", "path": path, "sourceIp": source, "protocol": "HTTP/1.1",
                        "userAgent": "a"}, "timeEpoch": 1, "requestId": "1"},
                "body": body, "isBase64Encoded": true
            }),
            json!({
                "requestContext": {"elb": {"targetGroupArn": "arn"}}, "httpMethod": "POST", "path": path,
                "queryStringParameters": {"q": query}, "headers": headers, "body": body, "isBase64Encoded": true
            }),
        ]
    }

    proptest! {
        /// `PROPTEST_CASES=5000000` lets it look for longer.
        #[test]
        fn every_event_becomes_a_request_with_its_body(
            path in "/[\\PC]{0,20}|/(transaction|v1/transactions)/[0-9a-zA-Z%/?# ]{0,8}",
            query in "[\\PC]{0,20}|[a-z=&%0-9+]{0,20}",
            header in "[ -~]{0,30}",
            host in "[ -~]{0,12}|[a-z0-9.:-]{0,12}",
            body in prop::collection::vec(any::<u8>(), 0..50),
            source in "[0-9a-f:.]{0,20}",
        ) {
            for event in events(&path, &query, &header, &host, &body, &source) {
                // What the crate cannot read never reaches us.
                let Ok(event) = serde_json::from_value::<LambdaRequest>(event) else {
                    continue;
                };
                let request = to_request(super::super::legible::cleaned(event).into());
                prop_assert!(request.uri().path().starts_with('/'), "{}", request.uri());
                prop_assert_eq!(request.method(), "POST");
                prop_assert!(request.extensions().get::<Peer>().is_some());
                let got = futures_util::FutureExt::now_or_never(request.into_body().collect());
                prop_assert_eq!(got.unwrap().unwrap().to_bytes(), body.clone());
            }
        }
    }
}
