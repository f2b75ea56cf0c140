//! The image in use: as Kubernetes starts it, with nothing to write to and no right but to run.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use super::{
    compose,
    engine::{Engine, RESTRICTED},
};
use crate::{child, test::Stores};

/// How long one takes at most on an idle machine.
const USUAL_START: Duration = Duration::from_secs(2);
/// How long a start may take on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(30);

/// Runs the image with SQLite, with MySQL and Redis, and without any store.
pub(super) fn check(engine: &Engine, image: &str) -> anyhow::Result<()> {
    on_sqlite(engine, image)?;
    on_servers(engine, image)?;
    without_a_store(engine, image)
}

/// One writable folder: the one for the database file.
fn on_sqlite(engine: &Engine, image: &str) -> anyhow::Result<()> {
    // A folder of the host: what a volume with `fsGroup` is on Kubernetes.
    let folder = engine.path("data");
    fs::create_dir(&folder)?;
    std::os::unix::fs::chown(&folder, Some(65532), Some(65532))?;
    let volume = format!("--volume={}:/var/lib/expense-backend:rw", folder.display());
    let words = [volume.as_str()];
    let start = Instant::now();
    let container = Container::start(engine, image, &words, &[])?;
    container.wait_until_ready()?;
    println!(
        "SQLite: ready {} ms after podman was called",
        start.elapsed().as_millis()
    );
    container.is_restricted()?;
    ensure!(container.is_healthy(), "HEALTHCHECK fails on a ready one");
    container.writes_and_reads()?;
    container.stops()
}

/// No writable place at all, as in production.
fn on_servers(engine: &Engine, image: &str) -> anyhow::Result<()> {
    let stores = Stores::start()?;
    let variables = compose::variables()?;
    let value = |name: &str| variables.iter().find(|(known, _)| known == name);
    let (_, user) = value("DB_USER").context("compose.yaml: no DB_USER")?;
    let (_, password) = value("DB_PWD").context("compose.yaml: no DB_PWD")?;
    stores.make_database(user, password)?;
    let (_, token) = value("REDIS_AUTH_TOKEN").context("compose.yaml: no REDIS_AUTH_TOKEN")?;
    set_password(stores.cache, token)?;
    let settings = settings(stores.database, stores.cache)?;
    let words: Vec<_> = settings.iter().map(String::as_str).collect();
    let mut migrate = vec!["run", "--rm"];
    migrate.extend(RESTRICTED);
    migrate.extend(&words);
    migrate.extend([image, "migrate"]);
    engine.podman(&migrate).context("migrate")?;
    let start = Instant::now();
    let container = Container::start(engine, image, &words, &[])?;
    container.wait_until_ready()?;
    println!(
        "MariaDB and Redis, no writable place: ready {} ms after podman was called",
        start.elapsed().as_millis()
    );
    ensure!(container.is_healthy(), "HEALTHCHECK fails on a ready one");
    container.writes_and_reads()?;
    container.stops()
}

/// Lives, is not ready, and its HEALTHCHECK says so.
fn without_a_store(engine: &Engine, image: &str) -> anyhow::Result<()> {
    let nobody = child::free_port()?;
    let settings = settings(nobody, nobody)?;
    let words: Vec<_> = settings.iter().map(String::as_str).collect();
    let container = Container::start(engine, image, &words, &[])?;
    container.wait_for("/livez")?;
    ensure!(
        !container.is_healthy(),
        "HEALTHCHECK passes where the store cannot be reached"
    );
    println!("no store: alive, and its HEALTHCHECK fails");
    container.stops()
}

/// The variables of compose.yaml, with the servers of this machine.
fn settings(database: u16, cache: u16) -> anyhow::Result<Vec<String>> {
    let servers = [
        ("DB_HOST", "127.0.0.1".to_owned()),
        ("DB_PORT", database.to_string()),
        ("REDIS_HOST", "127.0.0.1".to_owned()),
        ("REDIS_PORT", cache.to_string()),
        ("METRICS_PORT", child::free_port()?.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    Ok(compose::variables()?
        .into_iter()
        .chain(servers)
        .map(|(name, value)| format!("--env={name}={value}"))
        .collect())
}

/// Has Redis ask for a password from now on.
fn set_password(port: u16, password: &str) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(stream, "CONFIG SET requirepass {password}\r\n")?;
    let mut reply = [0; 5];
    stream.read_exact(&mut reply)?;
    ensure!(&reply == b"+OK\r\n", "Redis takes no password");
    Ok(())
}

/// A running container. Dropping it removes it.
struct Container<'a> {
    engine: &'a Engine,
    id: String,
    port: u16,
}

impl<'a> Container<'a> {
    fn start(
        engine: &'a Engine,
        image: &str,
        words: &[&str],
        command: &[&str],
    ) -> anyhow::Result<Self> {
        let port = child::free_port()?;
        let variable = format!("--env=PORT={port}");
        let mut run = vec!["run", "--detach", &variable];
        run.extend(RESTRICTED);
        run.extend(words);
        run.push(image);
        run.extend(command);
        let id = engine.podman(&run)?;
        Ok(Self { engine, id, port })
    }

    fn wait_until_ready(&self) -> anyhow::Result<()> {
        self.wait_for("/readyz")
    }

    fn wait_for(&self, path: &str) -> anyhow::Result<()> {
        let start = Instant::now();
        while !ask(self.port, "GET", path, "").is_ok_and(|reply| reply.starts_with("HTTP/1.1 200"))
        {
            // Asking podman takes as long as a start does.
            if start.elapsed() > USUAL_START {
                let (running, log) = self.engine.state(&self.id)?;
                ensure!(running, "it ended at its start: {log}");
                ensure!(
                    start.elapsed() < START_LIMIT,
                    "{path} is not answered with 200: {log}"
                );
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// What the kernel says of the process.
    fn is_restricted(&self) -> anyhow::Result<()> {
        let pid = self
            .engine
            .podman(&["inspect", "--format", "{{.State.Pid}}", &self.id])?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        for line in [
            "Uid:\t65532\t65532\t65532\t65532",
            "CapPrm:\t0000000000000000",
            "CapBnd:\t0000000000000000",
            "NoNewPrivs:\t1",
        ] {
            ensure!(
                status.lines().any(|found| found == line),
                "the process is not {line:?}: {status}"
            );
        }
        Ok(())
    }

    /// Runs the image's HEALTHCHECK.
    fn is_healthy(&self) -> bool {
        self.engine
            .podman(&["healthcheck", "run", &self.id])
            .is_ok()
    }

    fn writes_and_reads(&self) -> anyhow::Result<()> {
        let body = r#"{"amount":12.5,"description":"Bus ticket"}"#;
        let created = ask(self.port, "POST", "/v1/transactions", body)?;
        ensure!(created.starts_with("HTTP/1.1 201"), "{created}");
        let listed = ask(self.port, "GET", "/transaction", "")?;
        ensure!(
            listed.ends_with(r#"{"result":[{"id":1,"amount":12.5,"description":"Bus ticket"}]}"#),
            "{listed}"
        );
        Ok(())
    }

    /// SIGTERM ends it with 0.
    fn stops(&self) -> anyhow::Result<()> {
        let start = Instant::now();
        self.engine
            .podman(&["kill", "--signal", "TERM", &self.id])?;
        let code = self.engine.podman(&["wait", &self.id])?;
        ensure!(code == "0", "SIGTERM ends it with {code}, not 0");
        println!("  stopped by SIGTERM in {} ms", start.elapsed().as_millis());
        Ok(())
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.engine.podman(&["rm", "--force", &self.id]) {
            eprintln!("the container {} is left behind: {error:#}", self.id);
        }
    }
}

/// One request on a connection of its own; the whole reply as text.
fn ask(port: u16, method: &str, path: &str, body: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    Ok(reply)
}
