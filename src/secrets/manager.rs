//! AWS Secrets Manager: one call, with clear failures.

use std::time::Duration;

use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_secretsmanager::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::get_secret_value::GetSecretValueError,
};

use super::{Secret, SecretError};

/// One try, connection included.
const ATTEMPT: Duration = Duration::from_secs(3);
/// All tries of one read: a start that cannot have its secrets ends within ten seconds.
const READ: Duration = Duration::from_secs(8);
const TRIES: u32 = 3;
/// The stage that holds the secret's present value.
const CURRENT: &str = "AWSCURRENT";

/// A client. The standard AWS variables say where it asks and as whom.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    client: Client,
}

impl SecretsManager {
    /// Reads the AWS configuration; asks for nothing yet.
    pub async fn new() -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(READ)
            .operation_attempt_timeout(ATTEMPT)
            .build();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
            .load()
            .await;
        Self {
            client: Client::new(&config),
        }
    }

    /// The present text of a secret.
    pub async fn read(&self, id: &str) -> Result<Secret, SecretError> {
        let request = self
            .client
            .get_secret_value()
            .secret_id(id)
            .version_stage(CURRENT);
        let fault = |problem: String| SecretError {
            id: id.to_owned(),
            problem,
        };
        // The credentials' own chain (a metadata service that does not answer) is not part of the client's times.
        let answered = tokio::time::timeout(READ, request.send()).await;
        let value = match answered {
            Ok(Ok(value)) => value,
            Ok(Err(error)) => {
                tracing::debug!(secret = id, error = %DisplayErrorContext(&error), "a secret could not be read");
                return Err(fault(problem(&error)));
            }
            Err(_) => return Err(fault("Secrets Manager did not answer in time".to_owned())),
        };
        match (value.secret_string, value.secret_binary) {
            (Some(text), _) => Ok(Secret::new(text)),
            (None, Some(_)) => Err(fault("holds binary, text is needed".to_owned())),
            (None, None) => Err(fault("is empty".to_owned())),
        }
    }
}

/// What went wrong, in words that name neither key nor account.
fn problem(error: &SdkError<GetSecretValueError>) -> String {
    let code = error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code);
    let words = match (error, code) {
        (_, Some("ResourceNotFoundException")) => {
            "there is no such secret, or it has no current version"
        }
        (_, Some("AccessDeniedException" | "AccessDenied")) => "access is denied to this role",
        (_, Some("DecryptionFailure" | "KMSAccessDeniedException")) => {
            "its key may not be used by this role"
        }
        (
            _,
            Some(
                "ThrottlingException"
                | "Throttling"
                | "RequestLimitExceeded"
                | "TooManyRequestsException",
            ),
        ) => "Secrets Manager throttles this account's requests",
        (_, Some("InvalidRequestException")) => {
            "it is scheduled for deletion, or in a state that cannot be read"
        }
        (_, Some("InvalidParameterException" | "ValidationException")) => {
            "its id or ARN is not valid"
        }
        (
            _,
            Some(
                "UnrecognizedClientException"
                | "InvalidClientTokenId"
                | "ExpiredTokenException"
                | "InvalidSignatureException"
                | "SignatureDoesNotMatch",
            ),
        ) => "the AWS credentials are not valid or have expired",
        (_, Some(_)) => "Secrets Manager could not answer",
        (SdkError::TimeoutError(_), None) => "Secrets Manager did not answer in time",
        (SdkError::ConstructionFailure(_), None) => {
            "the request could not be made: is AWS_REGION set?"
        }
        (SdkError::DispatchFailure(failure), None) if failure.is_timeout() => {
            "Secrets Manager did not answer in time"
        }
        (SdkError::DispatchFailure(failure), None) if failure.is_io() => {
            "Secrets Manager cannot be reached"
        }
        (SdkError::DispatchFailure(_), None) => {
            "no AWS credentials can be had, or no region is set"
        }
        (_, None) => "Secrets Manager's reply cannot be understood",
    };
    match code {
        Some(code) => format!("{words} ({code})"),
        None => words.to_owned(),
    }
}
