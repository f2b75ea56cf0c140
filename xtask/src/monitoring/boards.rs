//! The dashboards: models as Grafana keeps them, without the wrapper of its API.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde_json::Value;

use super::sources::{BOARDS, PANELS, Sources};

/// A ConfigMap holds 1 MiB; half of it leaves room for the rest of the object.
const MOST_BYTES: usize = 500_000;
/// Grafana's grid.
const COLUMNS: u64 = 24;
/// The schema that the models are written in; Grafana brings older ones up to date when it reads them.
const SCHEMA: u64 = 39;
/// The variables of each board.
const VARIABLES: [&str; 3] = ["datasource", "namespace", "release"];
const KINDS: [&str; 6] = [
    "bargauge",
    "gauge",
    "piechart",
    "stat",
    "table",
    "timeseries",
];
/// Grafana's names of units, as far as the boards use them.
const UNITS: [&str; 11] = [
    "Bps",
    "bytes",
    "currencyUSD",
    "d",
    "ops",
    "percent",
    "percentunit",
    "reqps",
    "s",
    "short",
    "none",
];

/// A query of a panel.
pub(super) struct Query {
    pub(super) title: String,
    pub(super) expression: String,
    pub(super) legend: String,
}

impl Query {
    /// The expression as Grafana sends it, with windows of the given length.
    pub(super) fn settled(&self, window: &str) -> String {
        self.expression
            .replace("$__rate_interval", window)
            .replace("$__range", "1h")
            .replace("$namespace", "expense")
            .replace("$release", ".+")
    }
}

/// Every query of a board.
pub(super) fn queries(board: &Value) -> Vec<Query> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut queries = Vec::new();
    for panel in panels(board) {
        for target in panel["targets"].as_array().into_iter().flatten() {
            queries.push(Query {
                title: text(&panel["title"]),
                expression: text(&target["expr"]),
                legend: text(&target["legendFormat"]),
            });
        }
    }
    for variable in board["templating"]["list"].as_array().into_iter().flatten() {
        let asked = variable["definition"].as_str().unwrap_or_default();
        let inner = asked
            .strip_prefix("label_values(")
            .and_then(|rest| rest.strip_suffix(')'));
        if let Some((series, label)) = inner.and_then(|inner| inner.rsplit_once(", ")) {
            queries.push(Query {
                title: format!("variable {}", text(&variable["name"])),
                expression: series.to_owned(),
                legend: format!("{{{{{label}}}}}"),
            });
        }
    }
    for note in board["annotations"]["list"]
        .as_array()
        .into_iter()
        .flatten()
    {
        if let Some(expression) = note["expr"].as_str() {
            queries.push(Query {
                title: text(&note["name"]),
                expression: expression.to_owned(),
                legend: text(&note["textFormat"]),
            });
        }
    }
    queries
}

fn panels(board: &Value) -> impl Iterator<Item = &Value> {
    board["panels"].as_array().into_iter().flatten()
}

/// Whether each is a model that Grafana's provisioning loads, and each panel says what it shows.
pub(super) fn plain(sources: &Sources) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for (path, board) in sources.boards()? {
        let mut found = model(&board);
        let name = path.strip_prefix(BOARDS).unwrap_or(path).trim_matches('/');
        if board["uid"] != format!("expense-{}", name.trim_end_matches(".json")) {
            found.push(format!("its uid is {}", board["uid"]));
        }
        if sources.text(path)?.len() > MOST_BYTES {
            found.push("it is too large for a ConfigMap".to_owned());
        }
        found.extend(variables(&board));
        let mut ids = BTreeSet::new();
        for panel in panels(&board) {
            if !panel["id"]
                .as_u64()
                .is_some_and(|id| id > 0 && ids.insert(id))
            {
                found.push(format!("the id {} is no id, or there twice", panel["id"]));
            }
            found.extend(of_panel(panel));
        }
        found.extend(overlaps(&board));
        faults.extend(found.iter().map(|fault| format!("{path}: {fault}")));
    }
    Ok(faults)
}

fn model(board: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    if board.get("dashboard").is_some() {
        faults.push("it is wrapped as for Grafana's API: provisioning ignores it".to_owned());
    }
    if !board["id"].is_null() {
        faults.push("it has an id of one Grafana".to_owned());
    }
    if board["schemaVersion"] != SCHEMA {
        faults.push(format!(
            "its schemaVersion is {}, not {SCHEMA}",
            board["schemaVersion"]
        ));
    }
    for key in ["title", "description", "timezone", "refresh"] {
        if empty(&board[key]) {
            faults.push(format!("it has no {key}"));
        }
    }
    if panels(board).next().is_none() {
        faults.push("it has no panels".to_owned());
    }
    faults
}

fn variables(board: &Value) -> Vec<String> {
    let list = board["templating"]["list"].as_array();
    let found: Vec<_> = list
        .into_iter()
        .flatten()
        .filter_map(|one| one["name"].as_str())
        .collect();
    let mut faults = Vec::new();
    if found != VARIABLES {
        faults.push(format!("its variables are {found:?}"));
    }
    if board["templating"]["list"][0]["type"] != "datasource" {
        faults.push("its first variable is no data source".to_owned());
    }
    let asking = queries(board)
        .iter()
        .filter(|query| query.title.starts_with("variable "))
        .count();
    if asking != VARIABLES.len() - 1 {
        faults.push("namespace and release do not ask label_values(SERIES, LABEL)".to_owned());
    }
    let panels = board["panels"].to_string();
    for name in VARIABLES {
        if !panels.contains(&format!("${name}")) && !panels.contains(&format!("${{{name}}}")) {
            faults.push(format!("no panel uses the variable {name}"));
        }
    }
    faults
}

fn of_panel(panel: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let title = panel["title"].as_str().unwrap_or_default();
    let mut fault = |what: &str| faults.push(format!("{title:?} {what}"));
    if title.is_empty() {
        fault("has no title");
    }
    if panel["type"] == "row" {
        return faults;
    }
    if !panel["type"]
        .as_str()
        .is_some_and(|kind| KINDS.contains(&kind))
    {
        fault("is of no kind that is known");
    }
    if empty(&panel["description"]) {
        fault("has no description");
    }
    let unit = panel["fieldConfig"]["defaults"]["unit"].as_str();
    if !unit.is_some_and(|unit| UNITS.contains(&unit)) {
        fault("has no unit that is known");
    }
    let legend = &panel["options"]["legend"];
    if ["timeseries", "piechart"]
        .iter()
        .any(|kind| panel["type"] == *kind)
        && legend["showLegend"] != true
    {
        fault("shows no legend");
    }
    let mut letters = BTreeSet::new();
    for target in panel["targets"].as_array().into_iter().flatten() {
        if !target["refId"]
            .as_str()
            .is_some_and(|letter| letters.insert(letter))
        {
            fault("has queries without a letter of their own");
        }
        if empty(&target["expr"])
            || empty(&target["legendFormat"])
            || target["legendFormat"] == "__auto"
        {
            fault("has a query without expression or legend");
        }
        if target["datasource"]["uid"] != "${datasource}" {
            fault("asks a fixed data source");
        }
    }
    if letters.is_empty() || panel["datasource"]["uid"] != "${datasource}" {
        fault("has no queries, or a fixed data source");
    }
    faults
}

fn empty(value: &Value) -> bool {
    value.as_str().is_none_or(|text| text.trim().is_empty())
}

/// Panels that leave the grid or lie on each other.
fn overlaps(board: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut taken = BTreeSet::new();
    for panel in panels(board) {
        let side = |key: &str| panel["gridPos"][key].as_u64().unwrap_or_default();
        let (x, y, w, h) = (side("x"), side("y"), side("w"), side("h"));
        if w == 0 || h == 0 || x + w > COLUMNS {
            faults.push(format!("{} leaves the grid", panel["title"]));
        }
        let mut cells = (y..y + h).flat_map(|row| (x..x + w).map(move |column| (row, column)));
        if !cells.all(|cell| taken.insert(cell)) {
            faults.push(format!("{} lies on another panel", panel["title"]));
        }
    }
    faults
}

/// Whether every panel that the design lists is on its board.
pub(super) fn designed(sources: &Sources) -> anyhow::Result<Vec<String>> {
    let list = sources.json(PANELS)?;
    let boards = sources.boards()?;
    let mut faults = Vec::new();
    for wanted in list["boards"]
        .as_array()
        .context("panels.json lists no boards")?
    {
        let Some((path, board)) = boards
            .iter()
            .find(|(_, board)| board["uid"] == wanted["uid"])
        else {
            faults.push(format!("there is no board {}", wanted["uid"]));
            continue;
        };
        for panel in wanted["panels"].as_array().into_iter().flatten() {
            if !panels(board).any(|found| found["title"] == panel["title"]) {
                faults.push(format!(
                    "{path} has no panel {} for {}",
                    panel["title"], panel["shows"]
                ));
            }
        }
    }
    Ok(faults)
}
