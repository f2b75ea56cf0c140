//! Another program, run to its end: what it said, or why it failed.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};

/// Its standard output; fails with what it said where it fails.
pub(crate) fn said(command: &mut Command) -> anyhow::Result<String> {
    let name = name(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("starting {name}"))?;
    finished(&name, &output)
}

/// The same for a program that is told something that others must not see in a list of processes.
pub(crate) fn told(command: &mut Command, words: &str) -> anyhow::Result<String> {
    let name = name(command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {name}"))?;
    child
        .stdin
        .take()
        .context("it has no standard input")?
        .write_all(words.as_bytes())?;
    finished(&name, &child.wait_with_output()?)
}

/// Runs it with our own output; fails where it fails.
pub(crate) fn shown(command: &mut Command) -> anyhow::Result<()> {
    let name = name(command);
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("starting {name}"))?;
    if !status.success() {
        bail!("{name} failed ({status}): see above");
    }
    Ok(())
}

fn finished(name: &str, output: &std::process::Output) -> anyhow::Result<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!(
            "{name} failed ({}): {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim(),
            text.trim()
        );
    }
    Ok(text)
}

/// The program and its first words, which say what it does.
fn name(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    let plain = |word: &&std::ffi::OsStr| !word.to_string_lossy().starts_with('-');
    words.extend(
        command
            .get_args()
            .take_while(plain)
            .take(2)
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}
