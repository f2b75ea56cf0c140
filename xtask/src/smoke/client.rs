//! The one who asks: requests below one address, replies as they came.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use ureq::{
    Agent,
    http::{Method, Request, Response},
    tls::{Certificate, RootCerts, TlsConfig},
};

use super::{
    fault::Fault,
    options::{Credential, Options},
    reply::Reply,
};

/// The longest reply that is read: far more than a list in a test environment has.
const MOST_BYTES: u64 = 64 << 20;

/// Asks one service.
pub(super) struct Client {
    agent: Agent,
    url: String,
    base_path: String,
    credential: Credential,
    timeout: Duration,
    release: Option<String>,
    /// In the correlation id of each request, and in the description of each row that it records.
    marker: String,
}

impl Client {
    /// A client for what the options name.
    pub(super) fn new(options: &Options, marker: String) -> anyhow::Result<Self> {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            // A reply is judged as it came: a redirection is not what was promised.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(options.timeout))
            .user_agent("expense-backend-smoke");
        if options.loopback {
            config = config.proxy(None);
        }
        if options.url.starts_with("https:") {
            config = config.tls_config(tls()?);
        }
        Ok(Self {
            agent: config.build().into(),
            url: options.url.clone(),
            base_path: options.base_path.clone(),
            credential: options.credential.clone(),
            timeout: options.timeout,
            release: options.release.clone(),
            marker,
        })
    }

    /// What marks this run.
    pub(super) fn marker(&self) -> &str {
        &self.marker
    }

    /// `API_BASE_PATH`, as `Location` repeats it.
    pub(super) fn base_path(&self) -> &str {
        &self.base_path
    }

    /// The version that the service must be of, where one was named.
    pub(super) fn release(&self) -> Option<&str> {
        self.release.as_deref()
    }

    /// Whether it says who it is.
    pub(super) fn has_credential(&self) -> bool {
        self.credential != Credential::None
    }

    /// GET.
    pub(super) fn get(&self, path: &str) -> Result<Reply, Fault> {
        self.send(&Ask::new(Method::GET, path))
    }

    /// DELETE.
    pub(super) fn delete(&self, path: &str) -> Result<Reply, Fault> {
        self.send(&Ask::new(Method::DELETE, path))
    }

    /// Sends a request. No reply at all is a fault.
    pub(super) fn send(&self, ask: &Ask) -> Result<Reply, Fault> {
        let target = if ask.past_base_path {
            ask.path.clone()
        } else {
            format!("{}{}", self.base_path, ask.path)
        };
        let asked = format!("{} {target}", ask.method);
        self.exchange(ask, &target)
            .map(|response| Reply::new(asked.clone(), &response))
            .map_err(|error| Fault {
                asked,
                wanted: format!("a reply within {} s", self.timeout.as_secs()),
                came: error.to_string(),
            })
    }

    fn exchange(&self, ask: &Ask, target: &str) -> Result<Response<Vec<u8>>, ureq::Error> {
        let mut request = Request::builder()
            .method(&ask.method)
            .uri(format!("{}{target}", self.url))
            .header("X-Correlation-ID", &self.marker);
        if !ask.anonymous {
            request = match &self.credential {
                Credential::None => request,
                Credential::ApiKey(key) => request.header("X-API-Key", key),
                Credential::Bearer(token) => {
                    request.header("Authorization", format!("Bearer {token}"))
                }
            };
        }
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let response = match &ask.json {
            None => self.agent.run(request.body(())?)?,
            Some(json) => {
                let request = request.header("Content-Type", "application/json");
                self.agent.run(request.body(json.as_bytes())?)?
            }
        };
        let (parts, body) = response.into_parts();
        let bytes = body.into_with_config().limit(MOST_BYTES).read_to_vec()?;
        Ok(Response::from_parts(parts, bytes))
    }
}

/// TLS by the provider of the whole workspace, trusting what the machine trusts (`SSL_CERT_FILE` names others).
fn tls() -> anyhow::Result<TlsConfig> {
    let roots = rustls_native_certs::load_native_certs();
    ensure!(
        !roots.certs.is_empty(),
        "no root certificates on this machine: {:?}",
        roots.errors
    );
    let roots = roots.certs.iter();
    let roots: RootCerts = roots
        .map(|root| Certificate::from_der(root.as_ref()).to_owned())
        .into();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider)
        .root_certs(roots)
        .build())
}

/// A request.
pub(super) struct Ask {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    json: Option<String>,
    anonymous: bool,
    past_base_path: bool,
}

impl Ask {
    /// A request without a body for a path below the base path.
    pub(super) fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            json: None,
            anonymous: false,
            past_base_path: false,
        }
    }

    /// Adds a header.
    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Sets a JSON body.
    pub(super) fn json(mut self, body: &serde_json::Value) -> Self {
        self.json = Some(body.to_string());
        self
    }

    /// Sent without the credential.
    pub(super) fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// Asked beside the base path, not below it.
    pub(super) fn past_base_path(mut self) -> Self {
        self.past_base_path = true;
        self
    }
}

/// A word that no other run has: the time and the process.
pub(super) fn marker() -> anyhow::Result<String> {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .context("the clock stands before 1970")?;
    Ok(format!("smoke-{:x}-{}", now.as_nanos(), std::process::id()))
}
