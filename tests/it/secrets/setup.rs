//! `setup-users`: the database's users from their secrets.

use std::process::Output;

use serde_json::json;

use super::{
    LIMIT,
    scene::{fresh_password, login},
};
use crate::support::{
    backend::Backend,
    database::Database,
    environment,
    secrets::{Secrets, aws_variables},
    server::{Server, Variables},
    wait,
};

/// An administrator like the one that RDS makes, and users that are not there yet.
struct Users {
    folder: tempfile::TempDir,
    database: Database,
    secrets: Secrets,
    names: [String; 4],
}

impl Users {
    fn new() -> Option<Self> {
        let (url, secrets) = (environment::mysql_url()?, Secrets::new()?);
        let database = Database::create(&url);
        let tail = &database.name()[database.name().len() - 16..];
        let names = ["own", "own", "mig", "adm"].map(|kind| format!("{kind}_{tail}"));
        let [own, _, migrator, admin] = names;
        let names = [own.clone(), format!("{own}_clone"), migrator, admin];
        let users = Self {
            folder: tempfile::tempdir().unwrap(),
            database,
            secrets,
            names,
        };
        let password = fresh_password();
        let admin = &users.names[3];
        users.database.execute(&format!(
            "CREATE USER '{admin}'@'%' IDENTIFIED BY '{password}'"
        ));
        users.database.execute(&format!(
            "GRANT ALL ON *.* TO '{admin}'@'%' WITH GRANT OPTION"
        ));
        users.secrets.create("admin", &login(admin, &password));
        // A password that would break out of its quotes.
        users
            .secrets
            .create("app", &users.whole(0, r"it's \ own; --"));
        users
            .secrets
            .create("migration", &users.whole(2, "migrates"));
        Some(users)
    }

    /// A whole secret: where the server is, too.
    fn whole(&self, user: usize, password: &str) -> String {
        let (host, port) = self.database.address();
        json!({ "username": self.names[user], "password": password, "host": host, "port": port,
                "dbname": self.database.name() })
        .to_string()
    }

    fn variables(&self, secrets: &[(&str, &str)]) -> Variables {
        let mut variables = Backend::sqlite().variables();
        variables.extend(aws_variables(self.secrets.address()));
        for (variable, name) in secrets {
            variables.insert((*variable).to_owned(), self.secrets.id(name));
        }
        variables
    }

    fn run(&self, words: &[&str], secrets: &[(&str, &str)]) -> Output {
        let variables = self.variables(secrets);
        crate::support::server::program(self.folder.path(), &variables, words)
            .output()
            .unwrap()
    }

    #[track_caller]
    fn set_up(&self) {
        let output = self.run(
            &["setup-users"],
            &[
                ("DB_ADMIN_SECRET_ID", "admin"),
                ("DB_SECRET_ID", "app"),
                ("DB_MIGRATION_SECRET_ID", "migration"),
            ],
        );
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let line: serde_json::Value = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .find(|line: &serde_json::Value| line["message"] == "the users are set up")
            .unwrap();
        assert_eq!(line["users"], self.names[..3].join(", "));
        assert!(!text.contains("it's"), "{text}");
    }

    /// What a user may do in the database, in the server's words.
    fn rights(&self, user: usize) -> String {
        let lines = self
            .database
            .column(&format!("SHOW GRANTS FOR '{}'@'%'", self.names[user]));
        let mut lines: Vec<_> = lines.into_iter().flatten().collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].starts_with("GRANT USAGE ON *.*"), "{lines:?}");
        lines.remove(1)
    }

    fn password_hash(&self, user: usize) -> Vec<Option<String>> {
        self.database.column(&format!(
            "SELECT CAST(authentication_string AS CHAR) FROM mysql.user WHERE user = '{}'",
            self.names[user]
        ))
    }
}

impl Drop for Users {
    fn drop(&mut self) {
        for name in &self.names {
            self.database
                .execute(&format!("DROP USER IF EXISTS '{name}'@'%'"));
        }
    }
}

#[test]
fn users_are_made_with_their_rights_and_the_service_runs_as_they() {
    let Some(users) = Users::new() else { return };
    users.set_up();
    for user in [0, 1] {
        let rights = users.rights(user);
        assert!(
            rights.starts_with("GRANT SELECT, INSERT, UPDATE, DELETE ON `"),
            "{rights}"
        );
    }
    let rights = users.rights(2);
    assert!(
        rights.starts_with(
            "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER ON `"
        ),
        "{rights}"
    );
    let migrated = users.run(
        &["migrate"],
        &[
            ("DB_MIGRATION_SECRET_ID", "migration"),
            ("DB_SECRET_ID", "app"),
        ],
    );
    assert!(migrated.status.success(), "{migrated:?}");
    let server = Server::start(
        users.folder.path(),
        &users.variables(&[("DB_SECRET_ID", "app")]),
    );
    server.wait_until_ready(LIMIT);
    let made = server.post(
        "/v1/transactions",
        crate::support::json::transaction("1", "x"),
    );
    assert_eq!(made.status, 201, "{}", made.text());
}

#[test]
fn a_second_run_changes_passwords_and_leaves_the_alternate_alone() {
    let Some(users) = Users::new() else { return };
    users.set_up();
    let (first, rights) = (
        [0, 1, 2].map(|user| users.password_hash(user)),
        users.rights(0),
    );
    users.set_up();
    let hashes = || [0, 1, 2].map(|user| users.password_hash(user));
    assert_eq!(hashes(), first, "the same secrets, the same passwords");
    users.secrets.put("app", &users.whole(0, "another"));
    users.set_up();
    let third = hashes();
    assert_ne!(third[0], first[0]);
    assert_eq!(third[1..], first[1..]);
    assert_eq!(users.rights(0), rights);
}

#[test]
fn an_administrator_who_is_refused_ends_the_command() {
    let Some(users) = Users::new() else { return };
    users
        .secrets
        .put("admin", &login(&users.names[3], "wrong-password"));
    let mut variables =
        users.variables(&[("DB_ADMIN_SECRET_ID", "admin"), ("DB_SECRET_ID", "app")]);
    variables.insert("STARTUP_TIMEOUT_SECS".to_owned(), "1".to_owned());
    let output = crate::support::server::program(users.folder.path(), &variables, &["setup-users"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    let text = format!("{output:?}");
    assert!(!text.contains("wrong-password"), "{text}");
    wait::until("no session", LIMIT, || {
        (users.database.sessions(&users.names[3]) == 0).then_some(())
    });
}
