//! Memory after a hundred requests against a real store and cache.

use std::path::Path;

use anyhow::ensure;
use serde_json::{Value, json};

use super::function::Function;
use crate::test::Stores;

const REQUESTS: usize = 100;

/// Prints the resident memory after init and after the requests, half of them writes.
pub(super) fn measure(program: &Path) -> anyhow::Result<()> {
    let stores = Stores::start()?;
    let variables = stores.for_the_service()?;
    let mut variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    variables.push(("RATE_LIMIT_REQUESTS", "0"));
    migrate(program, &variables)?;
    let function = Function::start(program, &variables)?;
    let before = function.resident()?;
    for number in 0..REQUESTS {
        let (method, status, body) = match number % 2 {
            0 => ("POST", 201, json!({ "amount": "1.25", "description": "x" })),
            _ => ("GET", 200, Value::Null),
        };
        let reply = function.invoke(&event(method, &body))?;
        ensure!(reply["statusCode"] == status, "{method}: {reply}");
    }
    let after = function.resident()?;
    println!("\nresident memory: {before} KiB after init, {after} KiB after {REQUESTS} requests");
    Ok(())
}

fn migrate(program: &Path, variables: &[(&str, &str)]) -> anyhow::Result<()> {
    let mut variables = variables.to_vec();
    variables.push(("LAMBDA_KIND", "admin"));
    let reply = Function::start(program, &variables)?.invoke(&json!({ "command": "migrate" }))?;
    ensure!(reply["migrations"].is_array(), "migrate: {reply}");
    Ok(())
}

/// An event of an HTTP API.
fn event(method: &str, body: &Value) -> Value {
    let path = "/v1/transactions";
    let body = match body {
        Value::Null => Value::Null,
        body => body.to_string().into(),
    };
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": { "content-type": "application/json", "host": "id.execute-api.eu-central-1.amazonaws.com" },
        "requestContext": {
            "accountId": "123456789012", "apiId": "id",
            "domainName": "id.execute-api.eu-central-1.amazonaws.com", "domainPrefix": "id",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1",
                      "sourceIp": "203.0.113.7", "userAgent": "bench" },
            "requestId": "id", "routeKey": "$default", "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000", "timeEpoch": 1_583_348_638_390_i64
        },
        "body": body, "isBase64Encoded": false
    })
}
