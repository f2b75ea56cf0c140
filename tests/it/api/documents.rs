//! `/openapi.json`, `/docs` and the page.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::backend::Backend;

#[test]
fn the_document_describes_every_route() {
    let backend = Backend::sqlite();
    let server = backend.serve_with(&[("API_BASE_PATH", "/api")]);
    let reply = server.get("/openapi.json");
    assert_eq!(reply.status, 200);
    assert!(
        reply
            .header("content-type")
            .unwrap()
            .starts_with("application/json")
    );
    assert_ne!(reply.header("cache-control"), Some("no-store"));
    let document = reply.json();
    assert!(
        document["openapi"].as_str().unwrap().starts_with("3.1"),
        "{}",
        document["openapi"]
    );
    check_references(&document, &document);
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            operations.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let wanted: BTreeSet<_> = [
        "GET /health",
        "GET /livez",
        "GET /readyz",
        "GET /transaction",
        "POST /transaction",
        "DELETE /transaction",
        "GET /transaction/id",
        "DELETE /transaction/id",
        "GET /transaction/{id}",
        "DELETE /transaction/{id}",
        "GET /v1/transactions",
        "POST /v1/transactions",
        "DELETE /v1/transactions",
        "GET /v1/transactions/{id}",
        "PUT /v1/transactions/{id}",
        "PATCH /v1/transactions/{id}",
        "DELETE /v1/transactions/{id}",
        "GET /v1/summary",
    ]
    .map(str::to_owned)
    .into();
    assert_eq!(operations, wanted);
    assert_eq!(server.get("/openapi.json").body, reply.body);
}

/// A part whose name leads nowhere is a part that no client and no tool can check.
fn check_references(part: &Value, document: &Value) {
    match part {
        Value::Object(fields) => {
            if let Some(Value::String(name)) = fields.get("$ref") {
                let pointer = name.strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{name} leads nowhere");
            }
            fields
                .values()
                .for_each(|field| check_references(field, document));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| check_references(item, document)),
        _ => {}
    }
}

#[test]
fn the_committed_document_is_the_true_one() {
    let backend = Backend::sqlite();
    let output = backend.run(&["openapi"], &backend.variables());
    assert!(output.status.success(), "{output:?}");
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
    let committed = std::fs::read_to_string(committed).unwrap_or_default();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(
        committed == printed,
        "docs/openapi.json is out of date: cargo run -- openapi > docs/openapi.json"
    );
    let served: serde_json::Value = backend.serve().get("/openapi.json").json();
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&printed).unwrap(),
        served
    );
}

#[test]
fn the_page_of_the_docs_needs_no_other_host() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    let reply = server.get("/docs");
    assert_eq!(reply.status, 200);
    assert!(
        reply
            .header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    let page = reply.text();
    for word in [
        "http://",
        "https://",
        "src=\"//",
        "href=\"//",
        "@import",
        "url(//",
    ] {
        assert!(!page.contains(word), "{word} in /docs");
    }
    assert!(page.contains("openapi.json"), "it shows no document");
    assert_eq!(server.get("/docs").body, reply.body);
}

#[test]
fn the_page_can_be_switched_off() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    let page = server.get("/");
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    drop(server);
    let server = backend.serve_with(&[("UI", "off")]);
    assert_eq!(server.get("/").status, 404);
    assert_eq!(server.get("/transaction").status, 200);
}
