//! Who may call.

use std::{net::IpAddr, path::PathBuf};

use super::{SecretsConfig, Variables, api_keys};
use crate::secrets::Secret;

/// Who may call.
#[derive(Debug, Clone)]
pub enum AuthConfig {
    /// `none`: anybody.
    None,
    /// `api-key`: whoever has a listed key. The JSON array of `API_KEYS`; absent where the secret holds it.
    ApiKey {
        /// `API_KEYS`
        keys: Option<Secret>,
    },
    /// `jwt`: whoever has a token of the issuer.
    Jwt(JwtConfig),
}

/// Which tokens are taken.
#[derive(Debug, Clone)]
pub struct JwtConfig {
    /// `JWT_ISSUER`
    pub issuer: String,
    /// `JWT_AUDIENCE`
    pub audience: String,
    /// `JWT_JWKS`
    pub jwks: JwksSource,
}

/// Where the issuer's public keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JwksSource {
    /// An https address (http on loopback only).
    Url(String),
    /// A file.
    File(PathBuf),
}

#[derive(Clone, Copy)]
enum Mode {
    None,
    ApiKey,
    Jwt,
}

const MODES: &[(&str, Mode)] = &[
    ("none", Mode::None),
    ("api-key", Mode::ApiKey),
    ("jwt", Mode::Jwt),
];

impl AuthConfig {
    pub(super) fn read(vars: &mut Variables<'_>, secrets: &SecretsConfig) -> Self {
        let keys = api_keys::read(vars);
        let jwks = vars.parsed("JWT_JWKS", jwks);
        match vars.word("AUTH_MODE", MODES).unwrap_or(Mode::None) {
            Mode::None => Self::None,
            Mode::ApiKey => {
                if secrets.api_keys.is_none() {
                    require(
                        vars,
                        "API_KEYS",
                        "AUTH_MODE=api-key needs it, or API_KEYS_SECRET_ID",
                    );
                }
                Self::ApiKey { keys }
            }
            Mode::Jwt => {
                for name in ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_JWKS"] {
                    require(vars, name, "AUTH_MODE=jwt needs it");
                }
                Self::Jwt(JwtConfig {
                    issuer: vars.text("JWT_ISSUER").unwrap_or_default(),
                    audience: vars.text("JWT_AUDIENCE").unwrap_or_default(),
                    jwks: jwks.unwrap_or(JwksSource::File(PathBuf::new())),
                })
            }
        }
    }
}

fn require(vars: &mut Variables<'_>, name: &str, reason: &str) {
    if !vars.is_set(name) {
        vars.fault(name, format!("is not set: {reason}"));
    }
}

fn jwks(value: &str) -> Result<JwksSource, String> {
    let allowed = "allowed is an https address without user name and password (http on a loopback address only), or the path of a file";
    if !value.contains("://") {
        return Ok(JwksSource::File(PathBuf::from(value)));
    }
    let url = reqwest::Url::parse(value).map_err(|_| allowed)?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let address = host.parse::<IpAddr>();
    let loopback = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    let safe = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    if safe && url.username().is_empty() && url.password().is_none() {
        return Ok(JwksSource::Url(value.to_owned()));
    }
    Err(allowed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_sets_come_by_https_or_from_a_file() {
        let url = |text: &str| Ok(JwksSource::Url(text.to_owned()));
        for good in [
            "https://issuer.example.com/jwks.json",
            "http://127.0.0.1:9/jwks",
            "http://[::1]:9/jwks",
            "http://localhost/jwks",
        ] {
            assert_eq!(jwks(good), url(good));
        }
        assert_eq!(
            jwks("/etc/jwks.json"),
            Ok(JwksSource::File("/etc/jwks.json".into()))
        );
        for bad in [
            "http://issuer.example.com/jwks",
            "http://localhost.example.com/",
            "ftp://x/y",
            "https://",
            "https://a:b@issuer.example.com/",
        ] {
            assert!(jwks(bad).is_err(), "{bad}");
        }
    }
}
