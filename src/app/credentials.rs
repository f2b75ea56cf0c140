//! Logins and keys: from the configuration, or from secrets that change while the program runs.

use std::sync::Arc;

use super::StartError;
use crate::{
    auth::api_keys::ApiKeys,
    config::{AuthConfig, Config, StoreConfig},
    secrets::{Login, Rotating},
};

/// Everything that opens a door.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    /// Of the store.
    pub(super) database: Arc<Rotating<Login>>,
    /// Of the cache.
    pub(super) redis: Arc<Rotating<Login>>,
    /// Of callers.
    pub(super) api_keys: Arc<Rotating<ApiKeys>>,
}

impl Credentials {
    /// Reads what the configuration names.
    pub(super) async fn load(config: &Config) -> Result<Self, StartError> {
        Ok(Self {
            database: Arc::new(Rotating::fixed(database(config))),
            redis: Arc::new(Rotating::fixed(redis(config))),
            api_keys: Arc::new(Rotating::fixed(api_keys(config)?)),
        })
    }
}

const NOBODY: Login = Login {
    username: None,
    password: None,
    host: None,
    port: None,
    database: None,
};

/// The login of the variables.
fn database(config: &Config) -> Login {
    match &config.store {
        StoreConfig::Sqlite { .. } => NOBODY,
        StoreConfig::MySql(mysql) => Login {
            username: mysql.username.clone(),
            password: mysql.password.clone(),
            ..NOBODY
        },
    }
}

fn redis(config: &Config) -> Login {
    config.cache.redis.as_ref().map_or(NOBODY, |redis| Login {
        username: redis.username.clone(),
        password: redis.token.clone(),
        ..NOBODY
    })
}

fn api_keys(config: &Config) -> Result<ApiKeys, StartError> {
    match &config.auth {
        AuthConfig::ApiKey { keys: Some(keys) } => ApiKeys::parse(keys.expose())
            .map_err(|error| StartError::Configuration(format!("API_KEYS: {error}"))),
        AuthConfig::ApiKey { keys: None } | AuthConfig::None | AuthConfig::Jwt(_) => {
            Ok(ApiKeys::default())
        }
    }
}
