//! `/transaction`: the routes of the old application, to the letter.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Uri, header},
    response::Response,
};
use bytes::Bytes;

use super::{
    AppState, Prefix,
    create::{self, Kept},
    error::ApiError,
    extract::{BodyBytes, Family, Fields, Form, Format, Query, ReadBody, path_id},
    reply,
};
use crate::{
    auth::Caller,
    domain::{FieldErrors, NewTransaction, PageSize, TimeRange, TransactionId},
    middleware::audit,
    service::{ServiceError, StoredReply, list::ListReply, precondition::Precondition},
};

/// What an idempotency key of this route is bound to.
const CREATE: &str = "POST /transaction";
const ADDED: &[u8] = b"{\"message\":\"added transaction successfully\"}";
const ALL_DELETED: &[u8] = b"{\"message\":\"delete function execution finished.\"}";

/// `GET /transaction`: all rows, or one page with `limit`, or all later rows with `after` alone.
#[utoipa::path(
    get, path = "/transaction", tag = "old",
    params(
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 1000, description = "Rows of one page"),
        ("after" = Option<u64>, Query, minimum = 0, maximum = 9_223_372_036_854_775_807_u64,
         description = "The id after which to begin, or 0")),
    responses(
        (status = 200, body = super::docs::OldList, headers(("Link", description = "The next page, where rows follow"))),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn list(
    State(state): State<AppState>,
    prefix: Prefix,
    uri: Uri,
) -> Result<Response, ApiError> {
    let query = Query::parse(uri.query())?;
    let mut faults = FieldErrors::default();
    let after = query.parsed("after", &mut faults, TransactionId::parse_after);
    let limit = query.parsed("limit", &mut faults, |name, text| {
        PageSize::parse(name, text, PageSize::MAX_OLD)
    });
    faults.check()?;
    match (limit, after) {
        (Some(limit), after) => page(&state, &prefix, after.unwrap_or(0), limit).await,
        (None, Some(after)) => Ok(whole(&state, state.ledger.list_after(after).await?)),
        (None, None) => Ok(whole(&state, state.ledger.list().await?)),
    }
}

async fn page(
    state: &AppState,
    prefix: &Prefix,
    after: i64,
    limit: PageSize,
) -> Result<Response, ApiError> {
    let (body, next) = state.ledger.old_page(after, limit).await?;
    let mut response = reply::old(body);
    if let Some(next) = next {
        let link = format!(
            "<{}/transaction?limit={}&after={next}>; rel=\"next\"",
            prefix.as_str(),
            limit.rows()
        );
        if let Ok(link) = HeaderValue::from_str(&link) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    Ok(response)
}

fn whole(state: &AppState, list: ListReply) -> Response {
    match list.rest_after {
        None => reply::old(list.head),
        Some(after) => reply::old(streamed(list.head, state.ledger.rest(after))),
    }
}

/// The beginning, then the rest as the client reads it.
fn streamed(head: Bytes, rest: crate::service::list::Rest) -> Body {
    use futures_util::{StreamExt as _, stream};
    let beginning = stream::once(async move { Ok(head) });
    Body::from_stream(beginning.chain(rest.into_stream()))
}

/// `POST /transaction`: records one.
#[utoipa::path(
    post, path = "/transaction", tag = "old",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$",
            description = "Makes a repeated request safe for 24 hours")),
    request_body(description = "`desc` is taken for `description` too; a form with the same fields is taken as well",
        content((super::docs::OldNewTransactionBody = "application/json"),
                (super::docs::OldNewTransactionBody = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = super::docs::Message, headers(("Location", description = "The new row below /v1"))),
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
        Format::JsonOrForm,
        Family::Old,
        &mut form,
    )?;
    let mut faults = FieldErrors::default();
    let amount = faults.keep(fields.amount(state.rules.amount_sign));
    let description = faults.keep(fields.old_description());
    let claim = faults.keep(create::claim(&body, &caller, CREATE));
    let (Some(amount), Some(description), Some(claim)) = (amount, description, claim) else {
        return Err(faults.into());
    };
    let new = NewTransaction {
        amount,
        description,
    };
    let reply: Kept = Arc::new(move |row| StoredReply {
        status: 200,
        content_type: "application/json; charset=utf-8".to_owned(),
        location: Some(create::location(&prefix, row.id)),
        etag: None,
        body: Bytes::from_static(ADDED),
    });
    create::run(&state, &caller, CREATE, new, claim, reply).await
}

/// `DELETE /transaction`: deletes every row.
#[utoipa::path(
    delete, path = "/transaction", tag = "old",
    responses(
        (status = 200, body = super::docs::Message),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn delete_all(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Response, ApiError> {
    state.ledger.delete_many(TimeRange::default()).await?;
    audit::write(&caller, "DELETE /transaction", None);
    Ok(reply::old(ALL_DELETED))
}

/// `GET /transaction/id`: one row, by `?id=` or by a body.
#[utoipa::path(
    get, path = "/transaction/id", tag = "old",
    description = "One row. The id comes as a parameter, or in a JSON or form body `{\"id\":1}`, which some \
                   intermediaries drop from a GET.",
    params(("id" = u64, Query, minimum = 1, maximum = 9_223_372_036_854_775_807_u64)),
    responses(
        (status = 200, body = super::docs::OldRow),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn find(
    State(state): State<AppState>,
    ReadBody(body): ReadBody,
) -> Result<Response, ApiError> {
    show(&state, named_id(&body)?).await
}

/// `DELETE /transaction/id`: deletes one row, by `?id=` or by a body.
#[utoipa::path(
    delete, path = "/transaction/id", tag = "old",
    description = "Deletes one row, also where there is none. The id comes as a parameter, or in a JSON or form body \
                   `{\"id\":1}`.",
    params(("id" = u64, Query, minimum = 1, maximum = 9_223_372_036_854_775_807_u64)),
    responses(
        (status = 200, body = super::docs::Message),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    ReadBody(body): ReadBody,
) -> Result<Response, ApiError> {
    remove(&state, &caller, "DELETE /transaction/id", named_id(&body)?).await
}

/// `GET /transaction/{id}`: one row.
#[utoipa::path(
    get, path = "/transaction/{id}", tag = "old",
    params(("id" = u64, Path, minimum = 1, maximum = 9_223_372_036_854_775_807_u64)),
    responses(
        (status = 200, body = super::docs::OldRow),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn find_by_path(State(state): State<AppState>, uri: Uri) -> Result<Response, ApiError> {
    show(&state, path_id(&uri)?).await
}

/// `DELETE /transaction/{id}`: deletes one row, also where there is none.
#[utoipa::path(
    delete, path = "/transaction/{id}", tag = "old",
    params(("id" = u64, Path, minimum = 1, maximum = 9_223_372_036_854_775_807_u64)),
    responses(
        (status = 200, body = super::docs::Message),
        (status = "default", response = super::docs::ProblemReply)))]
pub async fn delete_by_path(
    State(state): State<AppState>,
    caller: Caller,
    request: Request,
) -> Result<Response, ApiError> {
    remove(
        &state,
        &caller,
        "DELETE /transaction/{id}",
        path_id(request.uri())?,
    )
    .await
}

async fn show(state: &AppState, id: TransactionId) -> Result<Response, ApiError> {
    Ok(reply::old(state.ledger.old_row(id).await?.body))
}

async fn remove(
    state: &AppState,
    caller: &Caller,
    route: &'static str,
    id: TransactionId,
) -> Result<Response, ApiError> {
    match state.ledger.delete(id, Precondition::default()).await {
        // The old application did not look whether there was one.
        Ok(()) | Err(ServiceError::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    audit::write(caller, route, Some(id));
    Ok(reply::old(format!(
        "{{\"message\":\"transaction with id {id} seemingly deleted\"}}"
    )))
}

/// The id of the query or of the body; given in both, it must be the same.
fn named_id(body: &BodyBytes) -> Result<TransactionId, ApiError> {
    let query = Query::parse(body.query.as_deref())?;
    let mut form = Form::default();
    let fields = Fields::parse(
        &body.headers,
        &body.bytes,
        Format::JsonOrForm,
        Family::Old,
        &mut form,
    )?;
    let mut faults = FieldErrors::default();
    let asked = query.parsed("id", &mut faults, TransactionId::parse);
    let sent = fields.optional_id().and_then(|id| faults.keep(id));
    faults.check()?;
    match (asked, sent) {
        (Some(asked), Some(sent)) if asked != sent => Err(crate::domain::FieldError::new(
            "id",
            "differs between query and body: give one of them",
        )
        .into()),
        (Some(id), _) | (None, Some(id)) => Ok(id),
        (None, None) => Err(crate::domain::FieldError::new("id", "is required").into()),
    }
}
