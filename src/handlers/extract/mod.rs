//! From bytes to values: bodies, fields, queries, ids and headers. Faults name what the client named.

#[cfg(test)]
mod any_body;
mod body;
mod encoding;
mod fields;
mod headers;
mod path;
mod query;

pub use body::{BodyBytes, ReadBody};
pub use fields::{Family, Fields, Form, Format};
pub use headers::{claim_key, precondition};
pub use path::path_id;
pub use query::Query;
