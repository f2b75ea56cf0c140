//! The requests that both entrances must answer alike: `tests/data/parity.json`.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

/// One request, in the order of the file. `${etag}` in a header is the entity tag that was seen last.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) method: String,
    /// Path and query as a client sends them.
    pub(crate) target: String,
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
    /// Shapes that cannot carry the request, each with the reason.
    #[serde(default)]
    pub(crate) not_by: Vec<(String, String)>,
}

impl Step {
    /// The body's bytes.
    pub(crate) fn body(&self) -> Option<Vec<u8>> {
        let encoded = self
            .body_base64
            .as_ref()
            .map(|text| STANDARD.decode(text).unwrap());
        encoded.or_else(|| self.body.as_ref().map(|text| text.clone().into_bytes()))
    }

    /// Path and query apart.
    pub(crate) fn path_and_query(&self) -> (&str, &str) {
        self.target.split_once('?').unwrap_or((&self.target, ""))
    }
}

/// The whole corpus.
pub(crate) fn steps() -> Vec<Step> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/parity.json");
    let text = std::fs::read_to_string(file).unwrap();
    serde_json::from_str(&text).unwrap()
}
