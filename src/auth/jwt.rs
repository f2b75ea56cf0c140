//! Bearer tokens: signed by the issuer, for us, at this time.
//!
//! The key decides which algorithm is right, never the token: see [`jwk`](super::jwk).

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Validation, decode, errors::ErrorKind};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use super::{
    Caller, Reason, Scope,
    jwk::KeySet,
    jwks::{Jwks, JwksError},
};
use crate::config::JwtConfig;

/// Longest token that is looked at, in bytes.
pub const MAX_TOKEN_LEN: usize = 8 * 1024;
/// Longest subject, in bytes: it becomes the name of limits and of idempotency keys.
pub const MAX_SUBJECT_LEN: usize = 255;
/// By how much clocks may differ, in seconds.
pub const LEEWAY_SECS: u64 = 60;

/// Checks tokens of one issuer for one audience.
#[derive(Debug, Clone)]
pub struct JwtVerifier {
    jwks: Jwks,
    /// All but the algorithm, which the key decides.
    validation: Validation,
}

/// What of a token's header matters here.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
}

/// What of a token's claims matters here beside what [`Validation`] looks at.
#[derive(Deserialize)]
struct Claims {
    /// One issuer: a list of several would pass where ours is among them.
    #[serde(rename = "iss")]
    _issuer: String,
    sub: String,
    #[serde(default)]
    scope: Value,
    #[serde(default)]
    scp: Value,
    #[serde(default)]
    permissions: Value,
}

impl JwtVerifier {
    /// A verifier whose keys are not read yet. Fails where no https client can be made.
    pub fn new(config: &JwtConfig) -> Result<Self, JwksError> {
        let jwks = Jwks::new(&config.jwks)?;
        Ok(Self::with_keys(config, jwks))
    }

    /// A verifier with these keys.
    #[must_use]
    pub fn with_keys(config: &JwtConfig, jwks: Jwks) -> Self {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&config.issuer]);
        validation.set_audience(&[&config.audience]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_SECS;
        Self { jwks, validation }
    }

    /// The issuer's keys.
    #[must_use]
    pub fn keys(&self) -> &Jwks {
        &self.jwks
    }

    /// Who the token speaks of, if it is right in everything.
    pub async fn verify(&self, token: &str) -> Result<Caller, Reason> {
        if token.len() > MAX_TOKEN_LEN {
            return Err(Reason::Malformed);
        }
        let header = Header::parse(token)?;
        let algorithm = accepted(&header.alg)?;
        let id = header.kid.as_deref();
        let keys = self.jwks.current().await.ok_or(Reason::Unavailable)?;
        let first = self.check(token, &keys, id, algorithm);
        match first {
            // The issuer may have taken a new key. Without a key id a wrong signature is all that shows of it.
            Err(Reason::UnknownKey) => {}
            Err(Reason::BadSignature) if id.is_none() => {}
            _ => return first,
        }
        match self.jwks.newer(&keys).await {
            Some(newer) => self.check(token, &newer, id, algorithm),
            None => first,
        }
    }

    fn check(
        &self,
        token: &str,
        keys: &Arc<KeySet>,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Caller, Reason> {
        let mut validation = self.validation.clone();
        validation.algorithms = vec![algorithm];
        let mut reason = Reason::UnknownKey;
        for key in keys.named(id) {
            if !key.is_for(algorithm) {
                if id.is_some() {
                    reason = Reason::UnsupportedAlgorithm;
                }
                continue;
            }
            match decode::<Claims>(token, key.key(), &validation) {
                Ok(data) => return data.claims.into_caller(),
                Err(error) => reason = reason_of(error.kind()),
            }
            if reason != Reason::BadSignature {
                break;
            }
        }
        Err(reason)
    }
}

impl Header {
    fn parse(token: &str) -> Result<Self, Reason> {
        let encoded = token.split('.').next().unwrap_or_default();
        let json = BASE64_URL_SAFE_NO_PAD
            .decode(encoded)
            .map_err(|_| Reason::Malformed)?;
        let header: Self = serde_json::from_slice(&json).map_err(|_| Reason::Malformed)?;
        // RFC 7515, 4.1.11: what is critical and not understood is refused. Nothing of it is understood here.
        if header.crit.is_some() || token.split('.').count() != 3 {
            return Err(Reason::Malformed);
        }
        Ok(header)
    }
}

impl Claims {
    fn into_caller(self) -> Result<Caller, Reason> {
        let length_fits = (1..=MAX_SUBJECT_LEN).contains(&self.sub.len());
        if !length_fits || self.sub.chars().any(char::is_control) {
            return Err(Reason::BadClaims);
        }
        let mut scopes = Vec::new();
        for claim in [&self.scope, &self.scp, &self.permissions] {
            each_word(claim, |word| {
                if let Some(scope) = Scope::parse(word)
                    && !scopes.contains(&scope)
                {
                    scopes.push(scope);
                }
            });
        }
        Ok(Caller {
            subject: Some(self.sub),
            scopes,
        })
    }
}

/// The words of a claim: text with blanks between them, or a list of words. Other types hold none.
fn each_word(claim: &Value, mut take: impl FnMut(&str)) {
    match claim {
        Value::String(words) => words.split(' ').for_each(take),
        Value::Array(words) => words.iter().filter_map(Value::as_str).for_each(&mut take),
        _ => {}
    }
}

/// The algorithm by its name, if it is one with a public key.
fn accepted(name: &str) -> Result<Algorithm, Reason> {
    match name.parse() {
        Ok(Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) | Err(_) => {
            Err(Reason::UnsupportedAlgorithm)
        }
        Ok(algorithm) => Ok(algorithm),
    }
}

fn reason_of(error: &ErrorKind) -> Reason {
    match error {
        ErrorKind::ExpiredSignature => Reason::Expired,
        ErrorKind::ImmatureSignature => Reason::NotYetValid,
        ErrorKind::InvalidIssuer => Reason::WrongIssuer,
        ErrorKind::InvalidAudience => Reason::WrongAudience,
        ErrorKind::InvalidSignature => Reason::BadSignature,
        ErrorKind::InvalidAlgorithm | ErrorKind::MissingAlgorithm => Reason::UnsupportedAlgorithm,
        // The header was read before, so JSON that does not fit is that of the claims.
        ErrorKind::Json(_)
        | ErrorKind::MissingRequiredClaim(_)
        | ErrorKind::InvalidClaimFormat(_)
        | ErrorKind::InvalidSubject => Reason::BadClaims,
        _ => Reason::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(claims: &str) -> Result<Caller, Reason> {
        serde_json::from_str::<Claims>(claims)
            .unwrap()
            .into_caller()
    }

    #[test]
    fn scopes_come_as_words_or_lists_and_unknown_ones_mean_nothing() {
        let cases = [
            (
                r#""scope":"transactions:read  openid transactions:write""#,
                vec![Scope::Read, Scope::Write],
            ),
            (r#""scp":["transactions:admin",7,"x"]"#, vec![Scope::Admin]),
            (r#""scp":"transactions:read""#, vec![Scope::Read]),
            (
                r#""permissions":["transactions:read"],"scope":"transactions:read""#,
                vec![Scope::Read],
            ),
            (
                r#""scope":7,"permissions":{"transactions:read":true}"#,
                vec![],
            ),
            (
                r#""scope":"transactions:readx Transactions:read transactions:read,transactions:write""#,
                vec![],
            ),
        ];
        for (claims, scopes) in cases {
            let claims = format!(r#"{{"iss":"i","sub":"s",{claims}}}"#);
            assert_eq!(caller(&claims).unwrap().scopes, scopes, "{claims}");
        }
    }

    #[test]
    fn a_subject_is_short_text() {
        for sub in [
            String::new(),
            "a\\nb".to_owned(),
            "x".repeat(MAX_SUBJECT_LEN + 1),
        ] {
            let claims = format!(r#"{{"iss":"i","sub":"{sub}"}}"#);
            assert_eq!(caller(&claims), Err(Reason::BadClaims), "{sub}");
        }
        let longest = "x".repeat(MAX_SUBJECT_LEN);
        let claims = format!(r#"{{"iss":"i","sub":"{longest}"}}"#);
        assert_eq!(caller(&claims).unwrap().subject, Some(longest));
    }
}
