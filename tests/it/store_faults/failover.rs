//! Another server behind the name, another password, another address: taken up without a failed call.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use expense_backend::{
    secrets::{Login, Rotating, Secret},
    store::{ErrorKind, Store as _, StoreError},
};

use super::{Scene, add, add_once, check_created, check_unavailable, first};
use crate::support::{database::PASSWORD, table::off_runtime};

#[tokio::test(flavor = "multi_thread")]
async fn a_demoted_server_is_left_for_the_one_behind_the_name_now() {
    let (Some(old), Some(new)) = (Scene::new().await, Scene::new().await) else {
        return;
    };
    // The same database on both, as on a writer and the replica that takes over.
    let (database, user) = (old.database().name().to_owned(), old.database().user());
    let other = new.database().name().to_owned();
    new.execute(&format!(
        "CREATE DATABASE {database}; CREATE TABLE {database}.transactions LIKE {other}.transactions; \
         CREATE TABLE {database}.idempotency_keys LIKE {other}.idempotency_keys; \
         CREATE USER '{user}'@'%' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON {database}.* TO '{user}'@'%'"
    ))
    .await;
    let store = old.store(6);
    // More connections to the old one than one call may stumble over.
    let many = futures_util::future::join_all((1..=6).map(|_| add(&*store, "before"))).await;
    many.iter().for_each(check_created);
    assert!(old.proxy.accepted() >= 5);
    old.execute("SET GLOBAL read_only = 1").await;
    check_unavailable("insert", &[ErrorKind::Query], add(&*store, "refused")).await;
    old.proxy.lead_to(new.database().address().1);
    for text in ["4", "5", "6"] {
        check_created(&add(&*store, text).await);
    }
    check_created(&add_once(&*store, "7").await);
    assert_eq!(old.rows().await.len(), 6);
    let rows = new.database().clone();
    let rows = off_runtime(move || {
        rows.column(&format!("SELECT description FROM {database}.transactions"))
    });
    assert_eq!(rows.await.len(), 4);
}

/// A secret in a manager: who has it, and how often it was asked for.
struct Manager {
    login: Mutex<Login>,
    asked: AtomicUsize,
}

impl Manager {
    fn new(user: &str) -> Arc<Self> {
        Arc::new(Self {
            login: Mutex::new(Login {
                username: Some(user.to_owned()),
                password: Some(Secret::new(PASSWORD.to_owned())),
                host: None,
                port: None,
                database: None,
            }),
            asked: AtomicUsize::new(0),
        })
    }

    fn rotating(self: &Arc<Self>) -> Arc<Rotating<Login>> {
        let manager = Arc::clone(self);
        let login = manager.login.lock().unwrap().clone();
        Arc::new(Rotating::refreshed(login, move || {
            manager.asked.fetch_add(1, Ordering::SeqCst);
            let login = manager.login.lock().unwrap().clone();
            async move { Ok(login) }
        }))
    }

    fn change(&self, change: impl FnOnce(&mut Login)) {
        change(&mut self.login.lock().unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_password_fails_no_call() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let user = scene.database().user();
    let manager = Manager::new(&user);
    let store = scene.store_as(4, manager.rotating());
    check_created(&add(&*store, "before").await);
    let stop = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..6)
        .map(|_| {
            let (store, stop) = (store.clone(), stop.clone());
            tokio::spawn(async move {
                let mut calls = 0;
                while !stop.load(Ordering::SeqCst) {
                    store.find(first()).await?;
                    calls += 1;
                }
                Ok::<usize, StoreError>(calls)
            })
        })
        .collect();
    for round in 1..=3 {
        // The server first: for a moment the secret that the manager gives is refused as well.
        let password = format!("{PASSWORD}-{round}");
        scene
            .execute(&format!(
                "ALTER USER '{user}'@'%' IDENTIFIED BY '{password}'"
            ))
            .await;
        scene.proxy.cut_all();
        tokio::time::sleep(Duration::from_millis(150)).await;
        manager.change(|login| login.password = Some(Secret::new(password)));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    stop.store(true, Ordering::SeqCst);
    for task in load {
        let calls = task.await.unwrap();
        assert!(calls.as_ref().is_ok_and(|calls| *calls > 0), "{calls:?}");
    }
    let asked = manager.asked.load(Ordering::SeqCst);
    assert!((3..=30).contains(&asked), "asked {asked} times");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_unavailable_in_time_and_shows_no_password() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let manager = Manager::new(&scene.database().user());
    manager.change(|login| login.password = Some(Secret::new("wrong-but-secret".to_owned())));
    let store = scene.store_as(2, manager.rotating());
    let error = store.find(first()).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("1045"), "{shown}");
    assert!(!shown.contains("wrong-but-secret"), "{shown}");
    check_unavailable("find", &[ErrorKind::Connect], store.find(first())).await;
    assert!(manager.asked.load(Ordering::SeqCst) >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_names_another_address_is_followed() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let manager = Manager::new(&scene.database().user());
    let rotating = manager.rotating();
    let store = scene.store_as(3, rotating.clone());
    let (a, b) = tokio::join!(add(&*store, "1"), add(&*store, "2"));
    for outcome in [a, b] {
        check_created(&outcome);
    }
    let before = scene.proxy.accepted();
    assert!(before >= 2);
    // Straight to the server, past the proxy.
    let direct = scene.database().address().1;
    manager.change(|login| login.port = Some(direct));
    rotating.renew(&rotating.current()).await.unwrap();
    scene.proxy.fall_silent(true);
    for text in ["3", "4", "5"] {
        check_created(&add(&*store, text).await);
    }
    assert!(store.probe().await.is_ok());
    assert_eq!(scene.proxy.accepted(), before);
    assert_eq!(scene.rows().await.len(), 5);
}
