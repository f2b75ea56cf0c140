//! `cargo xtask bench-lambda`: what the function costs before and after its first events, printed, never asserted.

mod function;
mod init;
mod memory;
mod options;
mod runtime;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{program, workspace};

const FUNCTION: &str = "expense-backend-lambda";
const BARE: &str = "bare-lambda";

/// The two programs that are compared.
struct Programs {
    function: PathBuf,
    bare: PathBuf,
}

/// Builds both programs by the release profile, then measures them.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(rounds) = options::rounds(words)? else {
        return Ok(());
    };
    let programs = build()?;
    init::measure(&programs, rounds)?;
    memory::measure(&programs.function)
}

fn build() -> anyhow::Result<Programs> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--release", "--locked", "--package"])
        .args(["expense-backend", "--bin", FUNCTION, "--example", BARE])
        .current_dir(workspace::root());
    program::shown(&mut cargo)?;
    let folder = workspace::target().join("release");
    let programs = Programs {
        function: folder.join(FUNCTION),
        bare: folder.join("examples").join(BARE),
    };
    for program in [&programs.function, &programs.bare] {
        println!("{}: {} bytes", name(program), program.metadata()?.len());
    }
    Ok(programs)
}

fn name(program: &Path) -> String {
    program
        .file_name()
        .unwrap_or_default()
        .display()
        .to_string()
}
