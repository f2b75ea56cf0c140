//! The file of the SQLite store, looked at past the program.

use std::path::Path;

use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, Row as _, SqliteConnection,
    sqlite::SqliteConnectOptions,
};

use super::database::block_on;

/// Runs one statement.
pub(crate) fn execute(file: &Path, sql: &str) {
    block_on(async {
        let mut connection = open(file).await;
        connection
            .execute(AssertSqlSafe(sql.to_owned()))
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        connection.close().await.unwrap();
    });
}

/// The first column of every row, as text.
pub(crate) fn column(file: &Path, sql: &str) -> Vec<Option<String>> {
    block_on(async {
        let mut connection = open(file).await;
        let rows = connection
            .fetch_all(AssertSqlSafe(sql.to_owned()))
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        connection.close().await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    })
}

async fn open(file: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file))
        .await
        .unwrap()
}
