//! What the stub answers.

use serde_json::{Value, json};

use super::{
    FOREIGN, Flaw, KEY, State,
    wire::{Answer, Request},
};

/// One request's view of the stub.
pub(super) struct Service<'a> {
    pub(super) flaw: Flaw,
    pub(super) closed: bool,
    pub(super) state: &'a mut State,
}

impl Service<'_> {
    /// Answers as the real service does, but for the flaw.
    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        let path = request.path.as_str();
        let open = matches!(
            path,
            "/livez" | "/readyz" | "/health" | "/openapi.json" | "/metrics"
        );
        let known = request.header("x-api-key") == KEY || self.flaw == Flaw::OpenDoor;
        if self.closed && !open && !known {
            return Answer::problem(401, "unauthenticated", request)
                .with("WWW-Authenticate", "ApiKey");
        }
        match (request.method.as_str(), path) {
            ("GET", "/livez" | "/readyz" | "/health" | "/openapi.json" | "/metrics") => {
                self.operations(request)
            }
            (_, "/health") => {
                let answer = Answer::problem(405, "method_not_allowed", request);
                let allow = if self.flaw == Flaw::NoAllow {
                    "GET"
                } else {
                    "GET, HEAD, OPTIONS"
                };
                answer.with("Allow", allow)
            }
            ("GET", "/transaction") => self.old_list(request),
            ("POST", "/transaction" | "/v1/transactions") => self.create(request),
            ("GET", "/v1/transactions") => self.new_list(request),
            ("GET", "/v1/summary") => {
                let days = if self.flaw == Flaw::SummaryOfOtherDays {
                    json!([1])
                } else {
                    json!([])
                };
                Answer::json(200, json!({"by": "day", "items": days}))
            }
            (method, path) => match path.rsplit_once('/').map(|(_, id)| id.parse()) {
                Some(Ok(id)) => self.row(method, id, request),
                _ if self.flaw == Flaw::PageForUnknownRoutes => {
                    Answer::new(404, "text/html", "<h1>404</h1>")
                }
                _ => Answer::problem(404, "no_route", request),
            },
        }
    }

    fn operations(&mut self, request: &Request) -> Answer {
        match request.path.as_str() {
            "/livez" if self.flaw == Flaw::NotAlive => Answer::json(500, "{}"),
            "/livez" => Answer::json(200, r#"{"status":"live"}"#),
            "/readyz" => {
                self.state.asked_ready += 1;
                match self.flaw {
                    Flaw::Unready(times) if self.state.asked_ready <= times => {
                        Answer::json(503, r#"{"status":"unready","missing":["store"]}"#)
                    }
                    _ => Answer::json(200, r#"{"status":"ready"}"#),
                }
            }
            "/health" => {
                let (word, redis) = match self.flaw {
                    Flaw::Degraded => ("degraded", "disconnected"),
                    _ => ("healthy", "connected"),
                };
                Answer::old(
                    json!({"status": word, "timestamp": "t", "database": "connected", "redis": redis}),
                )
            }
            "/openapi.json" => {
                let format = if self.flaw == Flaw::OldOpenApi {
                    "3.0.3"
                } else {
                    "3.1.0"
                };
                let paths = json!({"/transaction": {}, "/v1/transactions": {}, "/v1/summary": {}});
                Answer::json(
                    200,
                    json!({"openapi": format, "info": {"version": "1.2.3"}, "paths": paths}),
                )
            }
            _ if self.flaw == Flaw::MetricsShown => Answer::new(
                200,
                "text/plain",
                "# TYPE http_requests_total counter\n# TYPE cache_hits_total counter\n# TYPE build_info gauge\n",
            ),
            _ => Answer::problem(404, "no_route", request),
        }
    }

    /// The rows as `/v1` shows them.
    fn shown(&self) -> Vec<Value> {
        let rows = self.state.rows.iter();
        rows.map(|(id, (amount, description))| {
            json!({"id": id, "amount": amount, "description": description,
                "created_at": null, "updated_at": null})
        })
        .collect()
    }

    fn old_list(&mut self, request: &Request) -> Answer {
        let text = self.state.rows.iter().map(|(id, (amount, description))| {
            let description = match self.flaw {
                Flaw::ListRenamesMembers => format!(r#""desc":"{description}""#),
                _ => format!(r#""description":"{description}""#),
            };
            match self.flaw {
                Flaw::ListReordersMembers => {
                    format!(r#"{{"amount":{amount},"id":{id},{description}}}"#)
                }
                _ => format!(r#"{{"id":{id},"amount":{amount},{description}}}"#),
            }
        });
        let mut rows: Vec<_> = text.collect();
        if self.flaw == Flaw::ListDescends {
            rows.insert(0, r#"{"id":9,"amount":1,"description":"x"}"#.to_owned());
        }
        let fresh = format!(r#"{{"result":[{}]}}"#, rows.join(","));
        if self.flaw == Flaw::StaleList && request.query.is_empty() {
            return Answer::old(self.state.kept.entry(request.path.clone()).or_insert(fresh));
        }
        Answer::old(fresh)
    }

    fn new_list(&mut self, request: &Request) -> Answer {
        if request.query.contains("limit=0") {
            let field = if self.flaw == Flaw::FaultWithoutField {
                ""
            } else {
                "limit"
            };
            let answer = Answer::problem(422, "validation_failed", request);
            let body = answer
                .body
                .replace("\"field\":\"limit\"", &format!("\"field\":\"{field}\""));
            return Answer { body, ..answer };
        }
        if self.flaw == Flaw::ListFails {
            return Answer::problem(500, "internal", request);
        }
        let mut rows = self.shown();
        rows.reverse();
        let text = request
            .query
            .split_once("q=")
            .map(|(_, text)| text.to_owned());
        if let Some(text) = text.filter(|_| self.flaw != Flaw::IgnoresSearch) {
            rows.retain(|row| row["description"].as_str().unwrap().contains(&text));
        }
        let answer = Answer::json(200, json!({"items": rows, "next_cursor": null}));
        match self.flaw {
            Flaw::ListKeptByBrowsers => answer.with("Cache-Control", "max-age=60"),
            _ => answer,
        }
    }

    fn create(&mut self, request: &Request) -> Answer {
        let old = request.path == "/transaction";
        if !old && self.flaw == Flaw::WriteFails {
            return Answer::problem(500, "internal", request);
        }
        let key = request.header("idempotency-key");
        let first = self.state.keys.get(&key).copied();
        let replayed = first.filter(|_| self.flaw != Flaw::RepeatsWrites);
        let id = replayed.unwrap_or(self.state.last + 1);
        if replayed.is_none() {
            self.state.last = id;
            self.state.keys.insert(key, id);
            self.put(id, &request.body);
        }
        if !old && self.flaw == Flaw::WriteUnanswered {
            return Answer::problem(504, "deadline_exceeded", request);
        }
        let answer = self.created(old, id);
        if replayed.is_some() {
            return answer.with("Idempotent-Replayed", "true");
        }
        answer
    }

    fn created(&self, old: bool, id: u64) -> Answer {
        let (amount, description) = self.state.rows.get(&id).cloned().unwrap_or_default();
        let answer = if old {
            Answer::old(r#"{"message":"added transaction successfully"}"#)
        } else {
            let body = json!({"id": id, "amount": amount, "description": description});
            Answer::json(201, body).with("ETag", "\"t\"")
        };
        match self.flaw {
            Flaw::NoLocation => answer,
            Flaw::LyingLocation => answer.with("Location", format!("/v1/transactions/{FOREIGN}")),
            _ => answer.with("Location", format!("/v1/transactions/{id}")),
        }
    }

    fn put(&mut self, id: u64, body: &Value) {
        let amount = match &body["amount"] {
            Value::String(text) => serde_json::from_str(text).unwrap(),
            number => number.clone(),
        };
        let text = body["desc"].as_str().or(body["description"].as_str());
        self.state
            .rows
            .insert(id, (amount, text.unwrap().to_owned()));
    }

    fn row(&mut self, method: &str, id: u64, request: &Request) -> Answer {
        let Some((amount, description)) = self.state.rows.get(&id).cloned() else {
            return Answer::problem(404, "not_found", request);
        };
        let tag = format!("\"{amount}\"");
        match method {
            "PUT" => {
                if request.header("if-match") != tag && self.flaw != Flaw::IgnoresPreconditions {
                    return Answer::problem(412, "precondition_failed", request);
                }
                self.put(id, &request.body);
                Answer::json(200, json!({"id": id, "amount": self.state.rows[&id].0}))
            }
            "DELETE" => {
                if self.flaw != Flaw::KeepsDeletedRows {
                    self.state.rows.remove(&id);
                }
                let message = format!("transaction with id {id} seemingly deleted");
                match request.path.strip_prefix("/v1/") {
                    Some(_) => Answer::json(204, ""),
                    None => Answer::old(json!({ "message": message })),
                }
            }
            _ => {
                let fresh =
                    json!({"id": id, "amount": amount, "description": description}).to_string();
                let body = match self.flaw {
                    Flaw::StaleRow => self
                        .state
                        .kept
                        .entry(request.path.clone())
                        .or_insert(fresh)
                        .clone(),
                    _ => fresh,
                };
                Answer::json(200, body)
                    .with("Cache-Control", "private, no-cache")
                    .with("ETag", tag)
            }
        }
    }
}
