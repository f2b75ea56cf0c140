//! The steps that write: rows of this run alone, recorded, listed, changed and deleted, so that a stale reply shows.

use serde_json::json;
use ureq::http::Method;

use super::{
    client::{Ask, Client},
    fault::Fault,
    removal,
    reply::Reply,
    report::{Outcome, Report},
};

/// A row that this run recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    id: u64,
    amount: String,
    description: String,
}

/// The rows of this run as they must be now.
struct Writing<'a> {
    client: &'a Client,
    rows: Vec<Row>,
    /// The entity tag of the first row.
    tag: String,
}

type WritingStep<'a> = (&'static str, fn(&mut Writing<'a>) -> Outcome);

/// Each needs the one before it.
const fn steps<'a>() -> [WritingStep<'a>; 12] {
    [
        ("create", Writing::create),
        ("list", Writing::list),
        ("cached list", Writing::cached_list),
        ("cached row", Writing::cached_row),
        ("write", Writing::write),
        ("repeated write", Writing::repeated_write),
        ("fresh list", Writing::list),
        ("change", Writing::change),
        ("outdated change", Writing::outdated_change),
        ("fresh row", Writing::fresh_row),
        ("delete own rows", Writing::delete),
        ("deleted rows", Writing::deleted_rows),
    ]
}

/// Takes the steps up to the first that fails, and removes what is left of this run's rows however that went.
pub(super) fn take(client: &Client, report: &mut Report) {
    let mut writing = Writing {
        client,
        rows: Vec::new(),
        tag: String::new(),
    };
    let mut broken = None;
    for (name, run) in steps() {
        match broken {
            Some(step) => report.leave_out(name, &format!("{step} failed")),
            None if report.step(name, || run(&mut writing)) => {}
            None => broken = Some(name),
        }
    }
    let known: Vec<_> = writing.rows.iter().map(|row| row.id).collect();
    report.step("nothing left", || removal::remove(client, &known));
}

impl Writing<'_> {
    fn create(&mut self) -> Outcome {
        let description = format!("{} first", self.client.marker());
        let ask = Ask::new(Method::POST, "/transaction")
            .header(
                "Idempotency-Key",
                &format!("{}-first", self.client.marker()),
            )
            .json(&json!({"amount": "0.01", "desc": description}));
        let reply = self.client.send(&ask)?.status(200)?;
        let id = self.location(&reply)?;
        self.remember(id, "0.01", description);
        reply.body_is(r#"{"message":"added transaction successfully"}"#)?;
        reply.shows(&format!("row {id}"))
    }

    /// The old list holds this run's rows as they are now, each once.
    fn list(&mut self) -> Outcome {
        let reply = self.client.get("/transaction")?.status(200)?;
        let found = self.own(&reply)?;
        if found != self.rows {
            return Err(reply.fault(self.shown(&self.rows), self.shown(&found)));
        }
        let text = reply.text();
        for row in &self.rows {
            // To the letter: old clients depend on the order of the members, too.
            let wanted = format!(
                r#"{{"id":{},"amount":{},"description":"{}"}}"#,
                row.id, row.amount, row.description
            );
            if !text.contains(&wanted) {
                return Err(reply.fault(wanted, "the same members in another form"));
            }
        }
        reply.shows(&format!("{} of this run", found.len()))
    }

    fn cached_list(&mut self) -> Outcome {
        self.list()?;
        self.list()
    }

    /// Read twice, so that a later change meets a cached row.
    fn cached_row(&mut self) -> Outcome {
        let mut replies = Vec::new();
        for _ in 0..2 {
            let reply = self.client.get(&self.path(0))?.status(200)?;
            reply.member("/description", &self.rows[0].description.as_str().into())?;
            reply.has("Cache-Control", "private, no-cache")?;
            let Some(tag) = reply.header("ETag") else {
                return Err(reply.fault("an ETag", "none"));
            };
            tag.clone_into(&mut self.tag);
            replies.push(reply);
        }
        if replies[0].text() != replies[1].text() {
            return Err(replies[1].fault(replies[0].text(), replies[1].text()));
        }
        replies[1].shows("twice the same")
    }

    fn second(&self) -> Ask {
        let description = format!("{} second", self.client.marker());
        Ask::new(Method::POST, "/v1/transactions")
            .header(
                "Idempotency-Key",
                &format!("{}-second", self.client.marker()),
            )
            .json(&json!({"amount": 0.02, "description": description}))
    }

    fn write(&mut self) -> Outcome {
        let reply = self.client.send(&self.second())?.status(201)?;
        let id = self.location(&reply)?;
        self.remember(id, "0.02", format!("{} second", self.client.marker()));
        reply.member("/id", &id.into())?;
        reply.member("/amount", &json!(0.02))?;
        if reply.header("ETag").is_none() {
            return Err(reply.fault("an ETag", "none"));
        }
        reply.shows(&format!("row {id}"))
    }

    /// The same request with its key again: the first reply, and no second row (the fresh list counts them).
    fn repeated_write(&mut self) -> Outcome {
        let reply = self.client.send(&self.second())?.status(201)?;
        reply.has("Idempotent-Replayed", "true")?;
        reply.member("/id", &self.rows[1].id.into())?;
        reply.shows("replayed")
    }

    fn change(&mut self) -> Outcome {
        let reply = self.client.send(&self.changed("0.03"))?.status(200)?;
        "0.03".clone_into(&mut self.rows[0].amount);
        reply.member("/amount", &json!(0.03))?;
        reply.shows("amount 0.03")
    }

    /// The entity tag is that of the row before its change.
    fn outdated_change(&mut self) -> Outcome {
        let reply = self.client.send(&self.changed("0.04"))?.status(412)?;
        reply.problem("precondition_failed", self.client.marker())?;
        reply.shows("refused")
    }

    fn changed(&self, amount: &str) -> Ask {
        let description = &self.rows[0].description;
        Ask::new(Method::PUT, &self.path(0))
            .header("If-Match", &self.tag)
            .json(&json!({"amount": amount, "description": description}))
    }

    fn fresh_row(&mut self) -> Outcome {
        self.list()?;
        let old = format!("/transaction/{}", self.rows[0].id);
        for path in [&self.path(0), &old] {
            let reply = self.client.get(path)?.status(200)?;
            reply.member("/amount", &json!(0.03))?;
        }
        Ok("both routes and the list show 0.03".to_owned())
    }

    fn delete(&mut self) -> Outcome {
        let asked = self.client.delete(&self.path(0))?.status(204)?.asked;
        let old = format!("/transaction/{}", self.rows[1].id);
        let reply = self.client.delete(&old)?.status(200)?;
        let message = format!("transaction with id {} seemingly deleted", self.rows[1].id);
        reply.member("/message", &message.into())?;
        Ok(format!("{asked}, {}", reply.asked))
    }

    fn deleted_rows(&mut self) -> Outcome {
        for row in 0..self.rows.len() {
            let reply = self.client.get(&self.path(row))?.status(404)?;
            reply.problem("not_found", self.client.marker())?;
        }
        let reply = self.client.get("/transaction")?.status(200)?;
        let found = self.own(&reply)?;
        if !found.is_empty() {
            return Err(reply.fault("no row of this run", self.shown(&found)));
        }
        reply.shows("none of this run, each 404")
    }

    fn path(&self, row: usize) -> String {
        format!("/v1/transactions/{}", self.rows[row].id)
    }

    fn remember(&mut self, id: u64, amount: &str, description: String) {
        self.rows.push(Row {
            id,
            amount: amount.to_owned(),
            description,
        });
    }

    /// The id that a `Location` names: below the base path, without a stage.
    fn location(&self, reply: &Reply) -> Result<u64, Fault> {
        let prefix = format!("{}/v1/transactions/", self.client.base_path());
        let found = reply.header("Location").unwrap_or("no Location");
        let id = found.strip_prefix(&prefix).and_then(|id| id.parse().ok());
        id.ok_or_else(|| reply.fault(format!("Location: {prefix}ID"), found))
    }

    /// The rows of this run in a reply of the old list.
    fn own(&self, reply: &Reply) -> Result<Vec<Row>, Fault> {
        let body = reply.json()?;
        let Some(rows) = body["result"].as_array() else {
            return Err(reply.fault("a list result", "none"));
        };
        let mut own = Vec::new();
        for row in rows {
            let description = row["description"].as_str().unwrap_or_default();
            if description.starts_with(self.client.marker()) {
                own.push(Row {
                    id: row["id"].as_u64().unwrap_or_default(),
                    amount: row["amount"].to_string(),
                    description: description.to_owned(),
                });
            }
        }
        Ok(own)
    }

    fn shown(&self, rows: &[Row]) -> String {
        let rows = rows.iter();
        let rows: Vec<_> = rows
            .map(|row| format!("{}: {} ({})", row.id, row.amount, row.description))
            .collect();
        format!("rows of {}: [{}]", self.client.marker(), rows.join(", "))
    }
}
