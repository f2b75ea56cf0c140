//! Migrations of a database: one repeatable statement a file, under a lock of the server.
//!
//! DDL commits by itself, so a process may be killed between a statement and its entry in the table of those run. Each
//! file therefore begins with a query that says whether its work is done; what is done is only entered. The lock is
//! the session's: the server frees it when a killed process's statement has ended and its session is gone.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, MySqlConnection, Row as _};
use tokio::time::sleep;

use super::{Migration, Report, embedded, missing};
use crate::store::{
    ErrorKind, Schema, StoreError,
    mysql::{Server, failure, number},
    pool::{Connector as _, Refusal},
};

static MIGRATIONS: &[Migration] = embedded!("mysql");

/// Names of locks are the server's, so the database is part of it; they have at most 64 characters.
const GET_LOCK: &str =
    "SELECT GET_LOCK(CONCAT('expense-migrate-', LEFT(SHA2(DATABASE(), 256), 40)), ?)";
/// How long one wait for the lock takes, after which the log says that it goes on.
const LOCK_TURN: Duration = Duration::from_secs(5);
/// Between attempts at a table that others use.
const TABLE_PAUSE: Duration = Duration::from_millis(500);
const TABLE_IN_USE: u16 = 1205;
const NO_SUCH_TABLE: u16 = 1146;
/// Marks the lines of a file that make up its query.
const DONE: &str = "-- done: ";

#[derive(Debug, thiserror::Error)]
#[error("another process is migrating, and was not done in time")]
struct Locked;

/// Runs what is missing; waits until `deadline` for another process that does the same, and for the table.
pub(super) async fn migrate(server: &Server, deadline: Instant) -> Result<Report, StoreError> {
    let mut connection = server.connect().await.map_err(Refusal::into_error)?;
    lock(&mut connection, deadline).await?;
    let report = run(&mut connection, deadline).await.map_err(failure)?;
    // Ends the session, and with it the lock.
    connection.close().await.map_err(failure)?;
    Ok(report)
}

async fn lock(connection: &mut MySqlConnection, deadline: Instant) -> Result<(), StoreError> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let turn = left.min(LOCK_TURN).as_secs();
        let row = sqlx::query(GET_LOCK)
            .bind(turn)
            .fetch_one(&mut *connection)
            .await
            .map_err(failure)?;
        // NULL where the wait was interrupted.
        if row.try_get::<Option<i64>, _>(0).map_err(failure)? == Some(1) {
            return Ok(());
        }
        if left < LOCK_TURN {
            return Err(StoreError::unavailable(ErrorKind::Timeout, Locked));
        }
        tracing::info!("another process is migrating: waiting for it");
    }
}

async fn run(connection: &mut MySqlConnection, deadline: Instant) -> Result<Report, sqlx::Error> {
    sqlx::raw_sql(
        "CREATE TABLE IF NOT EXISTS schema_migrations (\
           name VARBINARY(100) NOT NULL PRIMARY KEY, run_at DATETIME(6) NOT NULL) ENGINE = InnoDB",
    )
    .execute(&mut *connection)
    .await?;
    let mut report = Report::default();
    for migration in missing(MIGRATIONS, &names(connection).await?) {
        if !is_done(connection, migration).await? {
            change(connection, migration, deadline).await?;
        }
        sqlx::query("INSERT INTO schema_migrations VALUES (?, UTC_TIMESTAMP(6))")
            .bind(migration.name.as_bytes())
            .execute(&mut *connection)
            .await?;
        report.run.push(migration.name);
    }
    Ok(report)
}

async fn is_done(
    connection: &mut MySqlConnection,
    migration: &Migration,
) -> Result<bool, sqlx::Error> {
    let lines: Vec<&str> = migration
        .text
        .lines()
        .filter_map(|line| line.strip_prefix(DONE))
        .collect();
    let rows = sqlx::raw_sql(AssertSqlSafe(lines.join(" ")))
        .fetch_all(connection)
        .await?;
    rows.first()
        .ok_or(sqlx::Error::RowNotFound)?
        .try_get::<i64, _>(0)
        .map(|done| done != 0)
}

/// Runs the file's statement. A transaction of others on the table is waited for in short turns: whoever comes after
/// a waiting `ALTER` waits behind it.
async fn change(
    connection: &mut MySqlConnection,
    migration: &Migration,
    deadline: Instant,
) -> Result<(), sqlx::Error> {
    loop {
        let begun = Instant::now();
        let outcome = sqlx::raw_sql(migration.text)
            .execute(&mut *connection)
            .await;
        match outcome {
            Ok(_) => {
                let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
                tracing::info!(migration = migration.name, duration_ms, "migration run");
                return Ok(());
            }
            Err(error) if number(&error) == Some(TABLE_IN_USE) && Instant::now() < deadline => {
                tracing::info!(
                    migration = migration.name,
                    "the table is in use: waiting for it"
                );
                sleep(TABLE_PAUSE).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// What [`migrate`] would run or enter.
pub(super) async fn pending(server: &Server) -> Result<Vec<&'static str>, StoreError> {
    let mut connection = server.connect().await.map_err(Refusal::into_error)?;
    let run = known(&mut connection).await.map_err(failure)?;
    connection.close().await.map_err(failure)?;
    Ok(missing(MIGRATIONS, &run)
        .iter()
        .map(|migration| migration.name)
        .collect())
}

/// Whether the database is as this program needs it.
pub(in crate::store) async fn schema(
    connection: &mut MySqlConnection,
) -> Result<Schema, sqlx::Error> {
    let run = known(connection).await?;
    Ok(if missing(MIGRATIONS, &run).is_empty() {
        Schema::Ready
    } else {
        Schema::NotMigrated
    })
}

/// The names run so far; none where there is no table of them.
async fn known(connection: &mut MySqlConnection) -> Result<Vec<String>, sqlx::Error> {
    match names(connection).await {
        Err(error) if number(&error) == Some(NO_SUCH_TABLE) => Ok(Vec::new()),
        names => names,
    }
}

async fn names(connection: &mut MySqlConnection) -> Result<Vec<String>, sqlx::Error> {
    let rows = sqlx::query("SELECT name FROM schema_migrations")
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let name: Vec<u8> = row.try_get(0)?;
            String::from_utf8(name).map_err(|error| sqlx::Error::Decode(error.into()))
        })
        .collect()
}
