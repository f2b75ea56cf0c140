//! Logins and keys: from the configuration, or from secrets that change while the program runs.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use metrics::counter;
use rand::Rng as _;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::StartError;
use crate::{
    auth::api_keys::ApiKeys,
    config::{AuthConfig, Config, StoreConfig},
    secrets::{Login, Needs, Rotating, Secret, SecretError, SecretsManager},
    store::mysql::users::Users,
    telemetry::names,
};

/// Whose login of the database is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    /// Of the service: reads and writes rows.
    Application,
    /// Of the migrations: changes tables. The service's where no other is configured.
    Migration,
}

/// Everything that opens a door.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    /// Of the store.
    pub(super) database: Arc<Rotating<Login>>,
    /// Of the cache.
    pub(super) redis: Arc<Rotating<Login>>,
    /// Of callers.
    pub(super) api_keys: Arc<Rotating<ApiKeys>>,
    refresh: Option<Refresh>,
}

/// When the secrets are read again without being asked.
#[derive(Debug, Clone)]
struct Refresh {
    every: Duration,
    last: Arc<Mutex<Instant>>,
}

impl Credentials {
    /// Reads what the configuration names: all secrets together, each once.
    pub(super) async fn load(config: &Config, as_whom: As) -> Result<Self, StartError> {
        let ids = &config.secrets;
        let database_id = match as_whom {
            As::Application => ids.database.clone(),
            As::Migration => ids.migration.clone().or_else(|| ids.database.clone()),
        };
        let wanted = database_id.is_some() || ids.redis.is_some() || ids.api_keys.is_some();
        let manager = match wanted {
            true => Some(SecretsManager::new().await),
            false => None,
        };
        let (database, redis, api_keys) = tokio::try_join!(
            login(
                manager.as_ref(),
                database_id,
                Needs::UserAndPassword,
                || database(config)
            ),
            login(manager.as_ref(), ids.redis.clone(), Needs::Password, || {
                redis(config)
            }),
            keys(manager.as_ref(), ids.api_keys.clone(), config),
        )?;
        Ok(Self {
            database: Arc::new(database),
            redis: Arc::new(redis),
            api_keys: Arc::new(api_keys),
            refresh: manager.map(|_| Refresh {
                every: ids.refresh,
                last: Arc::new(Mutex::new(Instant::now())),
            }),
        })
    }

    /// Reads the secrets again, now and then, until `stop`.
    pub(super) async fn keep_fresh(self, stop: CancellationToken) {
        let Some(refresh) = self.refresh.clone() else {
            return;
        };
        loop {
            // Replicas that were started together ask at different times.
            let pause = refresh.every.mul_f64(rand::rng().random_range(0.9..1.1));
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(pause) => self.refresh_all().await,
            }
        }
    }

    /// Reads the secrets again if they are old: for a process whose timers sleep between requests.
    pub(super) async fn refresh_by_age(&self) {
        let Some(refresh) = &self.refresh else { return };
        {
            // Noted before the read, so that requests side by side ask once.
            let mut last = refresh.last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.elapsed() < refresh.every {
                return;
            }
            *last = Instant::now();
        }
        self.refresh_all().await;
    }

    /// What cannot be read now stays as it is: it went on working until now. The failure was logged and counted.
    async fn refresh_all(&self) {
        let (database, redis, api_keys) = (
            self.database.current(),
            self.redis.current(),
            self.api_keys.current(),
        );
        let _read = tokio::join!(
            self.database.renew(&database),
            self.redis.renew(&redis),
            self.api_keys.renew(&api_keys),
        );
    }
}

/// The administrator's login, and the users that are to exist.
pub(super) async fn users(config: &Config) -> Result<(Login, Users), StartError> {
    let ids = &config.secrets;
    let (Some(admin), Some(application)) = (&ids.admin, &ids.database) else {
        let problem = "setup-users needs DB_ADMIN_SECRET_ID and DB_SECRET_ID";
        return Err(StartError::Configuration(problem.to_owned()));
    };
    let manager = SecretsManager::new().await;
    let read = async |id: &str| Login::parse(id, &manager.read(id).await?, Needs::UserAndPassword);
    let migration = async {
        match &ids.migration {
            Some(id) => read(id).await.map(Some),
            None => Ok(None),
        }
    };
    let (admin, application, migration) =
        tokio::try_join!(read(admin), read(application), migration)?;
    // What RDS manages for its administrator names no server: it is the one of the other secret.
    let admin = Login {
        host: admin.host.or_else(|| application.host.clone()),
        port: admin.port.or(application.port),
        database: admin.database.or_else(|| application.database.clone()),
        ..admin
    };
    let users = Users {
        application,
        migration,
    };
    Ok((admin, users))
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

/// A login of the variables, or of the secret `id` where there is one.
async fn login(
    manager: Option<&SecretsManager>,
    id: Option<String>,
    needs: Needs,
    of_variables: impl FnOnce() -> Login,
) -> Result<Rotating<Login>, StartError> {
    match (manager, id) {
        (Some(manager), Some(id)) => {
            rotating(manager, id, move |id, text| Login::parse(id, text, needs)).await
        }
        _ => Ok(Rotating::fixed(of_variables())),
    }
}

/// The keys of `API_KEYS`, or of the secret `id` where there is one.
async fn keys(
    manager: Option<&SecretsManager>,
    id: Option<String>,
    config: &Config,
) -> Result<Rotating<ApiKeys>, StartError> {
    match (manager, id, &config.auth) {
        (Some(manager), Some(id), AuthConfig::ApiKey { .. }) => {
            rotating(manager, id, parse_keys).await
        }
        (_, _, AuthConfig::ApiKey { keys: Some(keys) }) => ApiKeys::parse(keys.expose())
            .map(Rotating::fixed)
            .map_err(|error| StartError::Configuration(format!("API_KEYS: {error}"))),
        _ => Ok(Rotating::fixed(ApiKeys::default())),
    }
}

fn parse_keys(id: &str, text: &Secret) -> Result<ApiKeys, SecretError> {
    ApiKeys::parse(text.expose()).map_err(|error| SecretError {
        id: id.to_owned(),
        problem: error.to_string(),
    })
}

/// Reads the secret now, and whenever the value is asked to renew itself.
async fn rotating<T: Clone + PartialEq + Send + Sync + 'static>(
    manager: &SecretsManager,
    id: String,
    parse: impl Fn(&str, &Secret) -> Result<T, SecretError> + Clone + Send + Sync + 'static,
) -> Result<Rotating<T>, StartError> {
    let first = parse(&id, &manager.read(&id).await?)?;
    let manager = manager.clone();
    Ok(Rotating::refreshed(first, move || {
        let (manager, id, parse) = (manager.clone(), id.clone(), parse.clone());
        counted(async move { parse(&id, &manager.read(&id).await?) })
    }))
}

/// Counts a refresh, and logs one that failed: whoever asked goes on with the present value.
async fn counted<T>(read: impl Future<Output = Result<T, SecretError>>) -> Result<T, SecretError> {
    let outcome = read.await;
    let result = match &outcome {
        Ok(_) => "success",
        Err(error) => {
            tracing::warn!(
                secret = error.id,
                problem = error.problem,
                "a secret could not be refreshed"
            );
            "failure"
        }
    };
    counter!(names::SECRET_REFRESH, "result" => result).increment(1);
    outcome
}
