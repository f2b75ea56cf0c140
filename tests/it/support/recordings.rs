//! Exchanges recorded from the application that is replaced.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{environment, http::Request};

/// One recorded request and what came back.
pub(crate) struct Exchange {
    /// Its name in the file.
    pub(crate) name: String,
    /// As it was sent.
    pub(crate) request: Request,
    /// As it came back; `None` where the request killed the old application.
    pub(crate) reply: Option<Recorded>,
}

/// A recorded reply.
pub(crate) struct Recorded {
    /// The status code.
    pub(crate) status: u16,
    /// The headers that were kept.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body.
    pub(crate) body: String,
}

/// All of them in their order; `None`, with a printed reason, where the file is not there.
pub(crate) fn read() -> Option<Vec<Exchange>> {
    let path = environment::shared("data/legacy-recordings.json")?;
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let exchanges = file["exchanges"].as_array().unwrap();
    Some(exchanges.iter().map(exchange).collect())
}

fn exchange(value: &Value) -> Exchange {
    let asked = &value["request"];
    let mut request = Request::new(text(&asked["method"]), text(&asked["path"]));
    for (name, value) in asked["headers"].as_object().unwrap() {
        request = request.header(name, text(value));
    }
    if let Some(body) = asked["body"].as_str() {
        request = request.body(body);
    }
    Exchange {
        name: text(&value["name"]).to_owned(),
        request,
        reply: recorded(&value["reply"]),
    }
}

fn recorded(reply: &Value) -> Option<Recorded> {
    let status = reply["status"].as_u64()?;
    let headers = reply["headers"].as_object().unwrap();
    Some(Recorded {
        status: u16::try_from(status).unwrap(),
        headers: headers
            .iter()
            .map(|(name, value)| (name.clone(), text(value).to_owned()))
            .collect(),
        body: text(&reply["body"]).to_owned(),
    })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}
