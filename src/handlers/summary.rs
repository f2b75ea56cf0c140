//! `/v1/summary`: counts and sums by period.

use axum::{extract::State, http::Uri, response::Response};

use super::{AppState, error::ApiError, extract::Query, reply, transactions::time_range};
use crate::{
    domain::{FieldError, FieldErrors, Period},
    wire,
};

/// `GET /v1/summary`
#[utoipa::path(
    get, path = "/v1/summary", tag = "v1",
    params(
        ("by" = super::docs::PeriodParameter, Query, description = "The length of a period, in UTC"),
        ("from" = Option<String>, Query, format = DateTime, description = "from <= created_at"),
        ("to" = Option<String>, Query, format = DateTime, description = "created_at < to")),
    responses(
        (status = 200, body = super::docs::Summary),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn summary(State(state): State<AppState>, uri: Uri) -> Result<Response, ApiError> {
    let query = Query::parse(uri.query())?;
    let mut faults = FieldErrors::default();
    query.refuse_unknown(&["by", "from", "to"], &mut faults);
    let by = faults.keep(query.get("by").and_then(|by| match by {
        Some(by) => Period::parse("by", by),
        None => Err(FieldError::new("by", "is required: day or month")),
    }));
    let range = time_range(&query, &mut faults);
    let (Some(by), true) = (by, faults.is_empty()) else {
        return Err(faults.into());
    };
    let items = state.ledger.summary(by, &range).await?;
    Ok(reply::json(wire::summary(by, &items)))
}
