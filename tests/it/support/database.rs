//! A database on a MySQL or MariaDB server, made for one test and dropped with it.

use std::{future::Future, str::FromStr as _};

use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, Row as _,
    mysql::{MySqlConnectOptions, MySqlRow},
};

/// Not a secret: the server listens on loopback and ends with the tests. Logs must not show it all the same.
pub(crate) const PASSWORD: &str = "correct-horse-battery";

/// An empty database with a user that may serve (no DDL) and one that may migrate.
pub(crate) struct Database {
    url: String,
    name: String,
}

impl Database {
    /// Makes one on the server where root may log in by `url`.
    pub(crate) fn create(url: &str) -> Self {
        let name = format!("test_{:032x}", rand::random::<u128>());
        let database = Self {
            url: url.to_owned(),
            name,
        };
        let (name, user, migrator) = (&database.name, database.user(), database.migrator());
        database.root(&format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"));
        for login in [&user, &migrator] {
            database.root(&format!(
                "CREATE USER '{login}'@'%' IDENTIFIED BY '{PASSWORD}'"
            ));
        }
        let rights = "SELECT, INSERT, UPDATE, DELETE";
        database.root(&format!("GRANT {rights} ON {name}.* TO '{user}'@'%'"));
        database.root(&format!("GRANT ALL ON {name}.* TO '{migrator}'@'%'"));
        database
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Host and port of the server.
    pub(crate) fn address(&self) -> (String, u16) {
        let options = MySqlConnectOptions::from_str(&self.url).unwrap();
        (options.get_host().to_owned(), options.get_port())
    }

    /// Who serves: rows only.
    pub(crate) fn user(&self) -> String {
        format!("app_{}", &self.name[self.name.len() - 20..])
    }

    /// Who migrates: everything in this database.
    pub(crate) fn migrator(&self) -> String {
        format!("ddl_{}", &self.name[self.name.len() - 20..])
    }

    /// Who takes turns with the one who serves, where a test makes it.
    pub(crate) fn alternate(&self) -> String {
        format!("{}_clone", self.user())
    }

    /// How many sessions `user` has.
    pub(crate) fn sessions(&self, user: &str) -> usize {
        self.session_ids(user).len()
    }

    /// Ends every session of `user`.
    pub(crate) fn end_sessions(&self, user: &str) {
        let ids = self.session_ids(user);
        self.on_connection("", async |connection| {
            for id in &ids {
                let kill = AssertSqlSafe(format!("KILL CONNECTION {id}"));
                let ended = connection.execute(kill).await;
                // It may have ended by itself.
                let gone = |error: &sqlx::Error| error.to_string().contains("1094");
                assert!(ended.as_ref().err().is_none_or(gone), "{ended:?}");
            }
            Ok(())
        })
        .unwrap();
    }

    fn session_ids(&self, user: &str) -> Vec<String> {
        let ids = self.column(&format!(
            "SELECT CAST(id AS CHAR) FROM information_schema.processlist WHERE user = '{user}'"
        ));
        ids.into_iter().flatten().collect()
    }

    /// Runs one statement inside the database, as root.
    pub(crate) fn execute(&self, sql: &str) {
        self.on_connection(&self.name, async |connection| {
            connection.execute(AssertSqlSafe(sql.to_owned())).await?;
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The first column of every row, as text.
    pub(crate) fn column(&self, sql: &str) -> Vec<Option<String>> {
        let rows: Vec<MySqlRow> = self
            .on_connection(&self.name, async |connection| {
                connection.fetch_all(AssertSqlSafe(sql.to_owned())).await
            })
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.iter().map(|row| row.get(0)).collect()
    }

    fn root(&self, sql: &str) {
        self.on_connection("", async |connection| {
            connection.execute(AssertSqlSafe(sql.to_owned())).await?;
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    fn on_connection<T>(
        &self,
        database: &str,
        work: impl AsyncFnOnce(&mut MySqlConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        let mut options = MySqlConnectOptions::from_str(&self.url)?;
        if !database.is_empty() {
            options = options.database(database);
        }
        block_on(async {
            let mut connection = MySqlConnection::connect_with(&options).await?;
            let outcome = work(&mut connection).await;
            connection.close().await?;
            outcome
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The server of a test that stops servers may be gone, and its folder goes with it.
        if answers(&self.url) {
            self.root(&format!("DROP DATABASE {}", self.name));
            self.root(&format!("DROP USER '{}'@'%'", self.user()));
            self.root(&format!("DROP USER '{}'@'%'", self.migrator()));
            self.root(&format!("DROP USER IF EXISTS '{}'@'%'", self.alternate()));
        }
    }
}

/// Whether the server takes a login.
pub(crate) fn answers(url: &str) -> bool {
    let Ok(options) = MySqlConnectOptions::from_str(url) else {
        return false;
    };
    block_on(async {
        let connecting = MySqlConnection::connect_with(&options);
        match tokio::time::timeout(std::time::Duration::from_secs(2), connecting).await {
            Ok(Ok(connection)) => connection.close().await.is_ok(),
            Ok(Err(_)) | Err(_) => false,
        }
    })
}

/// Runs a future to its end on a small runtime of its own.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}
