//! The old application's recorded replies, asked for again: the same reply, or a deviation that is listed with its
//! reason in `tests/data/legacy-deviations.json`. Every listed one must be needed.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    each_backend,
    support::{
        backend::Backend,
        http::Reply,
        recordings::{self, Exchange, Recorded},
    },
};

const DEVIATIONS: &str = include_str!("../data/legacy-deviations.json");
/// Exchanges in the recording.
const RECORDED: usize = 35;

each_backend!(every_recorded_exchange_is_repeated_or_deviates_as_listed);

/// What comes instead of the recorded reply. Parts that are left out are as recorded.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deviation {
    /// The exchange's name.
    exchange: String,
    /// Why it is better so.
    reason: String,
    status: Option<u16>,
    headers: Option<std::collections::BTreeMap<String, String>>,
    /// The whole body.
    body: Option<String>,
    /// Some of the body's keys, where others vary.
    json: Option<Map<String, Value>>,
}

fn every_recorded_exchange_is_repeated_or_deviates_as_listed(backend: &mut Backend) {
    let Some(exchanges) = recordings::read() else {
        return;
    };
    assert_eq!(exchanges.len(), RECORDED);
    let mut deviations: Vec<Deviation> = serde_json::from_str(DEVIATIONS).unwrap();
    // As it runs beside the old application: refunds are taken.
    let server = backend.serve_with(&[("AMOUNT_SIGN", "any")]);
    let mut faults = Vec::new();
    for exchange in &exchanges {
        let reply = server.send(&exchange.request);
        let listed = deviations
            .iter()
            .position(|listed| listed.exchange == exchange.name);
        let outcome = match listed {
            Some(place) => deviates(exchange, &reply, &deviations.swap_remove(place)),
            None => same(exchange.reply.as_ref(), &reply),
        };
        if let Err(fault) = outcome {
            faults.push(format!("{}: {fault}", exchange.name));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(
        deviations.is_empty(),
        "listed, but not in the recording: {deviations:#?}"
    );
}

fn same(recorded: Option<&Recorded>, reply: &Reply) -> Result<(), String> {
    let recorded = recorded.ok_or("the old application crashed: list the deviation")?;
    if reply.status != recorded.status {
        return Err(format!(
            "{} instead of {}: {}",
            reply.status,
            recorded.status,
            reply.text()
        ));
    }
    for (name, value) in &recorded.headers {
        if !has_header(reply, name, value) {
            return Err(format!("{name}: {value} is missing in {:?}", reply.headers));
        }
    }
    if reply.text() != recorded.body {
        return Err(format!("{} instead of {}", reply.text(), recorded.body));
    }
    Ok(())
}

/// `Vary` may name more than it did; all else is the same.
fn has_header(reply: &Reply, name: &str, value: &str) -> bool {
    match name {
        "vary" => reply
            .all(name)
            .iter()
            .flat_map(|line| line.split(','))
            .any(|word| word.trim().eq_ignore_ascii_case(value)),
        _ => reply.header(name) == Some(value),
    }
}

fn deviates(exchange: &Exchange, reply: &Reply, listed: &Deviation) -> Result<(), String> {
    if listed.reason.len() < 20 {
        return Err("a deviation needs its reason".to_owned());
    }
    if same(exchange.reply.as_ref(), reply).is_ok() {
        return Err("the reply is the recorded one: the deviation is not needed".to_owned());
    }
    let recorded = exchange.reply.as_ref();
    let status = listed.status.or(recorded.map(|recorded| recorded.status));
    if Some(reply.status) != status {
        return Err(format!(
            "{} instead of {status:?}: {}",
            reply.status,
            reply.text()
        ));
    }
    let headers = listed
        .headers
        .as_ref()
        .or(recorded.map(|recorded| &recorded.headers));
    for (name, value) in headers.into_iter().flatten() {
        if !has_header(reply, name, value) {
            return Err(format!("{name}: {value} is missing in {:?}", reply.headers));
        }
    }
    if reply.header("access-control-allow-origin") != Some("*") {
        return Err("other origins cannot read it".to_owned());
    }
    if let Some(body) = &listed.body
        && reply.text() != body
    {
        return Err(format!("{} instead of {body}", reply.text()));
    }
    for (key, value) in listed.json.iter().flatten() {
        if reply.json()[key] != *value {
            return Err(format!("{key} is not {value}: {}", reply.text()));
        }
    }
    match (&listed.body, &listed.json) {
        (None, None) => Err("a deviation tells what comes instead".to_owned()),
        _ => Ok(()),
    }
}
