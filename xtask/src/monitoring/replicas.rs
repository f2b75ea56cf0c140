//! Two replicas of the service on one database and one cache.

use std::{path::Path, process::Command};

use anyhow::Context as _;
use serde_json::Value;

use super::options::Options;
use crate::{
    child::{self, Server},
    program, service,
    temporary::Folder,
    test::Stores,
};

/// Who sends requests.
const CALLERS: usize = 6;
const READ: &str = "transactions:read";
const ALL: &str = "transactions:read,transactions:write,transactions:admin";

type Variables = Vec<(&'static str, String)>;

/// Where each answers, and the keys that its callers have.
pub(super) struct Replicas {
    pub(super) api: Vec<u16>,
    pub(super) metrics: Vec<u16>,
    /// One a line: of who asks too often, then of each caller one that may all and one that may only read.
    pub(super) keys: String,
    _running: Vec<Server>,
}

impl Replicas {
    /// Makes the database, and starts them.
    pub(super) fn start(
        options: &Options,
        stores: &Stores,
        folder: &Folder,
    ) -> anyhow::Result<Self> {
        let binary = service::named_or_release(options.binary.as_deref())?;
        let (keys, list) = keys(&binary)?;
        let common = variables(stores, list)?;
        program::said(Command::new(&binary).arg("migrate").envs(common.clone()))?;
        let mut replicas = Self {
            api: Vec::new(),
            metrics: Vec::new(),
            keys,
            _running: Vec::new(),
        };
        for _ in 0..2 {
            replicas.add(&binary, &common, folder)?;
        }
        Ok(replicas)
    }

    fn add(&mut self, binary: &Path, common: &Variables, folder: &Folder) -> anyhow::Result<()> {
        let (api, metrics) = (child::free_port()?, child::free_port()?);
        let mut variables = common.clone();
        variables.push(("PORT", api.to_string()));
        variables.push(("METRICS_PORT", metrics.to_string()));
        let log = folder.path().join(format!("service-{api}.log"));
        let program = binary.display().to_string();
        let mut replica = Server::start_with("the service", &program, &[], &variables, log)?;
        replica.wait_until(|| answers(&format!("http://127.0.0.1:{api}/readyz")))?;
        self.api.push(api);
        self.metrics.push(metrics);
        self._running.push(replica);
        Ok(())
    }
}

/// Whether a GET is answered with 200.
pub(super) fn answers(url: &str) -> bool {
    let reply = ureq::get(url).call();
    reply.is_ok_and(|reply| reply.status() == 200)
}

/// The callers' keys, and the list of them for the service.
fn keys(binary: &Path) -> anyhow::Result<(String, String)> {
    let mut callers = vec![("hasty".to_owned(), READ)];
    for number in 0..CALLERS {
        callers.push((format!("team-{number}"), ALL));
        callers.push((format!("reader-{number}"), READ));
    }
    let mut keys = String::new();
    let mut list = Vec::new();
    for (name, scopes) in callers {
        let words = ["keys", "new", "--name", &name, "--scope", scopes];
        let text = program::said(Command::new(binary).args(words))?;
        let lines = text.split_once('\n');
        let (key, entry) = lines.context("keys new printed no two lines")?;
        keys.push_str(key);
        keys.push('\n');
        let entry: Vec<Value> = serde_json::from_str(entry)?;
        list.extend(entry);
    }
    Ok((keys, serde_json::to_string(&list)?))
}

fn variables(stores: &Stores, keys: String) -> anyhow::Result<Variables> {
    let fixed = [
        ("HOST", "127.0.0.1"),
        ("AUTH_MODE", "api-key"),
        // 10 a second, with little patience for bursts.
        ("RATE_LIMIT_REQUESTS", "60"),
        ("RATE_LIMIT_WINDOW_SECS", "6"),
        ("LOG_FORMAT", "json"),
        ("LOG_LEVEL", "warn"),
    ];
    let mut variables = stores.for_the_service()?;
    variables.extend(fixed.map(|(name, value)| (name, value.to_owned())));
    variables.push(("API_KEYS", keys));
    Ok(variables)
}
