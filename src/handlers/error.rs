//! Failures on the wire: RFC 9457 problem documents. The only file that names failure statuses.
//!
//! A handler or a layer returns an [`ApiError`]. Its response carries the problem in the extensions; the outermost
//! layer writes the body, because only there is the correlation id at hand for every reply alike.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use serde::Serialize;

use crate::{
    domain::{FieldError, FieldErrors},
    service::{ServiceError, StoreError},
};

/// Fields that one reply names at most: the rest is more of the same.
const MAX_FIELDS: usize = 50;

/// Every way in which a request fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// 400: the body's bytes cannot be read.
    MalformedBody(&'static str),
    /// 400: a path or query cannot be read.
    MalformedParameter(&'static str),
    /// 401, with the `WWW-Authenticate` challenge.
    Unauthenticated {
        /// Why, in words.
        detail: &'static str,
        /// The header's value.
        challenge: String,
    },
    /// 403: the caller lacks a scope.
    Forbidden {
        /// The scope that is needed.
        scope: &'static str,
        /// The header's value, where the credential knows one.
        challenge: Option<String>,
    },
    /// 403: deletes of many are switched off.
    DeleteAllDisabled,
    /// 404: no such row.
    NotFound,
    /// 404: no such route.
    NoRoute,
    /// 405, with the methods that are allowed.
    MethodNotAllowed(&'static str),
    /// 408: the body did not arrive in time.
    RequestTimeout,
    /// 409: the first request with this idempotency key still runs.
    RequestInProgress,
    /// 412: the row is not in the state that was named.
    PreconditionFailed,
    /// 413: the body is larger than this many bytes.
    BodyTooLarge(usize),
    /// 415: what the body may be.
    UnsupportedMediaType(&'static str),
    /// 422: readable, but wrong.
    Validation(Vec<FieldError>),
    /// 422: the idempotency key belongs to another request.
    IdempotencyKeyReused,
    /// 422: the reply would be larger than what the entrance can carry.
    ReplyTooLarge,
    /// 429, with the seconds until the next request is allowed.
    RateLimited(u64),
    /// 500: the cause is in the log.
    Internal,
    /// 503: the store cannot be reached.
    StoreUnavailable,
    /// 503: the issuer's keys could never be read, so no token can be checked.
    IssuerUnavailable,
    /// 503: the store's tables are missing.
    NotMigrated,
    /// 503: too many requests at once.
    Overloaded,
    /// 504: no reply in time.
    DeadlineExceeded,
}

impl ApiError {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::MalformedBody(_) | Self::MalformedParameter(_) => StatusCode::BAD_REQUEST,
            Self::Unauthenticated { .. } => StatusCode::UNAUTHORIZED,
            Self::Forbidden { .. } | Self::DeleteAllDisabled => StatusCode::FORBIDDEN,
            Self::NotFound | Self::NoRoute => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::RequestInProgress => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Validation(_) | Self::IdempotencyKeyReused | Self::ReplyTooLarge => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::StoreUnavailable
            | Self::IssuerUnavailable
            | Self::NotMigrated
            | Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// The stable code that clients decide by.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MalformedBody(_) => "malformed_body",
            Self::MalformedParameter(_) => "malformed_parameter",
            Self::Unauthenticated { .. } => "unauthenticated",
            Self::Forbidden { .. } => "forbidden",
            Self::DeleteAllDisabled => "delete_all_disabled",
            Self::NotFound => "not_found",
            Self::NoRoute => "no_route",
            Self::MethodNotAllowed(_) => "method_not_allowed",
            Self::RequestTimeout => "request_timeout",
            Self::RequestInProgress => "request_in_progress",
            Self::PreconditionFailed => "precondition_failed",
            Self::BodyTooLarge(_) => "body_too_large",
            Self::UnsupportedMediaType(_) => "unsupported_media_type",
            Self::Validation(_) => "validation_failed",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::ReplyTooLarge => "reply_too_large",
            Self::RateLimited(_) => "rate_limited",
            Self::Internal => "internal",
            Self::StoreUnavailable | Self::IssuerUnavailable => "store_unavailable",
            Self::NotMigrated => "not_migrated",
            Self::Overloaded => "overloaded",
            Self::DeadlineExceeded => "deadline_exceeded",
        }
    }

    /// What the client is told. Names no product, host, port, SQL or source path.
    fn detail(&self) -> String {
        match self {
            Self::MalformedBody(what) | Self::MalformedParameter(what) => (*what).to_owned(),
            Self::Unauthenticated { detail, .. } => (*detail).to_owned(),
            Self::Forbidden { scope, .. } => format!("the scope {scope} is needed"),
            Self::DeleteAllDisabled => "deleting many transactions is switched off".to_owned(),
            Self::NotFound => "there is no such transaction".to_owned(),
            Self::NoRoute => "there is no such route".to_owned(),
            Self::MethodNotAllowed(allow) => format!("this route takes {allow}"),
            Self::RequestTimeout => "the body did not arrive in time".to_owned(),
            Self::RequestInProgress => {
                "a request with this Idempotency-Key is in progress".to_owned()
            }
            Self::PreconditionFailed => "the transaction is not in the expected state".to_owned(),
            Self::BodyTooLarge(limit) => format!("the body must have at most {limit} bytes"),
            Self::UnsupportedMediaType(allowed) => format!("the body must be {allowed}"),
            Self::Validation(faults) => match faults.as_slice() {
                [fault] => fault_text(fault),
                faults => format!("{} fields or parameters are not valid", faults.len()),
            },
            Self::IdempotencyKeyReused => {
                "this Idempotency-Key was used for another request".to_owned()
            }
            Self::ReplyTooLarge => {
                "the reply is too large, ask for fewer rows with limit".to_owned()
            }
            Self::RateLimited(seconds) => format!("too many requests, try again in {seconds} s"),
            Self::Internal => "something went wrong, and was logged".to_owned(),
            Self::StoreUnavailable => "the store cannot be reached".to_owned(),
            Self::IssuerUnavailable => "tokens cannot be checked at the moment".to_owned(),
            Self::NotMigrated => "the store is not migrated yet".to_owned(),
            Self::Overloaded => "too many requests at once".to_owned(),
            Self::DeadlineExceeded => "the request was not answered in time".to_owned(),
        }
    }

    /// Faults in fields, each with its name.
    fn fields(&self) -> Vec<Fault<'_>> {
        match self {
            Self::Validation(faults) => faults
                .iter()
                .take(MAX_FIELDS)
                .map(|fault| Fault {
                    field: &fault.field,
                    message: &fault.message,
                })
                .collect(),
            Self::ReplyTooLarge => vec![Fault {
                field: "limit",
                message: "must be smaller: the reply is too large",
            }],
            _ => Vec::new(),
        }
    }

    /// Whole seconds after which to try again, at least 1.
    const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited(seconds) if *seconds > 1 => Some(*seconds),
            Self::RateLimited(_) | Self::RequestInProgress | Self::Overloaded => Some(1),
            Self::StoreUnavailable | Self::IssuerUnavailable => Some(2),
            Self::NotMigrated => Some(5),
            _ => None,
        }
    }

    /// A header that belongs to this failure alone.
    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::MethodNotAllowed(allow) => Some((header::ALLOW, HeaderValue::from_static(allow))),
            Self::Unauthenticated { challenge, .. } => Some((
                header::WWW_AUTHENTICATE,
                HeaderValue::from_str(challenge).ok()?,
            )),
            Self::Forbidden { challenge, .. } => Some((
                header::WWW_AUTHENTICATE,
                HeaderValue::from_str(challenge.as_ref()?).ok()?,
            )),
            _ => None,
        }
    }

    /// The problem document.
    #[must_use]
    pub fn document(&self, correlation_id: &str) -> String {
        let detail = self.detail();
        let problem = Problem {
            r#type: "about:blank",
            title: self.status().canonical_reason().unwrap_or_default(),
            status: self.status().as_u16(),
            detail: &detail,
            correlation_id,
            message: &detail,
            error: self.code(),
            errors: self.fields(),
        };
        // Texts and numbers: there is nothing that JSON cannot hold.
        serde_json::to_string(&problem).unwrap_or_default()
    }
}

/// RFC 9457 with the members that the old clients read.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    correlation_id: &'a str,
    message: &'a str,
    error: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault<'a>>,
}

#[derive(Serialize)]
struct Fault<'a> {
    field: &'a str,
    message: &'a str,
}

fn fault_text(fault: &FieldError) -> String {
    format!("{} {}", fault.field, fault.message)
}

/// The failure travels in the extensions; [`finish`] writes the body.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        if let Some((name, value)) = self.header() {
            headers.insert(name, value);
        }
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the body of a failure; every other response passes as it is.
pub fn finish(mut response: Response, correlation_id: &str) -> Response {
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        let document = error.document(correlation_id);
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        *response.body_mut() = Body::from(document);
    }
    response
}

impl From<FieldError> for ApiError {
    fn from(fault: FieldError) -> Self {
        Self::Validation(vec![fault])
    }
}

impl From<FieldErrors> for ApiError {
    fn from(faults: FieldErrors) -> Self {
        Self::Validation(faults.into_vec())
    }
}

/// The cause goes to the log here, once; the client is told what it may know.
impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::NotFound => Self::NotFound,
            ServiceError::PreconditionFailed => Self::PreconditionFailed,
            ServiceError::KeyReused => Self::IdempotencyKeyReused,
            ServiceError::InProgress => Self::RequestInProgress,
            ServiceError::Starting => Self::StoreUnavailable,
            ServiceError::Lost => {
                tracing::error!("a task ended without a result");
                Self::Internal
            }
            ServiceError::Store(StoreError::NotMigrated) => Self::NotMigrated,
            ServiceError::Store(StoreError::Unavailable { kind, cause }) => {
                tracing::warn!(kind = kind.as_str(), error = %cause, "the store cannot be reached");
                Self::StoreUnavailable
            }
            ServiceError::Store(StoreError::Internal { cause }) => {
                tracing::error!(error = %cause, "the store refused a statement");
                Self::Internal
            }
        }
    }
}
