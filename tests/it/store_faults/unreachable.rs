//! No server, a silent server, no free connection: every call ends in time and says which.

use expense_backend::{
    config::MySqlConfig,
    store::{ErrorKind, Store as _, mysql::MySqlStore},
};

use super::{
    Scene, add, check_all_unavailable, check_created, check_unavailable, eventually, first, pool,
};
use crate::support::{process::free_port, table::login};

const CONNECT: &[ErrorKind] = &[ErrorKind::Connect];
/// What cannot answer has no connection for those who wait behind it either.
const SILENT: &[ErrorKind] = &[ErrorKind::Timeout, ErrorKind::Connect, ErrorKind::Pool];

fn nowhere(port: u16) -> MySqlStore {
    let config = MySqlConfig {
        host: Some("127.0.0.1".to_owned()),
        port,
        username: None,
        password: None,
        database: "expense".to_owned(),
        tls: expense_backend::config::DbTls::Preferred,
        ca_bundle: None,
        pool: pool(3),
    };
    MySqlStore::new(config, login("nobody"), Vec::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_every_call_says_so_in_time() {
    let store = nowhere(free_port());
    check_all_unavailable(&store, CONNECT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_never_speaks_is_given_up_in_time() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let store = nowhere(listener.local_addr().unwrap().port());
    check_all_unavailable(&store, &[ErrorKind::Connect, ErrorKind::Timeout]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_server_is_given_up_in_time_and_used_again_when_it_wakes() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let store = scene.store(4);
    check_created(&add(&*store, "before").await);
    assert!(store.probe().await.is_ok());
    scene.mariadb.freeze();
    for _ in 0..3 {
        check_all_unavailable(&*store, SILENT).await;
    }
    scene.mariadb.thaw();
    eventually("it answers again", || async {
        store.totals().await.is_ok()
    })
    .await;
    check_created(&add(&*store, "after").await);
    assert!(scene.rows().await.contains(&"after".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_swallows_everything_costs_no_connection_for_ever() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let store = scene.store(2);
    check_created(&add(&*store, "before").await);
    scene.proxy.fall_silent(true);
    for _ in 0..3 {
        check_all_unavailable(&*store, SILENT).await;
    }
    scene.proxy.fall_silent(false);
    eventually("it answers again", || async {
        store.find(first()).await.is_ok()
    })
    .await;
    check_created(&add(&*store, "after").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_pool_is_told_from_a_missing_server() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let store = scene.store(1);
    check_created(&add(&*store, "before").await);
    let holding = scene.hold("LOCK TABLES transactions WRITE").await;
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.find(first()).await }
    });
    eventually("the only connection is taken", || async {
        store.pool().in_use == 1
    })
    .await;
    check_unavailable("find", &[ErrorKind::Pool], store.find(first())).await;
    // The probe has a connection of its own.
    assert!(store.probe().await.is_ok());
    check_unavailable("the first", &[ErrorKind::Timeout], async {
        waiting.await.unwrap()
    })
    .await;
    holding.await.unwrap();
    assert!(store.find(first()).await.is_ok());
}
