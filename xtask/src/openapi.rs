//! `cargo xtask openapi`: does the running service keep what its OpenAPI document promises? schemathesis asks.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, bail};

use crate::{child::Server, python_tool::PythonTool, service, temporary::Folder, workspace};

const SCHEMATHESIS: PythonTool = PythonTool {
    folder: "schemathesis-4.32.5",
    packages: &["schemathesis==4.32.5"],
};

/// Examples for each operation and phase: about a minute.
const EXAMPLES: &str = "60";

/// Starts the release binary on an empty SQLite file and has every operation tried. Words are handed on.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let program = SCHEMATHESIS.bin()?.join("schemathesis");
    let service = service::release()?;
    let folder = Folder::new("openapi")?;
    conform(&program, &service, folder.path(), words)
}

fn conform(program: &Path, service: &Path, folder: &Path, words: &[String]) -> anyhow::Result<()> {
    let log = folder.join("log");
    // `env` sets the variables and becomes the service.
    let mut start = vec!["PORT=0", "RATE_LIMIT_REQUESTS=0"]
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    start.push(format!(
        "SQLITE_PATH={}",
        folder.join("expense.db").display()
    ));
    start.push(service.display().to_string());
    let mut server = Server::start("the service", "env", &start, log.clone())?;
    server.wait_until(|| address(&log).is_some())?;
    let address = address(&log).context("no address in the first log line")?;
    let rules = workspace::root().join("tests/openapi");
    let status = Command::new(program)
        .arg("--config-file")
        .arg(rules.join("schemathesis.toml"))
        .args(["run", &format!("http://{address}/openapi.json")])
        .args(["--checks", "all", "--max-examples", EXAMPLES])
        .args(words)
        .env("SCHEMATHESIS_HOOKS", rules.join("hooks.py"))
        .current_dir(folder)
        .status()
        .context("starting schemathesis")?;
    if !status.success() {
        bail!("the service and its OpenAPI document differ: see above");
    }
    Ok(())
}

fn address(log: &Path) -> Option<String> {
    let text = fs::read_to_string(log).ok()?;
    let first = text.split_inclusive('\n').next()?.strip_suffix('\n')?;
    let at = first.find("127.0.0.1:")?;
    let rest = &first[at..];
    let end = rest.find(|c: char| !(c.is_ascii_digit() || ".:".contains(c)));
    Some(rest[..end.unwrap_or(rest.len())].to_owned())
}
