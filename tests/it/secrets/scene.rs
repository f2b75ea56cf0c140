//! A service that has its database's and its cache's logins from secrets.

use serde_json::json;

use crate::support::{
    backend::Backend,
    database::{Database, PASSWORD},
    secrets::{Secrets, aws_variables},
    server::{Server, Variables},
};

/// See the module.
pub(super) struct Scene {
    pub(super) backend: Backend,
    pub(super) secrets: Secrets,
}

impl Scene {
    /// `None`, with a printed reason, where a server is missing.
    pub(super) fn new() -> Option<Self> {
        let (backend, secrets) = (Backend::mysql()?, Secrets::new()?);
        let scene = Self { backend, secrets };
        let user = scene.database().user();
        scene.secrets.create("db", &login(&user, PASSWORD));
        Some(scene)
    }

    pub(super) fn database(&self) -> &Database {
        self.backend.database().unwrap()
    }

    /// What `serve` is told: where the servers are, and which secret opens the database.
    pub(super) fn variables(&self) -> Variables {
        let mut variables = self.backend.variables();
        variables.remove("DB_USER");
        variables.remove("DB_PWD");
        variables.extend(aws_variables(self.secrets.address()));
        variables.insert("DB_SECRET_ID".to_owned(), self.secrets.id("db"));
        variables
    }

    /// A ready server with further variables.
    pub(super) fn serve(&self, further: &[(&str, &str)]) -> Server {
        let mut variables = self.variables();
        for (name, value) in further {
            variables.insert((*name).to_owned(), (*value).to_owned());
        }
        let server = Server::start(self.backend.folder(), &variables);
        server.wait_until_ready(std::time::Duration::from_secs(30));
        server
    }
}

/// A login as RDS writes it.
pub(super) fn login(user: &str, password: &str) -> String {
    json!({ "username": user, "password": password }).to_string()
}

/// A password that SQL and Redis take as it is.
pub(super) fn fresh_password() -> String {
    format!("{:032x}", rand::random::<u128>())
}
