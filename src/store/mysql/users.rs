//! The database's users, made from their secrets by an administrator.

use sqlx::{AssertSqlSafe, MySqlConnection};

use super::{Server, Settings, failure};
use crate::{
    config::MySqlConfig,
    secrets::{Login, Rotating, Secret},
    store::{
        StoreError,
        pool::{Connector as _, Refusal},
    },
};
use std::sync::Arc;

/// What the service does: rows.
const ROWS: &str = "SELECT, INSERT, UPDATE, DELETE";
/// What migrations do: tables, and the rows in them.
const TABLES: &str = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES";
/// What the rotation of Secrets Manager appends to the name of the second of two alternating users.
const ALTERNATE: &str = "_clone";

/// Who is to exist.
#[derive(Debug, Clone)]
pub struct Users {
    /// Reads and writes rows. Its alternate is made beside it.
    pub application: Login,
    /// Changes tables, where there is one.
    pub migration: Option<Login>,
}

/// Creates or updates the users, as the administrator `admin`; their names. May be run again at any time: a password
/// that a secret holds becomes the user's, rights are given and never taken away, and the alternate, whose password is
/// the rotation's affair, is only made where it is missing.
pub async fn setup_users(
    config: MySqlConfig,
    admin: Login,
    ca_pem: Vec<u8>,
    users: &Users,
) -> Result<Vec<String>, StoreError> {
    let database = config.database.clone();
    let server = Server::new(
        config,
        Arc::new(Rotating::fixed(admin)),
        ca_pem,
        Settings::Migrate,
    );
    let mut connection = server.connect().await.map_err(Refusal::into_error)?;
    let mut names = Vec::new();
    let application = &users.application;
    let (Some(name), Some(password)) = (&application.username, &application.password) else {
        return Ok(names);
    };
    let database = application.database.clone().unwrap_or(database);
    set(&mut connection, name, password, ROWS, &database).await?;
    names.push(name.clone());
    let other = other_of(name);
    create(&mut connection, &other, password).await?;
    grant(&mut connection, &other, ROWS, &database).await?;
    names.push(other);
    if let Some(Login {
        username: Some(name),
        password: Some(password),
        ..
    }) = &users.migration
    {
        set(&mut connection, name, password, TABLES, &database).await?;
        names.push(name.clone());
    }
    server.close(connection).await;
    Ok(names)
}

/// The name of the user that takes turns with `name`.
fn other_of(name: &str) -> String {
    name.strip_suffix(ALTERNATE)
        .map_or_else(|| format!("{name}{ALTERNATE}"), str::to_owned)
}

async fn set(
    connection: &mut MySqlConnection,
    name: &str,
    password: &Secret,
    rights: &str,
    database: &str,
) -> Result<(), StoreError> {
    create(connection, name, password).await?;
    let user = account(name);
    let password = quoted(password.expose());
    run(
        connection,
        format!("ALTER USER {user} IDENTIFIED BY {password}"),
    )
    .await?;
    grant(connection, name, rights, database).await
}

async fn create(
    connection: &mut MySqlConnection,
    name: &str,
    password: &Secret,
) -> Result<(), StoreError> {
    let user = account(name);
    let password = quoted(password.expose());
    run(
        connection,
        format!("CREATE USER IF NOT EXISTS {user} IDENTIFIED BY {password}"),
    )
    .await
}

async fn grant(
    connection: &mut MySqlConnection,
    name: &str,
    rights: &str,
    database: &str,
) -> Result<(), StoreError> {
    let (user, database) = (account(name), pattern(database));
    run(
        connection,
        format!("GRANT {rights} ON {database}.* TO {user}"),
    )
    .await
}

/// Statements about users take no parameters: every text in them went through [`quoted`] or [`pattern`].
async fn run(connection: &mut MySqlConnection, statement: String) -> Result<(), StoreError> {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await
        .map(drop)
        .map_err(failure)
}

/// From any host: security groups say from where.
fn account(name: &str) -> String {
    format!("{}@'%'", quoted(name))
}

/// A string of SQL, whatever is in it. The session has no `NO_BACKSLASH_ESCAPES`.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// The name of a database where `_` and `%` would stand for other letters.
fn pattern(database: &str) -> String {
    let literal = database.replace('_', "\\_").replace('%', "\\%");
    format!("`{}`", literal.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_secret_holds_stays_within_its_quotes() {
        assert_eq!(quoted("a'b\\c"), "'a''b\\\\c'");
        assert_eq!(quoted("\\'; DROP USER x; --"), "'\\\\''; DROP USER x; --'");
        assert_eq!(pattern("my_db`x"), "`my\\_db``x`");
    }

    #[test]
    fn alternating_users_name_each_other() {
        assert_eq!(other_of("app"), "app_clone");
        assert_eq!(other_of("app_clone"), "app");
    }
}
