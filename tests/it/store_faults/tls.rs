//! How far the server's certificate is looked at.

use expense_backend::{
    config::{DbTls, MySqlConfig},
    store::{ErrorKind, Schema, Store as _, StoreError, mysql::MySqlStore},
};

use super::pool;
use crate::support::{
    certificates::Certificates,
    database::Database,
    environment,
    mariadb::MariaDb,
    table::{POOL, login, migrator, mysql_config, off_runtime},
};

/// Of a server that shows `certificates`: the outcome of a probe under each choice of `DB_TLS`.
async fn outcome(
    database: &Database,
    tls: DbTls,
    authority: Vec<u8>,
) -> Result<Schema, StoreError> {
    let config = MySqlConfig {
        tls,
        ..mysql_config(database, pool(1))
    };
    let store = MySqlStore::new(config, login(&database.user()), authority);
    let outcome = store.probe().await;
    store.close().await;
    outcome
}

fn server(certificates: &Certificates) -> Option<MariaDb> {
    let file = |file: &str| certificates.path(file).display().to_string();
    MariaDb::start_with(vec![
        format!("--ssl-cert={}", file("server.pem")),
        format!("--ssl-key={}", file("server.key")),
        format!("--ssl-ca={}", file("ca.pem")),
    ])
}

#[track_caller]
fn check(outcome: &Result<Schema, StoreError>, good: bool) {
    match outcome {
        Ok(schema) => assert!(good, "{schema:?}"),
        Err(StoreError::Unavailable {
            kind: ErrorKind::Connect,
            ..
        }) => assert!(!good, "{outcome:?}"),
        Err(error) => panic!("{error:?}"),
    }
}

/// Makes a server that wants TLS from the user who serves.
async fn database(certificates: &Certificates) -> Option<(MariaDb, Database)> {
    let mariadb = tokio::task::block_in_place(|| server(certificates))?;
    let url = mariadb.url();
    let database = off_runtime(move || {
        let database = Database::create(&url);
        database.execute(&format!("ALTER USER '{}'@'%' REQUIRE SSL", database.user()));
        database
    })
    .await;
    migrator(&database)
        .migrate(POOL.acquire_timeout)
        .await
        .unwrap();
    Some((mariadb, database))
}

async fn end(mariadb: MariaDb, database: Database) {
    off_runtime(move || {
        drop(database);
        drop(mariadb);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_certificate_serves_every_choice_but_none() {
    let certificates = Certificates::new("DNS:localhost,IP:127.0.0.1");
    let Some((mariadb, database)) = database(&certificates).await else {
        return;
    };
    for (tls, good) in [
        (DbTls::Disabled, false),
        (DbTls::Preferred, true),
        (DbTls::Required, true),
        (DbTls::VerifyCa, true),
        (DbTls::VerifyIdentity, true),
    ] {
        check(
            &outcome(&database, tls, certificates.authority()).await,
            good,
        );
    }
    end(mariadb, database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_authority_or_name_is_refused_where_it_is_looked_at() {
    let certificates = Certificates::new("DNS:elsewhere.example");
    let Some((mariadb, database)) = database(&certificates).await else {
        return;
    };
    let stranger = Certificates::new("DNS:localhost");
    for (tls, authority, good) in [
        (DbTls::Required, stranger.authority(), true),
        (DbTls::VerifyCa, stranger.authority(), false),
        (DbTls::VerifyCa, Vec::new(), false),
        (DbTls::VerifyCa, certificates.authority(), true),
        (DbTls::VerifyIdentity, certificates.authority(), false),
    ] {
        check(&outcome(&database, tls, authority).await, good);
    }
    end(mariadb, database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_refused_where_it_is_required() {
    let Some(mariadb) = tokio::task::block_in_place(MariaDb::start) else {
        return;
    };
    let url = mariadb.url();
    let database = off_runtime(move || Database::create(&url)).await;
    for tls in [DbTls::Required, DbTls::VerifyCa, DbTls::VerifyIdentity] {
        check(&outcome(&database, tls, Vec::new()).await, false);
    }
    check(
        &outcome(&database, DbTls::Preferred, Vec::new()).await,
        true,
    );
    end(mariadb, database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_needs_tls_is_said_to() {
    let Some(url) = environment::mysql_url() else {
        return;
    };
    let database = off_runtime(move || {
        let database = Database::create(&url);
        let version = database.column("SELECT VERSION()").remove(0);
        if version.is_some_and(|version| version.contains("MariaDB")) {
            eprintln!("skipped: MariaDB has no caching_sha2_password");
            return None;
        }
        Some(database)
    })
    .await;
    let Some(database) = database else {
        return;
    };
    let error = outcome(&database, DbTls::Disabled, Vec::new())
        .await
        .unwrap_err();
    let StoreError::Unavailable { cause, .. } = &error else {
        panic!("{error:?}");
    };
    let shown = cause.to_string();
    assert!(
        shown.contains("caching_sha2_password") && shown.contains("DB_TLS"),
        "{shown}"
    );
    off_runtime(move || drop(database)).await;
}
