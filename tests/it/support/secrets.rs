//! Secrets in moto's Secrets Manager, made for one test.

use std::net::SocketAddr;

use base64::Engine as _;
use serde_json::{Value, json};

use super::{
    environment,
    http::{Connection, Request},
    server::Variables,
};

const REGION: &str = "eu-central-1";

/// One test's secrets: their names begin with a word of its own.
pub(crate) struct Secrets {
    address: SocketAddr,
    prefix: String,
}

impl Secrets {
    /// `None`, with a printed reason, where there is no moto.
    pub(crate) fn new() -> Option<Self> {
        let url = environment::moto_url()?;
        let address = url.strip_prefix("http://").unwrap().parse().unwrap();
        Some(Self {
            address,
            prefix: format!("test/{:016x}", rand::random::<u64>()),
        })
    }

    /// Where moto is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The id of the secret `name`, whether or not it is there.
    pub(crate) fn id(&self, name: &str) -> String {
        format!("{}/{name}", self.prefix)
    }

    /// Makes a secret that holds text; its id.
    pub(crate) fn create(&self, name: &str, text: &str) -> String {
        self.create_with(name, &json!({ "SecretString": text }))
    }

    /// Makes a secret that holds bytes; its id.
    pub(crate) fn create_binary(&self, name: &str, bytes: &[u8]) -> String {
        let bytes = base64::engine::general_purpose::STANDARD.encode(bytes);
        self.create_with(name, &json!({ "SecretBinary": bytes }))
    }

    fn create_with(&self, name: &str, value: &Value) -> String {
        let id = self.id(name);
        let mut body = value.clone();
        body["Name"] = json!(id);
        body["ClientRequestToken"] = json!(token());
        self.call("CreateSecret", &body);
        id
    }

    /// Gives a secret its next value, as a rotation does at its end.
    pub(crate) fn put(&self, name: &str, text: &str) {
        let body = json!({ "SecretId": self.id(name), "SecretString": text, "ClientRequestToken": token() });
        self.call("PutSecretValue", &body);
    }

    /// Takes a secret away.
    pub(crate) fn delete(&self, name: &str) {
        let body = json!({ "SecretId": self.id(name), "ForceDeleteWithoutRecovery": true });
        self.call("DeleteSecret", &body);
    }

    fn call(&self, action: &str, body: &Value) {
        let scope = format!("20260101/{REGION}/secretsmanager/aws4_request");
        let request = Request::new("POST", "/")
            .header("X-Amz-Target", &format!("secretsmanager.{action}"))
            .header("Content-Type", "application/x-amz-json-1.1")
            .header(
                "Authorization",
                &format!(
                    "AWS4-HMAC-SHA256 Credential=test/{scope}, SignedHeaders=host, Signature=0"
                ),
            )
            .body(body.to_string());
        let reply = Connection::open(self.address)
            .and_then(|mut connection| connection.send(&request))
            .unwrap();
        assert_eq!(reply.status, 200, "{action}: {}", reply.text());
    }
}

/// How a program asks the Secrets Manager at `address`.
pub(crate) fn aws_variables(address: SocketAddr) -> Variables {
    let endpoint = format!("http://{address}");
    [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "aws-key-of-the-test"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into_iter()
    .collect()
}

fn token() -> String {
    format!("{:032x}", rand::random::<u128>())
}
