//! One concern a file; the router file says in which order they act and why.
//!
//! None of them is a layer of its own: they are plain functions and small types that one outer function calls in
//! order, so that a request is boxed once. Where a concern refuses, it says so by an `Option` or a small error, and
//! `handlers::error` writes the reply.

pub mod access_log;
pub mod audit;
pub mod authentication;
pub mod base_path;
pub mod client_address;
pub mod correlation_id;
pub mod cors;
pub mod deadline;
pub mod metrics;
pub mod no_store;
pub mod panic;
pub mod rate_limit;
pub mod reply_limit;
pub mod security_headers;
pub mod shed;
pub mod trace_context;
