//! Requests and answers of the stub, as bytes.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
};

use serde_json::{Value, json};

use super::Flaw;

/// A request, read whole.
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Value,
}

impl Request {
    pub(super) fn read(reader: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let mut words = line.split(' ').map(str::to_owned);
        let (method, target) = (words.next()?, words.next()?);
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").map_or("0", String::as_str);
        let mut body = vec![0; length.parse().ok()?];
        reader.read_exact(&mut body).ok()?;
        Some(Self {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        })
    }

    pub(super) fn header(&self, name: &str) -> String {
        self.headers.get(name).cloned().unwrap_or_default()
    }
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Answer {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "calls read better without a reference"
    )]
    pub(super) fn new(status: u16, kind: &str, body: impl ToString) -> Self {
        let headers = vec![
            ("Content-Type", kind.to_owned()),
            ("Cache-Control", "no-store".to_owned()),
        ];
        let body = body.to_string();
        Self {
            status,
            headers,
            body,
        }
    }

    pub(super) fn json(status: u16, body: impl ToString) -> Self {
        Self::new(status, "application/json", body)
    }

    pub(super) fn old(body: impl ToString) -> Self {
        Self::new(200, "application/json; charset=utf-8", body)
    }

    pub(super) fn problem(status: u16, code: &str, request: &Request) -> Self {
        let body = json!({"type": "about:blank", "title": "T", "status": status, "detail": "why",
            "message": "why", "error": code, "correlation_id": request.header("x-correlation-id"),
            "errors": [{"field": "limit", "message": "why"}]});
        Self::new(status, "application/problem+json", body)
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "calls read better without a reference"
    )]
    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_string()));
        self
    }

    pub(super) fn write(mut self, stream: &mut TcpStream, request: &Request, flaw: Flaw) {
        let id = match flaw {
            Flaw::OtherCorrelationId => "made-here".to_owned(),
            _ => request.header("x-correlation-id"),
        };
        let all = self
            .with("X-Correlation-ID", id)
            .with("X-Content-Type-Options", "nosniff")
            .with("Referrer-Policy", "no-referrer")
            .with("X-Frame-Options", "DENY")
            .with(
                "Content-Security-Policy",
                "default-src 'none'; frame-ancestors 'none'",
            );
        self = all;
        let mut out = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            if flaw != Flaw::WithoutHeader(name) {
                out += &format!("{name}: {value}\r\n");
            }
        }
        out += &format!("Content-Length: {}\r\n\r\n{}", self.body.len(), self.body);
        // A client that gave up is its own affair.
        let _gone = stream.write_all(out.as_bytes());
    }
}
