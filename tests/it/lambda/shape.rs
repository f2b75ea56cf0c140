//! The events that gateways and load balancers make of a request, and the replies that they read from a function.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::corpus::Step;
use crate::support::http::Reply;

/// Who hands a request to the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// API Gateway REST API: the path without its stage.
    Rest,
    /// The same, the stage in the path (a custom integration).
    RestWithStage,
    /// API Gateway HTTP API, stage `$default`.
    Http,
    /// The same with a named stage, which is in the path.
    HttpNamedStage,
    /// A function URL.
    FunctionUrl,
    /// An ALB target group with single-value headers.
    Alb,
    /// The same with multi-value headers.
    AlbMulti,
}

pub(crate) const STAGE: &str = "dev";
pub(crate) const SOURCE: &str = "203.0.113.7";

impl Shape {
    pub(crate) const ALL: [Self; 7] = [
        Self::Rest,
        Self::RestWithStage,
        Self::Http,
        Self::HttpNamedStage,
        Self::FunctionUrl,
        Self::Alb,
        Self::AlbMulti,
    ];

    /// The word for its kind in the corpus.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Rest | Self::RestWithStage => "rest",
            Self::Http | Self::HttpNamedStage | Self::FunctionUrl => "http",
            Self::Alb => "alb-single",
            Self::AlbMulti => "alb-multi",
        }
    }

    /// The event.
    pub(crate) fn event(self, step: &Step, headers: &[(String, String)]) -> Value {
        let (body, encoded) = body(step);
        match self {
            Self::Rest => rest(step, headers, &body, encoded, ""),
            Self::RestWithStage => rest(step, headers, &body, encoded, "/dev"),
            Self::Http => http(
                step,
                headers,
                &body,
                encoded,
                "$default",
                "id.execute-api.eu-central-1.amazonaws.com",
            ),
            Self::HttpNamedStage => http(
                step,
                headers,
                &body,
                encoded,
                STAGE,
                "id.execute-api.eu-central-1.amazonaws.com",
            ),
            Self::FunctionUrl => http(
                step,
                headers,
                &body,
                encoded,
                "$default",
                "id.lambda-url.eu-central-1.on.aws",
            ),
            Self::Alb => alb(step, headers, &body, encoded, false),
            Self::AlbMulti => alb(step, headers, &body, encoded, true),
        }
    }

    /// The reply as the client gets it.
    pub(crate) fn reply(self, value: &Value) -> Reply {
        let mut headers = Vec::new();
        // Each of them reads one of the two members.
        let member = match self {
            Self::Rest | Self::RestWithStage | Self::AlbMulti => "multiValueHeaders",
            Self::Http | Self::HttpNamedStage | Self::FunctionUrl | Self::Alb => "headers",
        };
        for (name, value) in value[member].as_object().into_iter().flatten() {
            match value {
                Value::Array(values) => {
                    headers.extend(values.iter().map(|value| (name.clone(), text(value))));
                }
                value => headers.push((name.clone(), text(value))),
            }
        }
        let body = value["body"].as_str().unwrap_or_default();
        let body = match value["isBase64Encoded"].as_bool() {
            Some(true) => STANDARD.decode(body).unwrap(),
            _ => body.as_bytes().to_vec(),
        };
        Reply {
            status: u16::try_from(value["statusCode"].as_u64().unwrap()).unwrap(),
            headers,
            body,
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Gateways encode what is no text of JSON.
fn body(step: &Step) -> (Value, bool) {
    let Some(bytes) = step.body() else {
        return (Value::Null, false);
    };
    let json = step.headers.iter().all(|(name, value)| {
        !name.eq_ignore_ascii_case("content-type") || value.starts_with("application/json")
    });
    match String::from_utf8(bytes) {
        Ok(text) if json => (text.into(), false),
        Ok(text) => (STANDARD.encode(text).into(), true),
        Err(binary) => (STANDARD.encode(binary.as_bytes()).into(), true),
    }
}

fn single(pairs: &[(String, String)]) -> Value {
    let map: Map<_, _> = pairs
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    map.into()
}

fn multi(pairs: &[(String, String)]) -> Value {
    let mut map = Map::new();
    for (name, value) in pairs {
        let values = map.entry(name.clone()).or_insert_with(|| json!([]));
        values.as_array_mut().unwrap().push(value.as_str().into());
    }
    map.into()
}

fn with_forwarded(headers: &[(String, String)]) -> Vec<(String, String)> {
    let mut headers = headers.to_vec();
    headers.push(("X-Forwarded-For".to_owned(), SOURCE.to_owned()));
    headers.push(("Host".to_owned(), "api.example.com".to_owned()));
    headers
}

/// The pairs of a query, decoded or as they are.
fn query(step: &Step, decoded: bool) -> Vec<(String, String)> {
    let (_, query) = step.path_and_query();
    let read = |text: &str| {
        if decoded {
            decode(text)
        } else {
            text.to_owned()
        }
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (read(name), read(value)))
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
                out.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
            }
            b'+' => out.push(b' '),
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).unwrap()
}

fn rest(
    step: &Step,
    headers: &[(String, String)],
    body: &Value,
    encoded: bool,
    prefix: &str,
) -> Value {
    let (path, _) = step.path_and_query();
    let headers = with_forwarded(headers);
    let query = query(step, true);
    json!({
        "resource": "/{proxy+}", "path": format!("{prefix}{path}"), "httpMethod": step.method,
        "headers": single(&headers), "multiValueHeaders": multi(&headers),
        "queryStringParameters": if query.is_empty() { Value::Null } else { single(&query) },
        "multiValueQueryStringParameters": if query.is_empty() { Value::Null } else { multi(&query) },
        "pathParameters": { "proxy": path.trim_start_matches('/') }, "stageVariables": null,
        "requestContext": {
            "accountId": "123456789012", "apiId": "id", "resourceId": "r", "resourcePath": "/{proxy+}",
            "httpMethod": step.method, "path": format!("/{STAGE}{path}"), "protocol": "HTTP/1.1", "stage": STAGE,
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "requestTime": "09/Apr/2015:12:34:56 +0000",
            "requestTimeEpoch": 1_428_582_896_000_i64, "domainName": "id.execute-api.eu-central-1.amazonaws.com",
            "identity": { "sourceIp": SOURCE, "userAgent": "test" }
        },
        "body": body, "isBase64Encoded": encoded
    })
}

fn http(
    step: &Step,
    headers: &[(String, String)],
    body: &Value,
    encoded: bool,
    stage: &str,
    host: &str,
) -> Value {
    let (path, query) = step.path_and_query();
    let path = if stage == "$default" {
        path.to_owned()
    } else {
        format!("/{stage}{path}")
    };
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
        "headers": single(&with_forwarded(headers)),
        "requestContext": {
            "accountId": "123456789012", "apiId": "id", "domainName": host, "domainPrefix": "id",
            "http": { "method": step.method, "path": path, "protocol": "HTTP/1.1", "sourceIp": SOURCE, "userAgent": "test" },
            "requestId": "id", "routeKey": "$default", "stage": stage,
            "time": "12/Mar/2020:19:03:58 +0000", "timeEpoch": 1_583_348_638_390_i64
        },
        "body": body, "isBase64Encoded": encoded
    })
}

fn alb(
    step: &Step,
    headers: &[(String, String)],
    body: &Value,
    encoded: bool,
    many: bool,
) -> Value {
    let (path, _) = step.path_and_query();
    let headers = with_forwarded(headers);
    // A load balancer hands the query over as it came.
    let query = query(step, false);
    let mut event = json!({
        "requestContext": { "elb": { "targetGroupArn":
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/lambda/49e9d65c45c6791a" } },
        "httpMethod": step.method, "path": path,
        "body": body.as_str().unwrap_or_default(), "isBase64Encoded": encoded
    });
    if many {
        event["multiValueHeaders"] = multi(&headers);
        event["multiValueQueryStringParameters"] = multi(&query);
    } else {
        event["headers"] = single(&headers);
        event["queryStringParameters"] = single(&query);
    }
    event
}
