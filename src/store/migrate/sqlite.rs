//! Migrations of a file: all of them in one transaction, so that a process killed in it leaves the file as it was.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use sqlx::{Row as _, SqliteConnection};

use super::{Migration, Report, embedded, missing};
use crate::store::{
    Schema, StoreError,
    sqlite::{connect_to_migrate, connect_to_read, failure},
};

static MIGRATIONS: &[Migration] = embedded!("sqlite");

/// How long `pending` waits for a writer.
const READ_PATIENCE: Duration = Duration::from_secs(3);

/// Runs what is missing. Others who do the same wait at `BEGIN IMMEDIATE`, then find nothing missing.
pub(super) async fn migrate(path: &Path, deadline: Instant) -> Result<Report, StoreError> {
    let mut connection = connect_to_migrate(path, deadline).await?;
    let report = run(&mut connection).await.map_err(failure)?;
    sqlx::Connection::close(connection).await.map_err(failure)?;
    Ok(report)
}

async fn run(connection: &mut SqliteConnection) -> Result<Report, sqlx::Error> {
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut *connection)
        .await?;
    sqlx::raw_sql(
        "CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, run_at TEXT NOT NULL)",
    )
    .execute(&mut *connection)
    .await?;
    let mut report = Report::default();
    for migration in missing(MIGRATIONS, &names(connection).await?) {
        sqlx::raw_sql(migration.text)
            .execute(&mut *connection)
            .await?;
        sqlx::query("INSERT INTO schema_migrations VALUES (?, datetime('now'))")
            .bind(migration.name)
            .execute(&mut *connection)
            .await?;
        report.run.push(migration.name);
    }
    sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
    Ok(report)
}

/// What [`migrate`] would run. A file that is not there is not made.
pub(super) async fn pending(path: &Path) -> Result<Vec<&'static str>, StoreError> {
    let run = if path.exists() {
        let mut connection = connect_to_read(path, READ_PATIENCE).await?;
        known(&mut connection).await.map_err(failure)?
    } else {
        Vec::new()
    };
    Ok(missing(MIGRATIONS, &run)
        .iter()
        .map(|migration| migration.name)
        .collect())
}

/// Whether the file is as this program needs it.
pub(in crate::store) async fn schema(
    connection: &mut SqliteConnection,
) -> Result<Schema, sqlx::Error> {
    let run = known(connection).await?;
    Ok(if missing(MIGRATIONS, &run).is_empty() {
        Schema::Ready
    } else {
        Schema::NotMigrated
    })
}

/// The names run so far; none where there is no table of them.
async fn known(connection: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
    let table = sqlx::query("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'")
        .fetch_optional(&mut *connection)
        .await?;
    match table {
        Some(_) => names(connection).await,
        None => Ok(Vec::new()),
    }
}

async fn names(connection: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
    let rows = sqlx::query("SELECT name FROM schema_migrations")
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}
