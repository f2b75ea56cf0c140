//! `/v1`: the routes of new clients.

mod filters;
mod list;
mod many;
mod one;
mod preconditions;
mod summary;
