//! Which certificates are trusted.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use super::LinkError;

/// A client that verifies chain and host name.
pub(super) struct Client {
    config: OnceLock<Arc<ClientConfig>>,
}

impl Client {
    /// By the certificates of `bundle`, which is read now; by the system's roots where there is none, read when they
    /// are first needed: their hundred or more take a good part of a Lambda's init.
    pub(super) fn new(bundle: Option<&Path>) -> Result<Self, LinkError> {
        let config = OnceLock::new();
        if let Some(path) = bundle {
            // Empty until here.
            let _set = config.set(trusting(from_file(path)?)?);
        }
        Ok(Self { config })
    }

    pub(super) fn config(&self) -> Result<Arc<ClientConfig>, LinkError> {
        if let Some(config) = self.config.get() {
            return Ok(config.clone());
        }
        let config = trusting(from_system()?)?;
        Ok(self.config.get_or_init(|| config).clone())
    }
}

fn trusting(roots: RootCertStore) -> Result<Arc<ClientConfig>, LinkError> {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| LinkError(format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn from_file(path: &Path) -> Result<RootCertStore, LinkError> {
    let fault =
        |problem: String| LinkError(format!("REDIS_CA_BUNDLE {}: {problem}", path.display()));
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|error| fault(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| fault(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| fault(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(fault("holds no certificate".to_owned()));
    }
    Ok(roots)
}

fn from_system() -> Result<RootCertStore, LinkError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // Some systems carry roots that are no longer well formed: the others serve.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(LinkError(
            "the system has no trusted roots: set REDIS_CA_BUNDLE".to_owned(),
        ));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_that_cannot_serve_is_named() {
        let fault = |path: &Path| match Client::new(Some(path)) {
            Ok(_) => panic!("{} serves", path.display()),
            Err(error) => error.to_string(),
        };
        let missing = fault(Path::new("/nowhere/ca.pem"));
        assert!(missing.contains("REDIS_CA_BUNDLE /nowhere/ca.pem"));
        let empty = tempfile::NamedTempFile::new().unwrap();
        let empty = fault(empty.path());
        assert!(empty.ends_with("holds no certificate"), "{empty}");
    }
}
