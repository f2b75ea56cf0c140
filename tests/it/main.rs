//! Every test that looks at the program from outside, and the few that look at its source.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests fail by panicking, and say why they skip"
)]

mod auth;
mod cache_contract;
mod configuration;
mod rate_limit;
mod store_contract;
#[allow(
    dead_code,
    reason = "some helpers serve suites that only some platforms or servers run"
)]
mod support;
mod telemetry;
