//! What a step hands to later steps and shows to people. Outside of GitHub Actions: nothing.

use std::{fs::OpenOptions, io::Write as _, path::Path};

use anyhow::{Context as _, ensure};

/// A step's output.
pub(crate) fn output(name: &str, value: &str) -> anyhow::Result<()> {
    // A line end would let a value write further outputs.
    ensure!(
        !value.contains(['\n', '\r']),
        "the output {name} has more than one line"
    );
    append("GITHUB_OUTPUT", &format!("{name}={value}\n"))
}

/// Markdown on the page of the run.
pub(crate) fn summary(text: &str) -> anyhow::Result<()> {
    append("GITHUB_STEP_SUMMARY", &format!("{text}\n"))
}

fn append(variable: &str, text: &str) -> anyhow::Result<()> {
    let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let path = Path::new(&path);
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("writing to {}", path.display()))
}
