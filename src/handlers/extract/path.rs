//! The id at the end of a path.

use axum::http::Uri;

use crate::{domain::TransactionId, handlers::error::ApiError};

/// Parses the last segment of the path as an id.
pub fn path_id(uri: &Uri) -> Result<TransactionId, ApiError> {
    let segment = uri.path().rsplit('/').next().unwrap_or_default();
    let text = super::encoding::decode(segment, false).ok_or(ApiError::MalformedParameter(
        "the path's percent-encoding cannot be read",
    ))?;
    Ok(TransactionId::parse("id", &text)?)
}
