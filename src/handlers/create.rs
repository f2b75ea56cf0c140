//! What the two routes that record transactions have in common.

use axum::response::Response;
use sha2::{Digest as _, Sha256};

use super::{
    AppState, Prefix,
    error::ApiError,
    extract::{BodyBytes, claim_key},
    reply,
};
use crate::{
    auth::Caller,
    domain::{FieldError, NewTransaction, Timestamp, TransactionId},
    middleware::audit,
    service::Claim,
};

pub use crate::service::writes::Reply as Kept;

/// How long a reply is kept for its key.
const KEPT_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// The claim of a request with an idempotency key, bound to `route` and the body's bytes.
pub fn claim(
    body: &BodyBytes,
    caller: &Caller,
    route: &'static str,
) -> Result<Option<Claim>, FieldError> {
    let key = claim_key(&body.headers)?;
    Ok(key.map(|key| Claim {
        caller: caller.name().to_owned(),
        key,
        route,
        fingerprint: Sha256::digest(&body.bytes).into(),
        valid_since: Timestamp::from_micros(Timestamp::now().micros() - KEPT_MICROS),
    }))
}

/// Where the new row is found: below the prefix by which the request came.
pub fn location(prefix: &Prefix, id: TransactionId) -> String {
    format!("{}/v1/transactions/{id}", prefix.as_str())
}

/// Records the transaction and answers.
pub async fn run(
    state: &AppState,
    caller: &Caller,
    route: &'static str,
    new: NewTransaction,
    claim: Option<Claim>,
    kept: Kept,
) -> Result<Response, ApiError> {
    let recorded = state.ledger.create(new, claim, kept).await?;
    if let Some(id) = recorded.id {
        audit::write(caller, route, Some(id));
    }
    Ok(reply::stored(recorded.reply, recorded.id.is_none()))
}
