//! Input that must be refused: each line of `tests/data/bad-input.json` with its status, code and fields.

use serde_json::Value;

use crate::{
    each_backend,
    support::{backend::Backend, http::Request, problem},
};

const TABLE: &str = include_str!("../../data/bad-input.json");
/// Fewer cases mean that somebody thinned the table out.
const LEAST: usize = 60;
const SEED: &str = r#"{"result":[{"id":1,"amount":12.5,"description":"stays"}]}"#;

each_backend!(
    every_case_is_refused_as_the_table_says_and_stores_nothing,
    deep_nesting_is_refused,
);

fn every_case_is_refused_as_the_table_says_and_stores_nothing(backend: &mut Backend) {
    let server = backend.serve();
    server.post("/transaction", r#"{"amount":12.5,"desc":"stays"}"#);
    let cases: Vec<Value> = serde_json::from_str(TABLE).unwrap();
    assert!(cases.len() >= LEAST, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let title = format!("{} ({} {})", case["name"], case["method"], case["target"]);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let reply = server.send(&request(case));
            let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
            let fields: Vec<_> = case["fields"]
                .as_array()
                .unwrap()
                .iter()
                .map(text)
                .collect();
            problem::check(&reply, status, text(&case["code"]), &fields);
            assert_eq!(server.get("/transaction").text(), SEED);
        }));
        if outcome.is_err() {
            wrong.push(title);
        }
    }
    assert!(wrong.is_empty(), "{} cases: {wrong:#?}", wrong.len());
}

fn deep_nesting_is_refused(backend: &mut Backend) {
    let server = backend.serve();
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        for target in ["/transaction", "/v1/transactions"] {
            let reply = server.post(target, format!(r#"{{"amount":{deep},"description":"x"}}"#));
            assert!(matches!(reply.status, 400 | 422), "{}", reply.text());
            let reply = server.post(target, &deep);
            assert!(matches!(reply.status, 400 | 422), "{}", reply.text());
        }
    }
    assert_eq!(server.get("/transaction").text(), r#"{"result":[]}"#);
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn request(case: &Value) -> Request {
    let mut request = Request::new(text(&case["method"]), text(&case["target"]));
    if let Some(kind) = case["type"].as_str() {
        request = request.header("Content-Type", kind);
    }
    for (name, value) in case["headers"].as_object().into_iter().flatten() {
        request = request.header(name, text(value));
    }
    let mut body = match (case["body"].as_str(), case["hex"].as_str()) {
        (Some(body), None) => Some(body.as_bytes().to_vec()),
        (None, Some(bytes)) => Some(hex::decode(bytes).unwrap()),
        (None, None) => None,
        (Some(_), Some(_)) => panic!("two bodies: {case}"),
    };
    if let (Some(body), Some(length)) = (&mut body, case["pad_to"].as_u64()) {
        body.resize(usize::try_from(length).unwrap(), b' ');
    }
    request.body = body;
    request.chunk = case["chunk"]
        .as_u64()
        .map(|size| usize::try_from(size).unwrap());
    request
}
