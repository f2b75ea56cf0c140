//! The program's commands, as a shell or an orchestrator runs them.

mod files;
mod start;
mod stop;
mod words;

use std::{
    path::Path,
    process::{ExitStatus, Output},
};

use crate::support::server::{Variables, program};

fn variables(pairs: &[(&str, &str)]) -> Variables {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn run(folder: &Path, pairs: &[(&str, &str)], words: &[&str]) -> Output {
    program(folder, &variables(pairs), words).output().unwrap()
}

fn code(status: ExitStatus) -> i32 {
    status.code().expect("an exit code, not a signal")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
