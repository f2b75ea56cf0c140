//! A reply, and what can be wanted of it. Descriptions and amounts of others are never shown: a report is a log.

use serde_json::Value;
use ureq::http::{HeaderMap, Response};

use super::{
    fault::{Fault, shown},
    report::Outcome,
};

/// A reply, whole.
pub(super) struct Reply {
    /// `GET /readyz`
    pub(super) asked: String,
    pub(super) status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    /// Takes a response apart.
    pub(super) fn new(asked: String, response: &Response<Vec<u8>>) -> Self {
        Self {
            asked,
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.body().clone(),
        }
    }

    /// The body as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first header of that name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Something else was wanted.
    pub(super) fn fault(&self, wanted: impl Into<String>, came: impl Into<String>) -> Fault {
        Fault {
            asked: self.asked.clone(),
            wanted: wanted.into(),
            came: came.into(),
        }
    }

    /// What a step says of a reply that was as wanted.
    pub(super) fn shows(&self, seen: &str) -> Outcome {
        Ok(format!("{}: {}, {}", self.asked, self.status, shown(seen)))
    }

    /// Wants a status.
    pub(super) fn status(self, wanted: u16) -> Result<Self, Fault> {
        if self.status == wanted {
            return Ok(self);
        }
        Err(self.fault(format!("status {wanted}"), self.seen()))
    }

    /// Status and, of a failure, its body: a problem says nothing of rows.
    pub(super) fn seen(&self) -> String {
        let text = self.text();
        if self.status < 400 || text.is_empty() {
            return format!("status {}", self.status);
        }
        format!("status {}: {}", self.status, shown(&text))
    }

    /// Wants a header of exactly that value.
    pub(super) fn has(&self, name: &str, wanted: &str) -> Result<(), Fault> {
        match self.header(name) {
            Some(value) if value == wanted => Ok(()),
            found => Err(self.fault(
                format!("{name}: {wanted}"),
                found.map_or(format!("no {name}"), |value| format!("{name}: {value}")),
            )),
        }
    }

    /// Wants a body of exactly that text.
    pub(super) fn body_is(&self, wanted: &str) -> Result<(), Fault> {
        let text = self.text();
        if text == wanted {
            return Ok(());
        }
        Err(self.fault(wanted, shown(&text)))
    }

    /// Wants JSON.
    pub(super) fn json(&self) -> Result<Value, Fault> {
        serde_json::from_slice(&self.body)
            .map_err(|error| self.fault("a body of JSON", format!("no JSON: {error}")))
    }

    /// Wants a member of that value in a body of JSON.
    pub(super) fn member(&self, pointer: &str, wanted: &Value) -> Result<(), Fault> {
        let body = self.json()?;
        match body.pointer(pointer) {
            Some(found) if found == wanted => Ok(()),
            found => Err(self.fault(
                format!("{pointer} = {wanted}"),
                found.map_or(format!("no {pointer}"), |value| {
                    format!("{pointer} = {}", shown(&value.to_string()))
                }),
            )),
        }
    }

    /// Wants a problem document of that status and code.
    pub(super) fn problem(&self, code: &str, correlation_id: &str) -> Result<(), Fault> {
        self.has("Content-Type", "application/problem+json")?;
        for (pointer, wanted) in [
            ("/status", self.status.into()),
            ("/error", code.into()),
            ("/correlation_id", correlation_id.into()),
            ("/type", "about:blank".into()),
        ] {
            self.member(pointer, &wanted)?;
        }
        let body = self.json()?;
        for name in ["title", "detail", "message"] {
            if body[name].as_str().is_none_or(str::is_empty) {
                return Err(self.fault(format!("a problem with a {name}"), shown(&self.text())));
            }
        }
        if body["detail"] != body["message"] {
            return Err(self.fault("message = detail", shown(&self.text())));
        }
        Ok(())
    }
}
