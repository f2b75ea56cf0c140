//! The body's bytes, within the limit and in time.

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;

use crate::{
    handlers::{AppState, error::ApiError},
    middleware::deadline::Deadline,
};

/// The whole body, with the headers that say what it is.
#[derive(Debug)]
pub struct BodyBytes {
    /// The headers of the request.
    pub headers: HeaderMap,
    /// The query, undecoded.
    pub query: Option<String>,
    /// The body.
    pub bytes: Bytes,
}

/// Reads the body of any request that a handler takes.
#[derive(Debug)]
pub struct ReadBody(pub BodyBytes);

impl FromRequest<AppState> for ReadBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let by = parts.extensions.get::<Deadline>().copied();
        let bytes = read(&parts.headers, body, state.body_limit, by).await?;
        Ok(Self(BodyBytes {
            query: parts.uri.query().map(str::to_owned),
            headers: parts.headers,
            bytes,
        }))
    }
}

async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    by: Option<Deadline>,
) -> Result<Bytes, ApiError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(ApiError::BodyTooLarge(limit));
    }
    let gathered = gather(body, limit);
    match by {
        Some(by) => by
            .limit(gathered)
            .await
            .unwrap_or(Err(ApiError::RequestTimeout)),
        None => gathered.await,
    }
}

async fn gather(mut body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let mut first = Bytes::new();
    let mut all: Option<BytesMut> = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            ApiError::MalformedBody("the body broke off or is not framed as it says")
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let length = all.as_ref().map_or(first.len(), BytesMut::len) + data.len();
        if length > limit {
            return Err(ApiError::BodyTooLarge(limit));
        }
        // Most bodies come in one piece: no copy for them.
        match &mut all {
            Some(all) => all.extend_from_slice(&data),
            None if first.is_empty() => first = data,
            None => {
                let mut both = BytesMut::with_capacity(length);
                both.extend_from_slice(&first);
                both.extend_from_slice(&data);
                all = Some(both);
            }
        }
    }
    Ok(all.map_or(first, BytesMut::freeze))
}
