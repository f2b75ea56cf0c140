//! The Lambda handler.

use std::process::ExitCode;

use expense_backend::{lambda, tls};

fn main() -> ExitCode {
    tls::install_provider();
    lambda::run().into()
}
