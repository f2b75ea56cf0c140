//! The container server and its commands.

use std::process::ExitCode;

use expense_backend::{cli, tls};

fn main() -> ExitCode {
    tls::install_provider();
    cli::run(std::env::args_os()).into()
}
