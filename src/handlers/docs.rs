//! What the API's document calls things: schemas for the document alone, never built.
#![allow(dead_code, reason = "read by the derive, which writes the document")]
#![allow(
    clippy::float_arithmetic,
    reason = "the derive negates a bound of the document's numbers"
)]

use utoipa::{ToResponse, ToSchema};

/// An exact decimal with at most two places, in the shortest form.
#[derive(ToSchema)]
#[schema(as = Amount, value_type = f64, example = json!(12.5), multiple_of = 0.01,
         minimum = -9_999_999_999.99, maximum = 9_999_999_999.99)]
pub struct AmountBody(f64);

/// At most 10 digits before and 2 after the point, as text or as a number.
#[derive(ToSchema)]
#[schema(example = "12.50")]
#[serde(untagged)]
pub enum NewAmount {
    /// As text.
    Text(NewAmountText),
    /// As a number.
    Number(NewAmountNumber),
}

/// A decimal as text.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[0-9]{0,9}[1-9](\\.[0-9]{1,2})?$", example = "12.50")]
pub struct NewAmountText(String);

/// A decimal as a number.
#[derive(ToSchema)]
#[schema(value_type = f64, multiple_of = 0.01, minimum = 0.01, maximum = 9_999_999_999.99, example = json!(12.5))]
pub struct NewAmountNumber(f64);

/// Text of 1 to 255 characters, no control characters other than tab and newline.
#[derive(ToSchema)]
#[schema(as = NewDescription, value_type = String, min_length = 1, max_length = 255, example = "Groceries",
         pattern = "^[!-~]([ -~]{0,253}[!-~])?$")]
pub struct NewDescription(String);

/// A transaction to be recorded, as the old application took it: other fields are ignored.
#[derive(ToSchema)]
#[schema(as = OldNewTransaction)]
pub struct OldNewTransactionBody {
    amount: NewAmount,
    description: NewDescription,
}

/// A transaction to be recorded.
#[derive(ToSchema)]
#[schema(as = NewTransaction)]
#[serde(deny_unknown_fields)]
pub struct NewTransactionBody {
    amount: NewAmount,
    description: NewDescription,
}

/// A JSON merge patch: fields left out stay.
#[derive(ToSchema)]
#[schema(as = Changes)]
#[serde(deny_unknown_fields)]
pub struct ChangesBody {
    #[schema(required = false)]
    amount: NewAmount,
    #[schema(required = false)]
    description: NewDescription,
}

/// A transaction.
#[derive(ToSchema)]
#[schema(as = Transaction)]
pub struct TransactionBody {
    #[schema(minimum = 1)]
    id: i64,
    amount: AmountBody,
    description: String,
    /// Null for rows of the old application.
    #[schema(required, format = DateTime)]
    created_at: Option<String>,
    /// Null for rows of the old application.
    #[schema(required, format = DateTime)]
    updated_at: Option<String>,
}

/// One page, by id.
#[derive(ToSchema)]
pub struct Page {
    items: Vec<TransactionBody>,
    /// Null on the last page.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// Rows that were deleted.
#[derive(ToSchema)]
pub struct Deleted {
    #[schema(minimum = 0)]
    deleted: i64,
}

/// Counts and sums by period.
#[derive(ToSchema)]
pub struct Summary {
    by: PeriodParameter,
    items: Vec<SummaryItemBody>,
}

/// One period that has rows.
#[derive(ToSchema)]
#[schema(as = SummaryItem)]
pub struct SummaryItemBody {
    /// Null for the rows without a time.
    #[schema(required)]
    period: Option<String>,
    #[schema(minimum = 1)]
    count: i64,
    amount: f64,
}

/// The length of a period.
#[derive(ToSchema)]
#[schema(as = Period, rename_all = "lowercase")]
pub enum PeriodParameter {
    /// A day.
    Day,
    /// A month.
    Month,
}

/// The direction of a list.
#[derive(ToSchema)]
#[schema(as = Order, rename_all = "lowercase")]
pub enum OrderParameter {
    /// Oldest first.
    Asc,
    /// Newest first.
    Desc,
}

/// Opaque.
#[derive(ToSchema)]
#[schema(as = Cursor, value_type = String, pattern = "^[A-Za-z0-9_-]{23}$")]
pub struct CursorParameter(String);

/// A decimal with at most two places.
#[derive(ToSchema)]
#[schema(as = AmountBound, value_type = String, pattern = "^-?[0-9]{1,10}(\\.[0-9]{1,2})?$")]
pub struct AmountParameter(String);

/// One row as the old application shows it alone.
#[derive(ToSchema)]
pub struct OldRow {
    #[schema(minimum = 1)]
    id: i64,
    amount: AmountBody,
    desc: String,
}

/// One row as the old application lists it.
#[derive(ToSchema)]
pub struct OldListItem {
    #[schema(minimum = 1)]
    id: i64,
    amount: AmountBody,
    description: String,
}

/// The old application's list.
#[derive(ToSchema)]
pub struct OldList {
    result: Vec<OldListItem>,
}

/// What the old application says of a write.
#[derive(ToSchema)]
pub struct Message {
    message: String,
}

/// Every dependency, as measured at most a second ago.
#[derive(ToSchema)]
#[schema(as = Health)]
pub struct HealthBody {
    /// `healthy`, `degraded` or `unhealthy`
    status: String,
    #[schema(format = DateTime)]
    timestamp: String,
    /// `connected` or `disconnected`
    database: String,
    /// `connected`, `disconnected` or `disabled`
    redis: String,
}

/// A probe's reply.
#[derive(ToSchema)]
pub struct Status {
    status: String,
}

/// What is missing.
#[derive(ToSchema)]
pub struct Unready {
    status: String,
    /// `store`, `migrations`, `draining`
    missing: Vec<String>,
}

/// A failure (RFC 9457). Decide by `status` and `error`.
#[derive(ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    r#type: String,
    title: String,
    status: i32,
    detail: String,
    correlation_id: String,
    /// The same as `detail`, for old clients.
    message: String,
    /// A stable code.
    error: String,
    /// Faults in fields, all of them.
    #[schema(required = false)]
    errors: Vec<FieldFault>,
}

/// A fault in one field or parameter, under the name that the client used.
#[derive(ToSchema)]
pub struct FieldFault {
    field: String,
    message: String,
}

/// A failure.
#[derive(ToResponse)]
#[response(
    description = "A failure, as a problem document",
    content_type = "application/problem+json"
)]
pub struct ProblemReply(#[to_schema] ProblemBody);
