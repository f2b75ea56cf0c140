//! Every test that looks at the program from outside, and the few that look at its source.

#![allow(
    clippy::large_futures,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    unreachable_pub,
    reason = "tests fail by panicking, say why they skip, and are no library"
)]

mod adoption;
mod api;
mod auth;
mod cache_contract;
mod commands;
mod configuration;
mod faults;
mod file_size;
mod forwarded_for;
mod lambda;
mod layering;
mod legacy;
mod rate_limit;
mod readme;
mod secrets;
mod server;
mod smoke;
mod store_contract;
mod store_faults;
#[allow(
    dead_code,
    reason = "some helpers serve suites that only some platforms or servers run"
)]
mod support;
mod telemetry;
mod tls;
mod traces;
