//! The steps that change nothing.

use serde_json::{Value, json};
use ureq::http::Method;

use super::{
    client::{Ask, Client},
    fault::{Fault, shown},
    reply::Reply,
    report::{Outcome, Step},
};

/// Headers that every reply of the API carries.
const SECURITY_HEADERS: [(&str, &str); 4] = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    (
        "Content-Security-Policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
];
const OLD_JSON: &str = "application/json; charset=utf-8";
const NO_ROUTE: &str = "/no-such-route-of-the-smoke-test";

/// In the order in which a fault is best understood: the process, its stores, its routes, its edges.
pub(super) const STEPS: &[Step] = &[
    Step {
        name: "alive",
        run: alive,
    },
    Step {
        name: "ready",
        run: ready,
    },
    Step {
        name: "healthy",
        run: healthy,
    },
    Step {
        name: "old list",
        run: old_list,
    },
    Step {
        name: "new list",
        run: new_list,
    },
    Step {
        name: "summary",
        run: summary,
    },
    Step {
        name: "security headers",
        run: security_headers,
    },
    Step {
        name: "correlation id",
        run: correlation_id,
    },
    Step {
        name: "unknown route",
        run: unknown_route,
    },
    Step {
        name: "invalid parameter",
        run: invalid_parameter,
    },
    Step {
        name: "wrong method",
        run: wrong_method,
    },
    Step {
        name: "OpenAPI document",
        run: openapi,
    },
];

fn alive(client: &Client) -> Outcome {
    let reply = client.get("/livez")?.status(200)?;
    reply.body_is(r#"{"status":"live"}"#)?;
    reply.shows(&reply.text())
}

pub(super) fn ready(client: &Client) -> Outcome {
    let reply = client.get("/readyz")?.status(200)?;
    reply.body_is(r#"{"status":"ready"}"#)?;
    reply.shows(&reply.text())
}

/// `degraded` is a 200 for load balancers; for a fresh deployment it means that the cache cannot be reached.
fn healthy(client: &Client) -> Outcome {
    let reply = client.get("/health")?.status(200)?;
    reply.has("Content-Type", OLD_JSON)?;
    reply.member("/status", &"healthy".into())?;
    reply.member("/database", &"connected".into())?;
    let redis = reply.json()?["redis"].clone();
    if redis != "connected" && redis != "disabled" {
        return Err(reply.fault("redis connected or disabled", format!("redis {redis}")));
    }
    reply.shows(&format!("healthy, redis {redis}"))
}

fn old_list(client: &Client) -> Outcome {
    let reply = client.get("/transaction?limit=2")?.status(200)?;
    reply.has("Content-Type", OLD_JSON)?;
    reply.has("Cache-Control", "no-store")?;
    let ids = ids(&reply, "result", &["id", "amount", "description"])?;
    if ids.len() > 2 || !ids.is_sorted() {
        return Err(reply.fault("at most 2 rows, ascending", format!("rows {ids:?}")));
    }
    reply.shows(&format!("{} rows", ids.len()))
}

fn new_list(client: &Client) -> Outcome {
    let reply = client.get("/v1/transactions?limit=2")?.status(200)?;
    reply.has("Content-Type", "application/json")?;
    reply.has("Cache-Control", "no-store")?;
    let keys = ["id", "amount", "description", "created_at", "updated_at"];
    let ids = ids(&reply, "items", &keys)?;
    if ids.len() > 2 || !ids.iter().rev().is_sorted() {
        return Err(reply.fault("at most 2 items, descending", format!("items {ids:?}")));
    }
    let cursor = reply.json()?["next_cursor"].clone();
    if !(cursor.is_null() || cursor.is_string()) {
        return Err(reply.fault("a next_cursor, text or null", cursor.to_string()));
    }
    reply.shows(&format!("{} items", ids.len()))
}

/// The ids of a list's rows, each of which has exactly these members.
pub(super) fn ids(reply: &Reply, list: &str, keys: &[&str]) -> Result<Vec<u64>, Fault> {
    let body = reply.json()?;
    let Some(rows) = body[list].as_array() else {
        return Err(reply.fault(format!("a list {list}"), format!("no list {list}")));
    };
    let mut ids = Vec::new();
    for row in rows {
        let members = row.as_object();
        let names: Vec<_> = members.into_iter().flat_map(|map| map.keys()).collect();
        let whole = names.len() == keys.len() && keys.iter().all(|key| row.get(key).is_some());
        match row["id"].as_u64().filter(|_| whole) {
            Some(id) => ids.push(id),
            None => {
                let wanted = format!("rows of {keys:?}, the id a number");
                return Err(reply.fault(wanted, format!("a row of {names:?}")));
            }
        }
    }
    Ok(ids)
}

fn summary(client: &Client) -> Outcome {
    // A single future day: the answer is small however many rows there are.
    let path = "/v1/summary?by=day&from=2999-01-01T00:00:00Z&to=2999-01-02T00:00:00Z";
    let reply = client.get(path)?.status(200)?;
    reply.member("/by", &"day".into())?;
    reply.member("/items", &json!([]))?;
    reply.shows("no period in the year 2999")
}

fn security_headers(client: &Client) -> Outcome {
    let mut asked = Vec::new();
    for path in ["/health", "/v1/transactions?limit=1", NO_ROUTE] {
        let reply = client.get(path)?;
        for (name, wanted) in SECURITY_HEADERS {
            reply.has(name, wanted)?;
        }
        asked.push(reply.asked);
    }
    Ok(format!("{}: all four on each", asked.join(", ")))
}

fn correlation_id(client: &Client) -> Outcome {
    let reply = client.get("/v1/transactions?limit=1")?;
    reply.has("X-Correlation-ID", client.marker())?;
    reply.shows("the id that was sent")
}

fn unknown_route(client: &Client) -> Outcome {
    let reply = client.get(NO_ROUTE)?.status(404)?;
    reply.problem("no_route", client.marker())?;
    reply.shows("a problem, no_route")
}

fn invalid_parameter(client: &Client) -> Outcome {
    let reply = client.get("/v1/transactions?limit=0")?.status(422)?;
    reply.problem("validation_failed", client.marker())?;
    reply.member("/errors/0/field", &"limit".into())?;
    reply.shows("a problem that names limit")
}

/// Of a route that nothing can be written to, and that is open to all.
fn wrong_method(client: &Client) -> Outcome {
    let reply = client.delete("/health")?.status(405)?;
    reply.problem("method_not_allowed", client.marker())?;
    let allow = reply.header("Allow").unwrap_or_default();
    let mut methods: Vec<_> = allow.split(',').map(str::trim).collect();
    methods.sort_unstable();
    if methods != ["GET", "HEAD", "OPTIONS"] {
        return Err(reply.fault("Allow: GET, HEAD, OPTIONS", format!("Allow: {allow}")));
    }
    reply.shows(&format!("Allow: {allow}"))
}

/// Where a credential was given, its absence must not do.
pub(super) fn authentication(client: &Client) -> Outcome {
    let ask = Ask::new(Method::GET, "/v1/transactions?limit=1").anonymous();
    let reply = client.send(&ask)?.status(401)?;
    reply.problem("unauthenticated", client.marker())?;
    if reply.header("WWW-Authenticate").is_none() {
        return Err(reply.fault("a WWW-Authenticate", "none"));
    }
    reply.shows("a problem, without the credential")
}

fn openapi(client: &Client) -> Outcome {
    let reply = client.get("/openapi.json")?.status(200)?;
    let document = reply.json()?;
    let format = document["openapi"].as_str().unwrap_or_default();
    if !format.starts_with("3.1.") {
        return Err(reply.fault("openapi 3.1", format!("openapi {format:?}")));
    }
    for path in ["/transaction", "/v1/transactions", "/v1/summary"] {
        if document["paths"].get(path).is_none() {
            return Err(reply.fault(format!("a path {path}"), "none"));
        }
    }
    let version = document.pointer("/info/version").and_then(Value::as_str);
    let Some(version) = version else {
        return Err(reply.fault("an info.version", shown(&document["info"].to_string())));
    };
    if let Some(wanted) = client.release().filter(|wanted| *wanted != version) {
        return Err(reply.fault(format!("version {wanted}"), format!("version {version}")));
    }
    reply.shows(&format!("OpenAPI {format}, version {version}"))
}

/// Metrics tell of the whole business: where they have a port of their own, this address must not have them.
pub(super) fn metrics_hidden(client: &Client) -> Outcome {
    let mut asked = Vec::new();
    for ask in metrics(client) {
        let reply = client.send(&ask)?;
        if reply.status != 404 {
            let wanted = "status 404: metrics on a port of their own (else --metrics-open)";
            return Err(reply.fault(wanted, reply.seen()));
        }
        asked.push(reply.asked);
    }
    Ok(format!("{}: 404", asked.join(", ")))
}

/// Where they have none, they are there, in the text format.
pub(super) fn metrics_open(client: &Client) -> Outcome {
    let ask = Ask::new(Method::GET, "/metrics").past_base_path();
    let reply = client.send(&ask)?.status(200)?;
    let text = reply.text();
    for name in ["http_requests_total", "cache_hits_total", "build_info"] {
        let typed = format!("# TYPE {name} ");
        if !text.contains(&typed) {
            return Err(reply.fault(format!("a metric {name}"), "none"));
        }
    }
    reply.shows(&format!("{} lines", text.lines().count()))
}

fn metrics(client: &Client) -> Vec<Ask> {
    let mut asks = vec![Ask::new(Method::GET, "/metrics").past_base_path()];
    if !client.base_path().is_empty() {
        asks.push(Ask::new(Method::GET, "/metrics"));
    }
    asks
}
