//! Replicas of the service on real stores, requests that use its routes, and a Prometheus that scrapes them with the
//! labels that a ServiceMonitor would give.

use std::{
    io::Write as _,
    net::TcpStream,
    process::Command,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{
    options::Options,
    replicas::{self, Replicas},
    sources::{RULES, Sources},
};
use crate::{
    child::{self, Server},
    temporary::Folder,
    test::Stores,
    workspace,
};

/// Names as a Deployment's pods have them.
const PODS: [&str; 2] = [
    "expense-backend-6d5f8b7c9d-7kq2x",
    "expense-backend-6d5f8b7c9d-m4v9t",
];
/// Between two scrapes, and two evaluations of the rules.
const STEP: &str = "2s";

/// What runs. The order of the fields is that of their ends.
pub(super) struct Stage {
    prometheus: Server,
    port: u16,
    replicas: Replicas,
    began: u64,
    ended: u64,
    stores: Stores,
    folder: Folder,
}

impl Stage {
    /// Starts everything, sends requests for as long as the options say, and leaves it running.
    pub(super) fn play(options: &Options, sources: &Sources) -> anyhow::Result<Self> {
        let folder = Folder::new("monitoring")?;
        let stores = Stores::start()?;
        let replicas = Replicas::start(options, &stores, &folder)?;
        let port = child::free_port()?;
        let prometheus = prometheus(&folder, port, &replicas, sources)?;
        let mut stage = Self {
            prometheus,
            port,
            replicas,
            began: now()?,
            ended: 0,
            stores,
            folder,
        };
        stage.traffic(options.seconds)?;
        Ok(stage)
    }

    /// Sends the requests; the cache hangs for a while in the midst of them.
    fn traffic(&mut self, seconds: u64) -> anyhow::Result<()> {
        let keys = self.folder.file("keys", &self.replicas.keys)?;
        let mut command = Command::new("python3");
        command
            .arg(workspace::root().join("tests/monitoring/traffic.py"))
            .args(["--seconds", &seconds.to_string()])
            .arg("--keys")
            .arg(keys);
        for port in &self.replicas.api {
            command.arg(format!("http://127.0.0.1:{port}"));
        }
        let mut child = command.spawn().context("starting traffic.py")?;
        std::thread::sleep(Duration::from_secs(seconds * 6 / 10));
        let pause = pause_cache(self.stores.cache, seconds * 1000 / 20);
        ensure!(child.wait()?.success(), "traffic.py failed: see above");
        pause?;
        self.ended = now()?;
        Ok(())
    }

    /// What the first replica shows now.
    pub(super) fn exposition(&self) -> anyhow::Result<String> {
        let port = self.replicas.metrics.first().context("no replica")?;
        let mut reply = ureq::get(format!("http://127.0.0.1:{port}/metrics")).call()?;
        Ok(reply.body_mut().read_to_string()?)
    }

    /// The largest value that each series of a query had while there were requests: on a busy machine the last moment
    /// may have none.
    pub(super) fn ask(&self, expression: &str) -> anyhow::Result<Vec<Value>> {
        let url = format!("{}/api/v1/query", self.url());
        let span = self.ended.saturating_sub(self.began) + 1;
        let expression = format!("max_over_time(({expression})[{span}s:{STEP}])");
        let mut reply = ureq::get(url)
            .query("query", &expression)
            .query("time", self.ended.to_string())
            .call()
            .with_context(|| format!("Prometheus refuses {expression}"))?;
        let reply: Value = serde_json::from_str(&reply.body_mut().read_to_string()?)?;
        let list = reply["data"]["result"].as_array();
        Ok(list.cloned().unwrap_or_default())
    }

    /// Where Prometheus answers.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// When the requests began and ended, in seconds since 1970.
    pub(super) fn span(&self) -> (u64, u64) {
        (self.began, self.ended)
    }

    /// Fails with its own words where Prometheus ended.
    pub(super) fn alive(&mut self) -> anyhow::Result<()> {
        let port = self.port;
        self.prometheus.wait_until(|| child::listens(port))
    }
}

fn now() -> anyhow::Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// Has Redis answer nobody for some time, as if it hung.
fn pause_cache(port: u16, milliseconds: u64) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).context("reaching Redis")?;
    write!(stream, "CLIENT PAUSE {milliseconds} ALL\r\n")?;
    Ok(())
}

fn prometheus(
    folder: &Folder,
    port: u16,
    replicas: &Replicas,
    sources: &Sources,
) -> anyhow::Result<Server> {
    folder.file("rules.yaml", paced(sources.text(RULES)?))?;
    let config = folder.file("prometheus.yaml", configuration(replicas).to_string())?;
    let words = [
        format!("--config.file={}", config.display()),
        format!(
            "--storage.tsdb.path={}",
            folder.path().join("series").display()
        ),
        format!("--web.listen-address=127.0.0.1:{port}"),
        "--log.level=warn".to_owned(),
    ];
    let log = folder.path().join("prometheus.log");
    let mut server = Server::start("Prometheus", "prometheus", &words, log)?;
    server.wait_until(|| replicas::answers(&format!("http://127.0.0.1:{port}/-/ready")))?;
    Ok(server)
}

/// The same rules at a quicker pace.
fn paced(rules: &str) -> String {
    let lines = rules.lines().map(|line| {
        if line.starts_with("    interval: ") {
            format!("    interval: {STEP}")
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// JSON is YAML.
fn configuration(replicas: &Replicas) -> Value {
    let targets = replicas.metrics.iter().zip(PODS).map(|(port, pod)| {
        serde_json::json!({
            "targets": [format!("127.0.0.1:{port}")],
            "labels": {
                "namespace": "expense", "service": "expense-backend", "pod": pod,
                "container": "expense-backend", "endpoint": "metrics",
            },
        })
    });
    serde_json::json!({
        "global": {"scrape_interval": STEP, "scrape_timeout": STEP, "evaluation_interval": STEP},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [{
            "job_name": "expense-backend",
            "honor_labels": true,
            "static_configs": targets.collect::<Vec<_>>(),
        }],
    })
}
