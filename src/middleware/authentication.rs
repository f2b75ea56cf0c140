//! Which endpoints are open, which scope the others need, and whether a caller has it.

use axum::http::Method;

use crate::{
    auth::{AuthFailure, Authenticator, Caller, Reason, Scope},
    telemetry::names,
};

/// What balancers, orchestrators and Prometheus ask for: never refused for who asks or how often.
const PROBES: [&str; 4] = ["/livez", "/readyz", "/health", "/metrics"];
/// What else anybody may read: the description of the API and the page.
const OPEN: [&str; 3] = ["/openapi.json", "/docs", "/"];
/// Where DELETE takes many rows at once.
const LISTS: [&str; 2] = ["/transaction", "/v1/transactions"];

/// A request that may not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// 401: nobody knows who asks.
    Unauthenticated(AuthFailure),
    /// 503: tokens cannot be checked, because the issuer's keys could never be read. No fault of the caller's.
    Unavailable,
    /// 403: the caller lacks a scope.
    Forbidden {
        /// The scope that is needed.
        scope: Scope,
        /// The value of `WWW-Authenticate`, where the credential knows one.
        challenge: Option<String>,
    },
    /// 403: without authentication, deletes of many are switched off.
    DeleteAllDisabled,
}

impl From<AuthFailure> for Refusal {
    fn from(failure: AuthFailure) -> Self {
        match failure.reason {
            Reason::Unavailable => Self::Unavailable,
            _ => Self::Unauthenticated(failure),
        }
    }
}

/// Whether the endpoint is a probe, which no limit holds up. `template` is that of the route, without the base path;
/// `None` where no route matched.
#[must_use]
pub fn is_probe(template: Option<&str>) -> bool {
    template.is_some_and(|template| PROBES.contains(&template))
}

/// Whether the endpoint is open to anybody. An unknown path is: its 404 tells nothing. A new route is not, until it is
/// listed here.
#[must_use]
pub fn is_open(template: Option<&str>) -> bool {
    is_probe(template) || template.is_none_or(|template| OPEN.contains(&template))
}

/// The scope that a request for a route that is not open needs.
#[must_use]
pub fn needed_scope(method: &Method, template: &str) -> Scope {
    match *method {
        Method::GET | Method::HEAD => Scope::Read,
        Method::POST | Method::PUT | Method::PATCH => Scope::Write,
        Method::DELETE if !LISTS.contains(&template) => Scope::Write,
        // Deletes of many, and methods that no route takes.
        _ => Scope::Admin,
    }
}

/// Whether `caller` may do this; gives them back if so. A refusal is counted here, once.
pub fn permit(
    authenticator: &Authenticator,
    caller: Caller,
    method: &Method,
    template: Option<&str>,
    allow_delete_all: bool,
) -> Result<Caller, Refusal> {
    let Some(template) = template else {
        return Ok(caller);
    };
    let scope = needed_scope(method, template);
    let refusal = match authenticator.scheme() {
        _ if is_open(Some(template)) => return Ok(caller),
        None if scope == Scope::Admin && method == Method::DELETE && !allow_delete_all => {
            Refusal::DeleteAllDisabled
        }
        Some(scheme) if !caller.may(scope) => Refusal::Forbidden {
            scope,
            challenge: scheme.insufficient_scope(scope),
        },
        _ => return Ok(caller),
    };
    metrics::counter!(names::AUTH_DENIED, "scope" => scope.as_str()).increment(1);
    Err(refusal)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{auth::api_keys::ApiKeys, secrets::Rotating};

    fn keys() -> Authenticator {
        Authenticator::ApiKey(Arc::new(Rotating::fixed(ApiKeys::default())))
    }

    fn caller(scopes: &[Scope]) -> Caller {
        Caller {
            subject: Some("team".to_owned()),
            scopes: scopes.to_vec(),
        }
    }

    #[test]
    fn each_method_and_route_needs_its_scope() {
        let cases = [
            (Method::GET, "/transaction", Scope::Read),
            (Method::HEAD, "/v1/summary", Scope::Read),
            (Method::POST, "/transaction", Scope::Write),
            (Method::PUT, "/v1/transactions/{id}", Scope::Write),
            (Method::PATCH, "/v1/transactions/{id}", Scope::Write),
            (Method::DELETE, "/transaction/id", Scope::Write),
            (Method::DELETE, "/transaction/{id}", Scope::Write),
            (Method::DELETE, "/v1/transactions/{id}", Scope::Write),
            (Method::DELETE, "/transaction", Scope::Admin),
            (Method::DELETE, "/v1/transactions", Scope::Admin),
            (Method::TRACE, "/transaction", Scope::Admin),
        ];
        for (method, template, needed) in cases {
            assert_eq!(
                needed_scope(&method, template),
                needed,
                "{method} {template}"
            );
            for held in Scope::ALL {
                let outcome = permit(&keys(), caller(&[held]), &method, Some(template), true);
                let refusal = Refusal::Forbidden {
                    scope: needed,
                    challenge: None,
                };
                let expected = if held == needed {
                    Ok(caller(&[held]))
                } else {
                    Err(refusal)
                };
                assert_eq!(outcome, expected, "{method} {template} with {held:?}");
            }
        }
    }

    #[test]
    fn only_listed_routes_are_open() {
        for template in [
            "/livez",
            "/readyz",
            "/health",
            "/metrics",
            "/openapi.json",
            "/docs",
            "/",
        ] {
            assert!(is_open(Some(template)), "{template}");
            assert!(permit(&keys(), caller(&[]), &Method::GET, Some(template), false).is_ok());
        }
        for template in [
            "/transaction",
            "/v1/transactions",
            "/v1/summary",
            "/new",
            "",
        ] {
            assert!(!is_open(Some(template)), "{template}");
        }
        assert!(is_open(None) && !is_probe(None) && !is_probe(Some("/docs")));
    }

    #[test]
    fn deletes_of_many_can_be_switched_off_where_nobody_is_asked_who_they_are() {
        let delete = |authenticator: &Authenticator, template, allowed| {
            let caller = Caller::anybody();
            permit(
                authenticator,
                caller,
                &Method::DELETE,
                Some(template),
                allowed,
            )
            .err()
        };
        for list in LISTS {
            assert_eq!(delete(&Authenticator::Open, list, true), None);
            let refused = delete(&Authenticator::Open, list, false);
            assert_eq!(refused, Some(Refusal::DeleteAllDisabled));
            assert_eq!(delete(&keys(), list, false), None, "the scope decides");
        }
        assert_eq!(
            delete(&Authenticator::Open, "/transaction/{id}", false),
            None
        );
    }
}
