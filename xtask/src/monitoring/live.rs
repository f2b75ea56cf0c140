//! Two replicas of the service on real stores, requests that use every route, and a Prometheus that scrapes them with
//! the labels that a ServiceMonitor would give.

use std::{
    fs,
    io::Write as _,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{
    folder::Folder,
    options::Options,
    sources::{RULES, Sources},
};
use crate::{
    child::{self, Server},
    test::Stores,
    workspace,
};

/// Of a database that lives as long as this command, on loopback.
const PASSWORD: &str = "monitoring";
/// Names as a Deployment's pods have them.
const PODS: [&str; 2] = [
    "expense-backend-6d5f8b7c9d-7kq2x",
    "expense-backend-6d5f8b7c9d-m4v9t",
];
/// Who sends requests.
const CALLERS: usize = 6;
const READ: &str = "transactions:read";
const ALL: &str = "transactions:read,transactions:write,transactions:admin";
/// Between two scrapes, and two evaluations of the rules.
const STEP: &str = "2s";

/// What runs. The order of the fields is that of their ends.
pub(super) struct Stage {
    prometheus: Server,
    _replicas: Vec<Server>,
    ports: Ports,
    began: u64,
    ended: u64,
    stores: Stores,
    folder: Folder,
}

struct Ports {
    prometheus: u16,
    api: Vec<u16>,
    metrics: Vec<u16>,
}

impl Stage {
    /// Starts everything, sends requests for as long as the options say, and leaves it running.
    pub(super) fn play(options: &Options, sources: &Sources) -> anyhow::Result<Self> {
        let binary = match &options.binary {
            Some(path) => fs::canonicalize(path).with_context(|| format!("{}", path.display()))?,
            None => build()?,
        };
        let folder = Folder::new()?;
        let stores = Stores::start()?;
        make_database(stores.database)?;
        let (keys, key_list) = keys(&binary)?;
        let common = variables(&stores, &key_list);
        migrate(&binary, &common)?;
        let ports = Ports {
            prometheus: child::free_port()?,
            api: vec![child::free_port()?, child::free_port()?],
            metrics: vec![child::free_port()?, child::free_port()?],
        };
        let mut replicas = Vec::new();
        for (api, metrics) in ports.api.iter().zip(&ports.metrics) {
            let mut words = common.clone();
            words.extend([format!("PORT={api}"), format!("METRICS_PORT={metrics}")]);
            words.push(binary.display().to_string());
            let log = folder.path().join(format!("service-{api}.log"));
            let mut replica = Server::start("the service", "env", &words, log)?;
            replica.wait_until(|| ready(*api))?;
            replicas.push(replica);
        }
        let prometheus = prometheus(&folder, &ports, sources)?;
        let mut stage = Self {
            prometheus,
            _replicas: replicas,
            ports,
            began: now()?,
            ended: 0,
            stores,
            folder,
        };
        stage.traffic(options.seconds(), &keys)?;
        Ok(stage)
    }

    /// Sends the requests; the cache hangs for a while in the midst of them.
    fn traffic(&mut self, seconds: u64, keys: &str) -> anyhow::Result<()> {
        self.folder.write("keys", keys)?;
        let mut command = Command::new("python3");
        command
            .arg(workspace::root().join("tests/monitoring/traffic.py"))
            .args(["--seconds", &seconds.to_string()])
            .arg("--keys")
            .arg(self.folder.path().join("keys"));
        for port in &self.ports.api {
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
        let port = self.ports.metrics.first().context("no replica")?;
        let mut reply = ureq::get(format!("http://127.0.0.1:{port}/metrics")).call()?;
        Ok(reply.body_mut().read_to_string()?)
    }

    /// The result of a query at the end of the requests.
    pub(super) fn ask(&self, expression: &str) -> anyhow::Result<Vec<Value>> {
        let url = format!("{}/api/v1/query", self.url());
        let mut reply = ureq::get(url)
            .query("query", expression)
            .query("time", self.ended.to_string())
            .call()
            .with_context(|| format!("Prometheus refuses {expression}"))?;
        let reply: Value = serde_json::from_str(&reply.body_mut().read_to_string()?)?;
        let list = reply["data"]["result"].as_array();
        Ok(list.cloned().unwrap_or_default())
    }

    /// Where Prometheus answers.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.prometheus)
    }

    /// When the requests began and ended, in seconds since 1970.
    pub(super) fn span(&self) -> (u64, u64) {
        (self.began, self.ended)
    }

    /// Fails with its own words where Prometheus ended.
    pub(super) fn alive(&mut self) -> anyhow::Result<()> {
        let port = self.ports.prometheus;
        self.prometheus.wait_until(|| child::listens(port))
    }
}

fn now() -> anyhow::Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

fn build() -> anyhow::Result<PathBuf> {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "--bin", "expense-backend"])
        .current_dir(workspace::root())
        .status()
        .context("starting cargo build")?;
    ensure!(status.success(), "the release build failed");
    Ok(workspace::target().join("release/expense-backend"))
}

fn make_database(port: u16) -> anyhow::Result<()> {
    let mut client = Command::new("mariadb")
        .args(["--no-defaults", "-uroot", "-h127.0.0.1"])
        .arg(format!("-P{port}"))
        .stdin(Stdio::piped())
        .spawn()
        .context("starting mariadb")?;
    let sql = format!(
        "CREATE DATABASE transactions CHARACTER SET utf8mb4;
         CREATE USER expense@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';
         GRANT ALL ON transactions.* TO expense@'127.0.0.1';"
    );
    let mut stdin = client.stdin.take().context("mariadb has no input")?;
    stdin.write_all(sql.as_bytes())?;
    drop(stdin);
    ensure!(client.wait()?.success(), "the database could not be made");
    Ok(())
}

/// Keys, one a line, and the list for the service: first the one of who asks too often, then of each caller one that
/// may all and one that may only read.
fn keys(binary: &Path) -> anyhow::Result<(String, String)> {
    let mut callers = vec![("hasty".to_owned(), READ)];
    for number in 0..CALLERS {
        callers.push((format!("team-{number}"), ALL));
        callers.push((format!("reader-{number}"), READ));
    }
    let mut keys = String::new();
    let mut list = Vec::new();
    for (name, scopes) in callers {
        let output = Command::new(binary)
            .args(["keys", "new", "--name", &name, "--scope", scopes])
            .output()
            .with_context(|| format!("starting {}", binary.display()))?;
        let text = String::from_utf8(output.stdout)?;
        let lines = text.split_once('\n');
        let (key, entry) = lines.context("keys new printed no two lines")?;
        keys.push_str(key);
        keys.push('\n');
        let entry: Vec<Value> = serde_json::from_str(entry)?;
        list.extend(entry);
    }
    Ok((keys, serde_json::to_string(&list)?))
}

fn variables(stores: &Stores, keys: &str) -> Vec<String> {
    let words = [
        "HOST=127.0.0.1",
        "DB_HOST=127.0.0.1",
        "DB_USER=expense",
        "DB_DATABASE=transactions",
        "REDIS_HOST=127.0.0.1",
        "AUTH_MODE=api-key",
        // 10 a second, with little patience for bursts.
        "RATE_LIMIT_REQUESTS=60",
        "RATE_LIMIT_WINDOW_SECS=6",
        "LOG_FORMAT=json",
        "LOG_LEVEL=warn",
    ];
    let mut words: Vec<_> = words.map(str::to_owned).into();
    words.push(format!("DB_PWD={PASSWORD}"));
    words.push(format!("DB_PORT={}", stores.database));
    words.push(format!("REDIS_PORT={}", stores.cache));
    words.push(format!("API_KEYS={keys}"));
    words
}

fn migrate(binary: &Path, variables: &[String]) -> anyhow::Result<()> {
    let output = Command::new("env")
        .args(variables)
        .arg(binary)
        .arg("migrate")
        .output()
        .context("starting the migration")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "migrate: {}", said.trim());
    Ok(())
}

fn ready(port: u16) -> bool {
    let reply = ureq::get(format!("http://127.0.0.1:{port}/readyz")).call();
    reply.is_ok_and(|reply| reply.status() == 200)
}

/// Has Redis answer nobody for some time, as if it hung.
fn pause_cache(port: u16, milliseconds: u64) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).context("reaching Redis")?;
    write!(stream, "CLIENT PAUSE {milliseconds} ALL\r\n")?;
    Ok(())
}

fn prometheus(folder: &Folder, ports: &Ports, sources: &Sources) -> anyhow::Result<Server> {
    // The same rules at a quicker pace.
    let rules = sources.text(RULES)?;
    let paced: Vec<_> = rules
        .lines()
        .map(|line| match line.strip_prefix("    interval: ") {
            Some(_) => format!("    interval: {STEP}"),
            None => line.to_owned(),
        })
        .collect();
    folder.write("rules.yaml", &paced.join("\n"))?;
    let targets: Vec<_> = ports
        .metrics
        .iter()
        .zip(PODS)
        .map(|(port, pod)| {
            serde_json::json!({
                "targets": [format!("127.0.0.1:{port}")],
                "labels": {
                    "namespace": "expense", "service": "expense-backend", "pod": pod,
                    "container": "expense-backend", "endpoint": "metrics",
                },
            })
        })
        .collect();
    // JSON is YAML.
    let config = serde_json::json!({
        "global": {"scrape_interval": STEP, "scrape_timeout": STEP, "evaluation_interval": STEP},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [{"job_name": "expense-backend", "honor_labels": true, "static_configs": targets}],
    });
    folder.write("prometheus.yaml", &config.to_string())?;
    let port = ports.prometheus;
    let words = [
        format!(
            "--config.file={}",
            folder.path().join("prometheus.yaml").display()
        ),
        format!(
            "--storage.tsdb.path={}",
            folder.path().join("series").display()
        ),
        format!("--web.listen-address=127.0.0.1:{port}"),
        "--log.level=warn".to_owned(),
    ];
    let log = folder.path().join("prometheus.log");
    let mut server = Server::start("Prometheus", "prometheus", &words, log)?;
    server.wait_until(|| {
        let reply = ureq::get(format!("http://127.0.0.1:{port}/-/ready")).call();
        reply.is_ok_and(|reply| reply.status() == 200)
    })?;
    Ok(server)
}
