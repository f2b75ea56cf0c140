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

/// `Err` holds a part of the reason that is to be told.
#[track_caller]
fn check(outcome: &Result<Schema, StoreError>, wanted: Result<(), &str>) {
    match (outcome, wanted) {
        (Ok(_), Ok(())) => {}
        (
            Err(StoreError::Unavailable {
                kind: ErrorKind::Connect,
                cause,
            }),
            Err(part),
        ) => assert!(cause.to_string().contains(part), "{part}: {cause}"),
        (outcome, wanted) => panic!("{outcome:?}, not {wanted:?}"),
    }
}

/// Signed by another authority of the same name.
const OTHER_AUTHORITY: Result<(), &str> = Err("BadSignature");
const UNKNOWN_AUTHORITY: Result<(), &str> = Err("UnknownIssuer");
const OTHER_NAME: Result<(), &str> = Err("not valid for name");
const EXPIRED: Result<(), &str> = Err("certificate expired");

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
        // The server refuses a login that comes without TLS, as it refuses a wrong password.
        (DbTls::Disabled, Err("1045")),
        (DbTls::Preferred, Ok(())),
        (DbTls::Required, Ok(())),
        (DbTls::VerifyCa, Ok(())),
        (DbTls::VerifyIdentity, Ok(())),
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
        (DbTls::Preferred, stranger.authority(), Ok(())),
        (DbTls::Required, stranger.authority(), Ok(())),
        (DbTls::VerifyCa, stranger.authority(), OTHER_AUTHORITY),
        (DbTls::VerifyCa, Vec::new(), UNKNOWN_AUTHORITY),
        (DbTls::VerifyCa, certificates.authority(), Ok(())),
        (DbTls::VerifyIdentity, stranger.authority(), OTHER_AUTHORITY),
        (DbTls::VerifyIdentity, certificates.authority(), OTHER_NAME),
    ] {
        check(&outcome(&database, tls, authority).await, good);
    }
    end(mariadb, database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_is_refused_where_it_is_looked_at() {
    let certificates = Certificates::expired("DNS:localhost,IP:127.0.0.1");
    let Some((mariadb, database)) = database(&certificates).await else {
        return;
    };
    for (tls, good) in [
        (DbTls::Preferred, Ok(())),
        (DbTls::Required, Ok(())),
        (DbTls::VerifyCa, EXPIRED),
        (DbTls::VerifyIdentity, EXPIRED),
    ] {
        check(
            &outcome(&database, tls, certificates.authority()).await,
            good,
        );
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
        let refused = Err("server does not support TLS");
        check(&outcome(&database, tls, Vec::new()).await, refused);
    }
    check(
        &outcome(&database, DbTls::Preferred, Vec::new()).await,
        Ok(()),
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
