//! What the API promises, seen from outside: one file for each branch of the URL tree or concern.

mod auth;
mod bad_input;
mod base_path;
mod correlation;
mod cors;
mod documents;
mod errors;
mod health;
mod idempotency;
mod limits;
mod logs;
mod methods;
mod metrics;
mod rate_limit;
mod transaction;
mod transaction_id;
mod v1;
