//! `/v1/transactions`: the routes for new clients. JSON only, nothing passed over.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};

use super::{
    AppState, Prefix, create,
    error::ApiError,
    extract::{BodyBytes, Family, Fields, Form, Format, Query, ReadBody, path_id, precondition},
    reply,
};
use crate::{
    auth::Caller,
    domain::{
        Amount, AmountRange, Changes, Cursor, FieldError, FieldErrors, Filter, NewTransaction,
        Order, PageSize, TimeRange, Timestamp,
    },
    middleware::audit,
    service::StoredReply,
    wire,
};

/// What an idempotency key of this route is bound to.
const CREATE: &str = "POST /v1/transactions";
const FIELDS: [&str; 2] = ["amount", "description"];
const MAX_TEXT: usize = 255;

/// `POST /v1/transactions`: records one.
#[utoipa::path(
    post, path = "/v1/transactions", tag = "v1",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$",
            description = "Makes a repeated request safe for 24 hours")),
    request_body = super::docs::NewTransactionBody,
    responses(
        (status = 201, body = super::docs::TransactionBody, headers(
            ("Location", description = "The new row"), ("ETag", description = "Its state"))),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    prefix: Prefix,
    ReadBody(body): ReadBody,
) -> Result<Response, ApiError> {
    let mut form = Form::default();
    let fields = Fields::parse(
        &body.headers,
        &body.bytes,
        Format::Json,
        Family::V1,
        &mut form,
    )?;
    let mut faults = FieldErrors::default();
    refuse_parameters(body.query.as_deref(), &mut faults)?;
    fields.refuse_unknown(&FIELDS, &mut faults);
    let amount = faults.keep(fields.amount(state.rules.amount_sign));
    let description = faults.keep(fields.description());
    let claim = faults.keep(create::claim(&body, &caller, CREATE));
    let (Some(amount), Some(description), Some(claim), true) =
        (amount, description, claim, faults.is_empty())
    else {
        return Err(faults.into());
    };
    let new = NewTransaction {
        amount,
        description,
    };
    let reply: create::Kept = Arc::new(move |row| {
        let body = wire::resource(row);
        StoredReply {
            status: StatusCode::CREATED.as_u16(),
            content_type: "application/json".to_owned(),
            location: Some(create::location(&prefix, row.id)),
            etag: String::from_utf8(wire::etag(&body).to_vec()).ok(),
            body,
        }
    });
    create::run(&state, &caller, CREATE, new, claim, reply).await
}

/// `GET /v1/transactions`: one page.
#[utoipa::path(
    get, path = "/v1/transactions", tag = "v1",
    params(
        ("order" = Option<super::docs::OrderParameter>, Query, description = "By id; desc by default"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 250, description = "Rows of the page; 50 by default"),
        ("cursor" = Option<super::docs::CursorParameter>, Query,
         description = "`next_cursor` of the page before, of the same order and filters"),
        ("from" = Option<String>, Query, format = DateTime, description = "from <= created_at"),
        ("to" = Option<String>, Query, format = DateTime, description = "created_at < to"),
        ("min_amount" = Option<super::docs::AmountParameter>, Query),
        ("max_amount" = Option<super::docs::AmountParameter>, Query),
        ("q" = Option<String>, Query, max_length = 255, description = "A part of the description")),
    responses(
        (status = 200, body = super::docs::Page),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn list(State(state): State<AppState>, uri: Uri) -> Result<Response, ApiError> {
    let query = Query::parse(uri.query())?;
    let mut faults = FieldErrors::default();
    let known = [
        "order",
        "limit",
        "cursor",
        "from",
        "to",
        "min_amount",
        "max_amount",
        "q",
    ];
    query.refuse_unknown(&known, &mut faults);
    let order = query
        .parsed("order", &mut faults, Order::parse)
        .unwrap_or_default();
    let limit = query.parsed("limit", &mut faults, |name, text| {
        PageSize::parse(name, text, PageSize::MAX)
    });
    let filter = filter(&query, &mut faults);
    let cursor = query.parsed("cursor", &mut faults, |name, text| {
        Cursor::decode(name, text, order, &filter)
    });
    faults.check()?;
    let after = cursor.map(|cursor| cursor.after().get());
    let page = state
        .ledger
        .page(&filter, order, after, limit.unwrap_or(PageSize::DEFAULT))
        .await?;
    let last = page.rows.last().filter(|_| page.more);
    let next = last.map(|row| Cursor::new(row.id).encode(order, &filter));
    Ok(reply::json(wire::page(&page.rows, next.as_deref())))
}

fn filter(query: &Query, faults: &mut FieldErrors) -> Filter {
    Filter {
        time: time_range(query, faults),
        amount: AmountRange {
            min: query.parsed("min_amount", faults, Amount::parse),
            max: query.parsed("max_amount", faults, Amount::parse),
        },
        text: query.parsed("q", faults, search_text),
    }
}

fn search_text(name: &str, text: &str) -> Result<String, FieldError> {
    if text.chars().count() > MAX_TEXT {
        return Err(FieldError::new(name, "must have at most 255 characters"));
    }
    Ok(text.to_owned())
}

/// `from` and `to` of a query.
pub fn time_range(query: &Query, faults: &mut FieldErrors) -> TimeRange {
    TimeRange {
        from: query.parsed("from", faults, Timestamp::parse),
        to: query.parsed("to", faults, Timestamp::parse),
    }
}

/// `GET /v1/transactions/{id}`: one row.
#[utoipa::path(
    get, path = "/v1/transactions/{id}", tag = "v1",
    params(
        ("id" = u64, Path, minimum = 1, maximum = 9_223_372_036_854_775_807_u64),
        ("If-None-Match" = Option<String>, Header, description = "Entity tags, or *")),
    responses(
        (status = 200, body = super::docs::TransactionBody, headers(("ETag", description = "The row's state"))),
        (status = 304, description = "The row is in the named state"),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn find(
    State(state): State<AppState>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    let id = checked_id(&uri)?;
    let ready = state.ledger.resource(id).await?;
    let condition = precondition(&headers);
    let etag = ready.etag.as_deref().unwrap_or_default();
    if !condition.matched(etag) {
        return Err(ApiError::PreconditionFailed);
    }
    if condition.none_matched(etag) {
        return Ok(reply::not_modified(ready.etag));
    }
    Ok(reply::row(ready))
}

/// `PUT /v1/transactions/{id}`: both fields anew.
#[utoipa::path(
    put, path = "/v1/transactions/{id}", tag = "v1",
    params(
        ("id" = u64, Path, minimum = 1, maximum = 9_223_372_036_854_775_807_u64),
        ("If-Match" = Option<String>, Header, description = "Entity tags, or *")),
    request_body = super::docs::NewTransactionBody,
    responses(
        (status = 200, body = super::docs::TransactionBody, headers(("ETag", description = "The row's state"))),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn replace(
    State(state): State<AppState>,
    caller: Caller,
    uri: Uri,
    ReadBody(body): ReadBody,
) -> Result<Response, ApiError> {
    let mut form = Form::default();
    let fields = Fields::parse(
        &body.headers,
        &body.bytes,
        Format::Json,
        Family::V1,
        &mut form,
    )?;
    let mut faults = FieldErrors::default();
    fields.refuse_unknown(&FIELDS, &mut faults);
    let changes = Changes {
        amount: faults.keep(fields.amount(state.rules.amount_sign)),
        description: faults.keep(fields.description()),
    };
    change(
        &state,
        &caller,
        "PUT /v1/transactions/{id}",
        &uri,
        &body,
        (changes, faults),
    )
    .await
}

/// `PATCH /v1/transactions/{id}`: a JSON merge patch.
#[utoipa::path(
    patch, path = "/v1/transactions/{id}", tag = "v1",
    params(
        ("id" = u64, Path, minimum = 1, maximum = 9_223_372_036_854_775_807_u64),
        ("If-Match" = Option<String>, Header, description = "Entity tags, or *")),
    request_body(content((super::docs::ChangesBody = "application/merge-patch+json"),
                         (super::docs::ChangesBody = "application/json"))),
    responses(
        (status = 200, body = super::docs::TransactionBody, headers(("ETag", description = "The row's state"))),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn amend(
    State(state): State<AppState>,
    caller: Caller,
    uri: Uri,
    ReadBody(body): ReadBody,
) -> Result<Response, ApiError> {
    let mut form = Form::default();
    let fields = Fields::parse(
        &body.headers,
        &body.bytes,
        Format::MergePatch,
        Family::V1,
        &mut form,
    )?;
    let mut faults = FieldErrors::default();
    fields.refuse_unknown(&FIELDS, &mut faults);
    let amount = fields.optional_amount(state.rules.amount_sign);
    let description = fields.optional_description();
    let changes = Changes {
        amount: amount.and_then(|amount| faults.keep(amount)),
        description: description.and_then(|description| faults.keep(description)),
    };
    change(
        &state,
        &caller,
        "PATCH /v1/transactions/{id}",
        &uri,
        &body,
        (changes, faults),
    )
    .await
}

async fn change(
    state: &AppState,
    caller: &Caller,
    route: &'static str,
    uri: &Uri,
    body: &BodyBytes,
    (changes, mut faults): (Changes, FieldErrors),
) -> Result<Response, ApiError> {
    refuse_parameters(body.query.as_deref(), &mut faults)?;
    let id = match path_id(uri) {
        Err(ApiError::Validation(found)) => {
            found.into_iter().for_each(|fault| faults.push(fault));
            return Err(faults.into());
        }
        other => other?,
    };
    faults.check()?;
    let ready = state
        .ledger
        .update(id, changes, precondition(&body.headers))
        .await?;
    audit::write(caller, route, Some(id));
    Ok(reply::row(ready))
}

/// `DELETE /v1/transactions/{id}`: deletes one row.
#[utoipa::path(
    delete, path = "/v1/transactions/{id}", tag = "v1",
    params(
        ("id" = u64, Path, minimum = 1, maximum = 9_223_372_036_854_775_807_u64),
        ("If-Match" = Option<String>, Header, description = "Entity tags, or *")),
    responses(
        (status = 204, description = "Deleted"),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    let id = checked_id(&uri)?;
    state.ledger.delete(id, precondition(&headers)).await?;
    audit::write(&caller, "DELETE /v1/transactions/{id}", Some(id));
    Ok(reply::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /v1/transactions?from=…&to=…`: deletes the rows of a time.
#[utoipa::path(
    delete, path = "/v1/transactions", tag = "v1",
    description = "Deletes the rows recorded in a time. At least one bound must be given.",
    params(
        ("from" = Option<String>, Query, format = DateTime, description = "from <= created_at"),
        ("to" = Option<String>, Query, format = DateTime, description = "created_at < to")),
    responses(
        (status = 200, body = super::docs::Deleted),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn delete_range(
    State(state): State<AppState>,
    caller: Caller,
    uri: Uri,
) -> Result<Response, ApiError> {
    let query = Query::parse(uri.query())?;
    let mut faults = FieldErrors::default();
    query.refuse_unknown(&["from", "to"], &mut faults);
    let range = time_range(&query, &mut faults);
    if range.is_open() && faults.is_empty() {
        faults.push(FieldError::new("from", "or to is required"));
    }
    faults.check()?;
    let deleted = state.ledger.delete_many(range).await?;
    audit::write(&caller, "DELETE /v1/transactions", None);
    Ok(reply::json(format!("{{\"deleted\":{deleted}}}").into()))
}

fn checked_id(uri: &Uri) -> Result<crate::domain::TransactionId, ApiError> {
    let mut faults = FieldErrors::default();
    refuse_parameters(uri.query(), &mut faults)?;
    let id = path_id(uri)?;
    faults.check()?;
    Ok(id)
}

fn refuse_parameters(query: Option<&str>, faults: &mut FieldErrors) -> Result<(), ApiError> {
    Query::parse(query)?.refuse_unknown(&[], faults);
    Ok(())
}
