//! Why a request could not say who it is: a fixed word for the metric, a sentence and a challenge for the client.

use super::Scope;

/// Why, in a fixed word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// There is no credential of the kind that is asked for.
    Missing,
    /// There is one that cannot be read, or more than one, or one that is too long.
    Malformed,
    /// No such API key, or no key of the issuer that the token could be signed with.
    UnknownKey,
    /// An algorithm that is not taken: `none`, HMAC, or one that the named key is not for.
    UnsupportedAlgorithm,
    /// The signature is not that of the key.
    BadSignature,
    /// The token's time is over.
    Expired,
    /// The token's time has not come.
    NotYetValid,
    /// Another issuer's token.
    WrongIssuer,
    /// A token for another service.
    WrongAudience,
    /// A claim that must be there is missing or of the wrong type.
    BadClaims,
    /// The issuer's keys were never had: nobody can be told from anybody.
    Unavailable,
}

impl Reason {
    /// Every reason, for metrics that exist from the first scrape.
    pub const ALL: [Self; 11] = [
        Self::Missing,
        Self::Malformed,
        Self::UnknownKey,
        Self::UnsupportedAlgorithm,
        Self::BadSignature,
        Self::Expired,
        Self::NotYetValid,
        Self::WrongIssuer,
        Self::WrongAudience,
        Self::BadClaims,
        Self::Unavailable,
    ];

    /// The label of `auth_failures_total`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::UnknownKey => "unknown_key",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::BadSignature => "bad_signature",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::BadClaims => "bad_claims",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Which credential is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `X-API-Key`
    ApiKey,
    /// `Authorization: Bearer`
    Bearer,
}

/// A request that could not say who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthFailure {
    /// The credential that was asked for.
    pub scheme: Scheme,
    /// Why.
    pub reason: Reason,
}

impl AuthFailure {
    /// A sentence for the client. Says nothing of which keys or issuers there are.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match (self.scheme, self.reason) {
            (Scheme::ApiKey, Reason::Missing) => "an API key is needed in the header X-API-Key",
            (Scheme::ApiKey, Reason::Malformed) => "the header X-API-Key does not hold one API key",
            (Scheme::ApiKey, _) => "the API key is not known",
            (Scheme::Bearer, Reason::Missing) => {
                "a bearer token is needed in the header Authorization"
            }
            (Scheme::Bearer, Reason::Malformed) => {
                "the header Authorization does not hold one readable token"
            }
            (Scheme::Bearer, Reason::UnknownKey) => {
                "the token is not signed with a key of the issuer"
            }
            (Scheme::Bearer, Reason::UnsupportedAlgorithm) => "the token's algorithm is not taken",
            (Scheme::Bearer, Reason::BadSignature) => "the token's signature is wrong",
            (Scheme::Bearer, Reason::Expired) => "the token has expired",
            (Scheme::Bearer, Reason::NotYetValid) => "the token is not valid yet",
            (Scheme::Bearer, Reason::WrongIssuer) => "the token is of another issuer",
            (Scheme::Bearer, Reason::WrongAudience) => "the token is for another audience",
            (Scheme::Bearer, Reason::BadClaims) => "the token lacks a claim that is needed",
            (Scheme::Bearer, Reason::Unavailable) => "tokens cannot be checked at the moment",
        }
    }

    /// The value of `WWW-Authenticate` for a 401. A request without any credential is told the scheme only
    /// (RFC 6750, 3.1).
    #[must_use]
    pub fn challenge(self) -> String {
        match (self.scheme, self.reason) {
            (Scheme::ApiKey, _) => API_KEY_CHALLENGE.to_owned(),
            (Scheme::Bearer, Reason::Missing) => BEARER_CHALLENGE.to_owned(),
            (Scheme::Bearer, _) => {
                let detail = self.detail();
                format!(
                    "{BEARER_CHALLENGE}, error=\"invalid_token\", error_description=\"{detail}\""
                )
            }
        }
    }
}

impl Scheme {
    /// The value of `WWW-Authenticate` for a 403 that lacks `scope`; only bearer tokens know one.
    #[must_use]
    pub fn insufficient_scope(self, scope: Scope) -> Option<String> {
        let scope = scope.as_str();
        let text = format!("{BEARER_CHALLENGE}, error=\"insufficient_scope\", scope=\"{scope}\"");
        (self == Self::Bearer).then_some(text)
    }
}

const API_KEY_CHALLENGE: &str = "ApiKey realm=\"expense-backend\"";
const BEARER_CHALLENGE: &str = "Bearer realm=\"expense-backend\"";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::telemetry::names;

    #[test]
    fn the_words_are_those_that_metrics_begin_with() {
        assert_eq!(names::AUTH_FAILURE_REASONS, Reason::ALL.map(Reason::as_str));
        assert_eq!(names::SCOPES, Scope::ALL.map(Scope::as_str));
    }

    #[test]
    fn every_reason_has_a_word_of_its_own() {
        let words: HashSet<_> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        assert_eq!(words.len(), Reason::ALL.len());
    }

    #[test]
    fn a_challenge_names_the_scheme_and_for_refused_tokens_the_error() {
        for reason in Reason::ALL {
            let challenge = AuthFailure {
                scheme: Scheme::Bearer,
                reason,
            }
            .challenge();
            assert!(challenge.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            assert!(
                challenge.starts_with("Bearer realm=\"expense-backend\""),
                "{challenge}"
            );
            assert_eq!(
                challenge.contains("error=\"invalid_token\", error_description=\""),
                reason != Reason::Missing,
                "{challenge}"
            );
            let challenge = AuthFailure {
                scheme: Scheme::ApiKey,
                reason,
            }
            .challenge();
            assert_eq!(challenge, "ApiKey realm=\"expense-backend\"");
        }
    }

    #[test]
    fn a_lack_of_scope_is_a_bearer_error() {
        assert_eq!(
            Scheme::Bearer.insufficient_scope(Scope::Admin).unwrap(),
            "Bearer realm=\"expense-backend\", error=\"insufficient_scope\", scope=\"transactions:admin\""
        );
        assert_eq!(Scheme::ApiKey.insufficient_scope(Scope::Admin), None);
    }
}
