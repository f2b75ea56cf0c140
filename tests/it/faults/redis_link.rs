//! The link: logins, certificates, and a server that is not there.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use expense_backend::{
    cache::{Cache as _, Change, Health, Key, Lookup},
    redis_link::Link,
    secrets::{Login, Rotating, Secret},
};

use crate::support::{
    cache::{self, TTL, no_login, on_port},
    process::{Process, free_port},
    redis::Redis,
    wait,
};

const LIMIT: Duration = Duration::from_secs(15);

async fn connected(link: &Link) -> u64 {
    let mut status = link.status();
    link.want();
    let session = tokio::time::timeout(LIMIT, status.wait_for(|status| status.session.is_some()));
    let status = session.await.expect("a connection").unwrap();
    status.session.as_ref().unwrap().number()
}

fn login(password: &str, port: Option<u16>) -> Login {
    Login {
        password: Some(Secret::new(password.to_owned())),
        port,
        ..no_login()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_nobody_waits() {
    let cache = cache::redis(free_port(), "none");
    let begun = Instant::now();
    assert!(matches!(cache.lookup(Key::List).await, Lookup::Bypass));
    assert!(begun.elapsed() < Duration::from_millis(100));
    assert_eq!(cache.probe().await, Health::Disconnected);
    cache.invalidate(Change::Everything).await;
    assert_eq!(cache.owed(), 1);
    cache.close().await;
}

/// What a probe of the first second sees is a server that is being connected to, not one that is away.
#[tokio::test(flavor = "multi_thread")]
async fn a_first_probe_waits_for_the_connection() {
    let redis = Redis::start();
    let link = Link::new(
        &on_port(redis.port()),
        Arc::new(Rotating::fixed(no_login())),
    )
    .unwrap();
    let cache = expense_backend::cache::redis::RedisCache::new(link, "first", true, TTL);
    assert_eq!(cache.probe().await, Health::Connected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_read_again() {
    let redis = Redis::start_with(&["--requirepass", "right"]);
    let reads = Arc::new(AtomicU32::new(0));
    let counted = reads.clone();
    let rotating = Rotating::refreshed(login("wrong", None), move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok(login("right", None)) }
    });
    let link = Link::new(&on_port(redis.port()), Arc::new(rotating)).unwrap();
    connected(&link).await;
    assert_eq!(reads.load(Ordering::SeqCst), 1);
}

/// While no better login is to be had the secret is not read with every trial.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_stays_wrong_is_not_read_all_the_time() {
    let redis = Redis::start_with(&["--requirepass", "right"]);
    let reads = Arc::new(AtomicU32::new(0));
    let counted = reads.clone();
    let rotating = Rotating::refreshed(login("wrong", None), move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok(login("wrong", None)) }
    });
    let link = Link::new(&on_port(redis.port()), Arc::new(rotating)).unwrap();
    link.want();
    let mut status = link.status();
    let end = Instant::now() + Duration::from_secs(4);
    while Instant::now() < end {
        let changed = tokio::time::timeout(Duration::from_millis(100), status.changed());
        drop(changed.await);
    }
    assert!(link.current().is_none());
    let reads = reads.load(Ordering::SeqCst);
    assert!((1..=3).contains(&reads), "{reads} reads in 4 s");
}

/// A new login, here with a new port, replaces the connection; the old one serves until then.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_login_is_taken_up() {
    let old = Redis::start_with(&["--requirepass", "first"]);
    let new = Redis::start_with(&["--requirepass", "second"]);
    let port = new.port();
    let rotating = Rotating::refreshed(login("first", None), move || async move {
        Ok(login("second", Some(port)))
    });
    let rotating = Arc::new(rotating);
    let link = Link::new(&on_port(old.port()), rotating.clone()).unwrap();
    let first = connected(&link).await;
    let run = link.current().unwrap().identity().run_id.clone();
    rotating.renew(&rotating.current()).await.unwrap();
    let mut status = link.status();
    let replaced = status.wait_for(|status| {
        assert!(status.session.is_some(), "the old one stays until then");
        status
            .session
            .as_ref()
            .is_some_and(|session| session.number() > first)
    });
    drop(
        tokio::time::timeout(LIMIT, replaced)
            .await
            .expect("a new connection"),
    );
    assert_ne!(link.current().unwrap().identity().run_id, run);
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_verified() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::make(folder.path(), "one");
    let stranger = Authority::make(folder.path(), "two");
    let port = free_port();
    let _server = authority.serve(port);
    let link = |bundle: PathBuf, host: &str| {
        let mut config = on_port(port);
        config.tls = true;
        config.ca_bundle = Some(bundle);
        config.host = Some(host.to_owned());
        Link::new(&config, Arc::new(Rotating::fixed(login("token", None)))).unwrap()
    };
    for host in ["127.0.0.1", "localhost"] {
        connected(&link(authority.bundle(), host)).await;
    }
    let refused = link(stranger.bundle(), "127.0.0.1");
    refused.want();
    wait_down(&refused).await;
    let mut plain = on_port(port);
    plain.token = Some(Secret::new("token".to_owned()));
    let plain = Link::new(&plain, Arc::new(Rotating::fixed(no_login()))).unwrap();
    plain.want();
    wait_down(&plain).await;
}

async fn wait_down(link: &Link) {
    let end = Instant::now() + LIMIT;
    while !link.is_down() {
        assert!(Instant::now() < end, "it connected, or never tried");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(link.current().is_none());
}

/// Certificates of one authority, made on the spot.
struct Authority {
    folder: PathBuf,
}

impl Authority {
    fn make(folder: &Path, name: &str) -> Self {
        let folder = folder.join(name);
        std::fs::create_dir(&folder).unwrap();
        let key = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
        openssl(
            &folder,
            &format!("{key} -subj /CN={name} -keyout ca.key -out ca.pem"),
        );
        openssl(
            &folder,
            &format!(
                "{key} -subj /CN=server -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
                 -addext basicConstraints=critical,CA:false -CA ca.pem -CAkey ca.key \
                 -keyout tls.key -out tls.pem"
            ),
        );
        Self { folder }
    }

    fn bundle(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    fn serve(&self, port: u16) -> Process {
        let server = Process::start(
            Command::new("redis-server")
                .args(["--port", "0", "--tls-port", &port.to_string()])
                .args(["--bind", "127.0.0.1", "--save", "", "--dir", "."])
                .args(["--tls-cert-file", "tls.pem", "--tls-key-file", "tls.key"])
                .args(["--tls-ca-cert-file", "ca.pem", "--tls-auth-clients", "no"])
                .args(["--requirepass", "token"])
                .current_dir(&self.folder)
                .stdin(Stdio::null())
                .stdout(Stdio::null()),
        );
        wait::until("a Redis with TLS", LIMIT, || {
            std::net::TcpStream::connect(("127.0.0.1", port)).ok()
        });
        server
    }
}

fn openssl(folder: &Path, words: &str) {
    let made = Command::new("openssl")
        .args(words.split_whitespace())
        .current_dir(folder)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success(), "openssl {words}");
}
