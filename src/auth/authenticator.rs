//! From the headers of a request to who sent it, by the mode that is configured.

use std::sync::Arc;

use axum::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, GetAll},
};

use super::{
    AuthFailure, Caller, Reason, Scheme,
    api_keys::{ApiKeys, MAX_KEY_LEN},
    jwt::JwtVerifier,
};
use crate::{secrets::Rotating, telemetry::names};

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// How callers say who they are: `AUTH_MODE`.
#[derive(Debug, Clone)]
pub enum Authenticator {
    /// Nobody is asked.
    Open,
    /// By one of these keys in `X-API-Key`; the list may change while the program runs.
    ApiKey(Arc<Rotating<ApiKeys>>),
    /// By a token in `Authorization: Bearer`.
    Jwt(Box<JwtVerifier>),
}

impl Authenticator {
    /// The credential that is asked for, if any.
    #[must_use]
    pub const fn scheme(&self) -> Option<Scheme> {
        match self {
            Self::Open => None,
            Self::ApiKey(_) => Some(Scheme::ApiKey),
            Self::Jwt(_) => Some(Scheme::Bearer),
        }
    }

    /// Who sent these headers. A failure is counted here, once.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<Caller, AuthFailure> {
        let (scheme, outcome) = match self {
            Self::Open => return Ok(Caller::anybody()),
            Self::ApiKey(keys) => (Scheme::ApiKey, by_api_key(&keys.current(), headers)),
            // Boxed: open services and those with keys must not carry the room that a token's check needs.
            Self::Jwt(verifier) => (Scheme::Bearer, Box::pin(by_token(verifier, headers)).await),
        };
        outcome.map_err(|reason| {
            metrics::counter!(names::AUTH_FAILURES, "reason" => reason.as_str()).increment(1);
            AuthFailure { scheme, reason }
        })
    }
}

fn by_api_key(keys: &ApiKeys, headers: &HeaderMap) -> Result<Caller, Reason> {
    let key = only(&headers.get_all(X_API_KEY))?.as_bytes();
    if key.is_empty() {
        return Err(Reason::Missing);
    }
    if key.len() > MAX_KEY_LEN {
        return Err(Reason::Malformed);
    }
    keys.find(key).ok_or(Reason::UnknownKey)
}

async fn by_token(verifier: &JwtVerifier, headers: &HeaderMap) -> Result<Caller, Reason> {
    let value = only(&headers.get_all(AUTHORIZATION))?;
    verifier.verify(bearer_token(value)?).await
}

/// The one value of a header: with two of them, we and a proxy before us could each believe another.
fn only<'a>(values: &GetAll<'a, HeaderValue>) -> Result<&'a HeaderValue, Reason> {
    let mut values = values.iter();
    let value = values.next().ok_or(Reason::Missing)?;
    match values.next() {
        None => Ok(value),
        Some(_) => Err(Reason::Malformed),
    }
}

/// The token of `Bearer <token>`. Another scheme is a credential that nobody asked for.
fn bearer_token(value: &HeaderValue) -> Result<&str, Reason> {
    let value = value.to_str().map_err(|_| Reason::Malformed)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Reason::Missing);
    }
    match token.trim_matches(' ') {
        "" => Err(Reason::Malformed),
        token => Ok(token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Scope, api_keys::NewKey};

    type Pairs<'a> = [(&'static str, &'a str)];

    fn headers(pairs: &Pairs<'_>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[tokio::test]
    async fn the_one_api_key_of_a_request_says_who_sent_it() {
        let key = NewKey::generate().unwrap();
        let keys = ApiKeys::parse(&key.list("team", &[Scope::Read])).unwrap();
        let authenticator = Authenticator::ApiKey(Arc::new(Rotating::fixed(keys)));
        let long = "x".repeat(MAX_KEY_LEN + 1);
        let cases: [(&Pairs<'_>, Result<&str, Reason>); 7] = [
            (&[("x-api-key", key.expose())], Ok("team")),
            (&[], Err(Reason::Missing)),
            (&[("x-api-key", "")], Err(Reason::Missing)),
            (&[("authorization", key.expose())], Err(Reason::Missing)),
            (&[("x-api-key", "guess")], Err(Reason::UnknownKey)),
            (&[("x-api-key", &long)], Err(Reason::Malformed)),
            (
                &[("x-api-key", "guess"), ("x-api-key", key.expose())],
                Err(Reason::Malformed),
            ),
        ];
        for (pairs, expected) in cases {
            let outcome = authenticator.authenticate(&headers(pairs)).await;
            let scheme = Scheme::ApiKey;
            match expected {
                Ok(name) => assert_eq!(outcome.unwrap().name(), name),
                Err(reason) => assert_eq!(outcome.unwrap_err(), AuthFailure { scheme, reason }),
            }
        }
    }

    #[tokio::test]
    async fn a_rotated_list_counts_at_once() {
        let (old, new) = (NewKey::generate().unwrap(), NewKey::generate().unwrap());
        let list = |key: &NewKey| ApiKeys::parse(&key.list("team", &[Scope::Read])).unwrap();
        let fresh = list(&new);
        let keys = Arc::new(Rotating::refreshed(list(&old), move || {
            let fresh = fresh.clone();
            async move { Ok(fresh) }
        }));
        let authenticator = Authenticator::ApiKey(Arc::clone(&keys));
        let with = |key: &NewKey| headers(&[("x-api-key", key.expose())]);
        assert!(authenticator.authenticate(&with(&old)).await.is_ok());
        assert!(authenticator.authenticate(&with(&new)).await.is_err());
        keys.renew(&keys.current()).await.unwrap();
        assert!(authenticator.authenticate(&with(&old)).await.is_err());
        assert!(authenticator.authenticate(&with(&new)).await.is_ok());
    }

    #[tokio::test]
    async fn nobody_is_asked_where_the_door_is_open() {
        let caller = Authenticator::Open
            .authenticate(&headers(&[("x-api-key", "x")]))
            .await;
        assert_eq!(caller, Ok(Caller::anybody()));
    }

    #[test]
    fn a_bearer_token_has_its_scheme_before_it() {
        let token =
            |value: &'static str| bearer_token(&HeaderValue::from_static(value)).map(str::to_owned);
        assert_eq!(token("Bearer a.b.c"), Ok("a.b.c".to_owned()));
        assert_eq!(token("bEARER  a.b.c "), Ok("a.b.c".to_owned()));
        assert_eq!(token("Bearer"), Err(Reason::Malformed));
        assert_eq!(token("Bearer "), Err(Reason::Malformed));
        assert_eq!(token("Basic YTpi"), Err(Reason::Missing));
        assert_eq!(token("a.b.c"), Err(Reason::Missing));
        let bytes = HeaderValue::from_bytes(b"Bearer \xff").unwrap();
        assert_eq!(bearer_token(&bytes), Err(Reason::Malformed));
    }
}
