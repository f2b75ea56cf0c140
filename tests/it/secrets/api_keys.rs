//! Keys of callers out of a secret: new ones open, old ones do not, without a restart.

use serde_json::json;
use sha2::Digest as _;

use super::LIMIT;
use crate::support::{
    backend::Backend,
    http::Request,
    secrets::{Secrets, aws_variables},
    server::Server,
    wait,
};

const OLD: &str = "old-key-000000000000000000000000";
const NEW: &str = "new-key-000000000000000000000000";

fn keys(keys: &[&str]) -> String {
    let entry = |key: &&str| {
        let digest = hex::encode(sha2::Sha256::digest(key));
        json!({ "name": &digest[..8], "sha256": digest, "scopes": ["transactions:read"] })
    };
    json!(keys.iter().map(entry).collect::<Vec<_>>()).to_string()
}

fn status(server: &Server, key: &str) -> u16 {
    let request = Request::new("GET", "/v1/transactions").header("X-API-Key", key);
    server.send(&request).status
}

#[test]
fn keys_rotate_without_a_restart() {
    let Some(secrets) = Secrets::new() else {
        return;
    };
    let id = secrets.create("keys", &keys(&[OLD]));
    let backend = Backend::sqlite();
    let mut variables = backend.variables();
    variables.extend(aws_variables(secrets.address()));
    for (name, value) in [
        ("AUTH_MODE", "api-key"),
        ("API_KEYS_SECRET_ID", id.as_str()),
        ("SECRET_REFRESH_SECS", "1"),
    ] {
        variables.insert(name.to_owned(), value.to_owned());
    }
    let server = Server::start(backend.folder(), &variables);
    server.wait_until_ready(LIMIT);
    assert_eq!((status(&server, OLD), status(&server, NEW)), (200, 401));
    secrets.put("keys", &keys(&[OLD, NEW]));
    wait::until("the new key to open", LIMIT, || {
        (status(&server, NEW) == 200).then_some(())
    });
    assert_eq!(status(&server, OLD), 200, "both open while clients change");
    secrets.put("keys", &keys(&[NEW]));
    wait::until("the old key to be refused", LIMIT, || {
        (status(&server, OLD) == 401).then_some(())
    });
    // What cannot be read changes nothing.
    secrets.put("keys", "no keys at all");
    server.wait_for_line("of a refresh that failed", |line| {
        line["message"] == "a secret could not be refreshed" && line["secret"] == id
    });
    assert_eq!((status(&server, OLD), status(&server, NEW)), (401, 200));
}
