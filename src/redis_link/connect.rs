//! One trial to connect: name, socket, TLS, login, and who answers.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use redis::{
    AsyncConnectionConfig, ErrorKind, RedisConnectionInfo, RedisError, aio::MultiplexedConnection,
};
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{Identity, LinkError, tls};
use crate::{
    config::RedisConfig,
    secrets::{Login, Secret},
};

/// How long one trial may take. A healthy server answers in a few round trips; a frozen one is tried again soon after
/// it answers, because a trial that hangs on it is given up.
const TRIAL_LIMIT: Duration = Duration::from_millis(500);

/// Why a trial failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TrialError {
    /// The server does not take the login.
    #[error("the login was refused")]
    Login,
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection that was tried and found good, and the work on its socket, which somebody has to run.
pub(super) struct Fresh {
    pub(super) identity: Identity,
    pub(super) connection: MultiplexedConnection,
    pub(super) driver: tokio::task::JoinHandle<()>,
}

/// Where to connect, as far as the configuration says.
pub(super) struct Connector {
    host: Option<String>,
    port: u16,
    tls: Option<tls::Client>,
    username: Option<String>,
    token: Option<Secret>,
}

impl Connector {
    pub(super) fn new(config: &RedisConfig) -> Result<Self, LinkError> {
        let tls = config
            .tls
            .then(|| tls::Client::new(config.ca_bundle.as_deref()))
            .transpose()?;
        Ok(Self {
            host: config.host.clone(),
            port: config.port,
            tls,
            username: config.username.clone(),
            token: config.token.clone(),
        })
    }

    /// Connects with `login`; what it leaves open is taken from the configuration.
    pub(super) async fn connect(&self, login: &Login) -> Result<Fresh, TrialError> {
        match timeout(TRIAL_LIMIT, self.trial(login)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(TrialError::Other(format!(
                "no answer within {} ms",
                TRIAL_LIMIT.as_millis()
            ))),
        }
    }

    async fn trial(&self, login: &Login) -> Result<Fresh, TrialError> {
        let host = login.host.as_deref().or(self.host.as_deref());
        let host = host.ok_or_else(|| other("neither REDIS_HOST nor the secret names a host"))?;
        let stream = self.open(host, login.port.unwrap_or(self.port)).await?;
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let (connection, work) =
            MultiplexedConnection::new_with_config(&self.account(login), stream, config)
                .await
                .map_err(refusal)?;
        // Ends with the trial where that is given up.
        let mut driver = Driver(Some(tokio::spawn(work)));
        let identity = identity(&mut connection.clone()).await?;
        let driver = driver
            .0
            .take()
            .ok_or_else(|| other("the connection is gone"))?;
        Ok(Fresh {
            identity,
            connection,
            driver,
        })
    }

    /// The name is looked up each time: after a failover it stands for another server.
    async fn open(&self, host: &str, port: u16) -> Result<Pin<Box<dyn Stream>>, TrialError> {
        let socket = TcpStream::connect((host, port)).await.map_err(other)?;
        socket.set_nodelay(true).map_err(other)?;
        let Some(tls) = &self.tls else {
            return Ok(Box::pin(socket));
        };
        let name = ServerName::try_from(host.to_owned()).map_err(other)?;
        let config = tls.config().map_err(other)?;
        let stream = TlsConnector::from(config).connect(name, socket);
        Ok(Box::pin(stream.await.map_err(other)?))
    }

    fn account(&self, login: &Login) -> RedisConnectionInfo {
        let info = RedisConnectionInfo::default().set_skip_set_lib_name();
        let username = login.username.as_ref().or(self.username.as_ref());
        let info = match username {
            Some(username) => info.set_username(username),
            None => info,
        };
        match login.password.as_ref().or(self.token.as_ref()) {
            Some(password) => info.set_password(password.expose()),
            None => info,
        }
    }
}

/// Stops the work on a socket that nobody came to own.
struct Driver(Option<tokio::task::JoinHandle<()>>);

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(work) = &self.0 {
            work.abort();
        }
    }
}

fn identity(
    connection: &mut MultiplexedConnection,
) -> Pin<Box<dyn Future<Output = Result<Identity, TrialError>> + Send + '_>> {
    Box::pin(async move {
        let (server, replication): (String, String) = redis::pipe()
            .cmd("INFO")
            .arg("server")
            .cmd("INFO")
            .arg("replication")
            .query_async(connection)
            .await
            .map_err(refusal)?;
        if field(&replication, "role") != Some("master") {
            return Err(other("it is a replica"));
        }
        let missing = |name| move || other(format!("INFO names no {name}"));
        Ok(Identity {
            run_id: field(&server, "run_id")
                .ok_or_else(missing("run_id"))?
                .to_owned(),
            history: field(&replication, "master_replid")
                .ok_or_else(missing("master_replid"))?
                .to_owned(),
        })
    })
}

/// One value of the text that `INFO` answers.
pub(super) fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .map(str::trim_end)
        .filter(|value| !value.is_empty())
}

fn refusal(error: RedisError) -> TrialError {
    let login = matches!(error.kind(), ErrorKind::AuthenticationFailed)
        || matches!(error.code(), Some("WRONGPASS" | "NOAUTH"));
    if login {
        TrialError::Login
    } else {
        other(error)
    }
}

fn other(problem: impl fmt::Display) -> TrialError {
    TrialError::Other(problem.to_string())
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn fields_of_info_are_found_whole() {
        let info = "# Replication\r\nrole:master\r\nmaster_replid2:00\r\nmaster_replid:ab12\r\n";
        assert_eq!(field(info, "role"), Some("master"));
        assert_eq!(field(info, "master_replid"), Some("ab12"));
        assert_eq!(field(info, "run_id"), None);
    }
}
