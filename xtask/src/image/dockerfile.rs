//! The Dockerfile as a list of stages.

use anyhow::{Context as _, bail, ensure};

use crate::workspace;

/// What stands before the first stage, and the stages.
pub(super) struct Dockerfile<'a> {
    head: &'a str,
    stages: Vec<Stage<'a>>,
}

struct Stage<'a> {
    name: &'a str,
    from: &'a str,
    text: &'a str,
}

/// The stage of the one image from a registry.
const TOOLCHAIN: &str = "toolchain";
/// Stages that compile, which takes minutes.
const COMPILING: &[&str] = &["compilers", "dependencies", "build"];
/// What the last of them hands on, where the program comes from elsewhere.
const PROGRAM: &str = "FROM scratch AS build\nCOPY expense-backend /out/expense-backend\n\n";

impl<'a> Dockerfile<'a> {
    /// Splits it at its `FROM` lines.
    pub(super) fn parse(text: &'a str) -> anyhow::Result<Self> {
        let mut starts = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if line.starts_with("FROM ") {
                starts.push(at);
            }
            at += line.len();
        }
        let first = *starts.first().context("Dockerfile: no FROM line")?;
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        let stages = starts
            .iter()
            .zip(ends)
            .map(|(&start, end)| Stage::parse(&text[start..end]))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self {
            head: &text[..first],
            stages,
        })
    }

    /// The same file with the program taken from beside it, and with another image for the toolchain's.
    pub(super) fn around_a_program(&self, base: &str) -> String {
        let mut text = self.head.to_owned();
        for stage in &self.stages {
            match stage.name {
                TOOLCHAIN => text.push_str(&format!("FROM {base} AS {TOOLCHAIN}\n\n")),
                "build" => text.push_str(PROGRAM),
                name if COMPILING.contains(&name) => {}
                _ => text.push_str(stage.text),
            }
        }
        text
    }

    /// Rules of ours, which a linter cannot know.
    pub(super) fn check(&self, toolchain: &str, version: &str) -> anyhow::Result<()> {
        for stage in COMPILING.iter().chain(&[TOOLCHAIN, "files", "runtime"]) {
            ensure!(
                self.stages.iter().any(|known| known.name == *stage),
                "Dockerfile: no stage is called {stage:?}"
            );
        }
        self.check_base(toolchain)?;
        let runtime = self.stages.last().context("Dockerfile: no stage")?;
        let version = format!("ARG VERSION={version}");
        for line in [
            version.as_str(),
            "FROM scratch AS runtime",
            "ENV HOST=0.0.0.0",
            "USER 65532:65532",
            "ENTRYPOINT [\"/usr/bin/expense-backend\"]",
        ] {
            ensure!(
                runtime.text.lines().any(|found| found == line),
                "Dockerfile: the last stage lacks the line {line:?}"
            );
        }
        ensure!(
            !runtime.text.contains("ENVIRONMENT="),
            "Dockerfile: the image says which ENVIRONMENT it is for; only a deployment knows"
        );
        Ok(())
    }

    /// One image from a registry, by digest, with the toolchain of the repository.
    fn check_base(&self, toolchain: &str) -> anyhow::Result<()> {
        let base = self.base()?;
        let (name, digest) = base
            .split_once("@sha256:")
            .with_context(|| format!("Dockerfile: {base} has no digest"))?;
        ensure!(
            digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "Dockerfile: the digest of {base} is none"
        );
        let tag = name.rsplit_once(':').map_or("", |(_, tag)| tag);
        let version = tag.split('-').next().unwrap_or_default();
        ensure!(
            version == toolchain,
            "Dockerfile: its image has Rust {version}, rust-toolchain.toml says {toolchain}"
        );
        ensure!(
            self.stages.iter().any(|stage| stage
                .text
                .contains(&format!("ENV RUSTUP_TOOLCHAIN={toolchain}\n"))),
            "Dockerfile: RUSTUP_TOOLCHAIN is not {toolchain}, as in rust-toolchain.toml"
        );
        Ok(())
    }

    /// The name of the one image from a registry.
    pub(super) fn base(&self) -> anyhow::Result<&str> {
        self.stages
            .iter()
            .find(|stage| stage.name == TOOLCHAIN)
            .map(|stage| stage.from)
            .context("Dockerfile: no stage is called \"toolchain\"")
    }
}

impl<'a> Stage<'a> {
    fn parse(text: &'a str) -> anyhow::Result<Self> {
        let line = text.lines().next().unwrap_or_default();
        let words: Vec<_> = line.split_whitespace().collect();
        let [.., from, "AS", name] = words[..] else {
            bail!("Dockerfile: a stage without a name: {line:?}");
        };
        let of_a_registry = name == TOOLCHAIN;
        ensure!(
            of_a_registry == line.contains("--platform=$BUILDPLATFORM"),
            "Dockerfile: {line:?}: the toolchain is of the builder's own processor, nothing else says so"
        );
        let known = from == "scratch" || from == TOOLCHAIN || COMPILING.contains(&from);
        ensure!(
            of_a_registry || known,
            "Dockerfile: {from} is another image from a registry than the toolchain's"
        );
        Ok(Self { name, from, text })
    }
}

/// The development container compiles with the same image.
pub(super) fn check_devcontainer(base: &str, text: &str) -> anyhow::Result<()> {
    ensure!(
        text.lines().any(|line| line == format!("FROM {base}")),
        ".devcontainer/Dockerfile is not FROM {base}, as the Dockerfile is"
    );
    Ok(())
}

/// The version of `rust-toolchain.toml`.
pub(super) fn toolchain() -> anyhow::Result<String> {
    word("rust-toolchain.toml", "channel")
}

/// The version of the workspace.
pub(super) fn version() -> anyhow::Result<String> {
    word("Cargo.toml", "version")
}

/// The first `key = "word"` of a file.
fn word(file: &str, key: &str) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(workspace::root().join(file))
        .with_context(|| format!("reading {file}"))?;
    let start = format!("{key} = \"");
    text.lines()
        .find_map(|line| line.strip_prefix(&start)?.strip_suffix('"'))
        .map(str::to_owned)
        .with_context(|| format!("{file} has no {key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("../../../Dockerfile");

    fn verdict(text: &str) -> anyhow::Result<()> {
        Dockerfile::parse(text)?.check(&toolchain()?, &version()?)
    }

    #[test]
    fn the_dockerfile_keeps_the_rules() {
        verdict(TEXT).unwrap();
    }

    #[test]
    fn the_development_container_follows() {
        let file = Dockerfile::parse(TEXT).unwrap();
        let base = file.base().unwrap();
        check_devcontainer(base, include_str!("../../../.devcontainer/Dockerfile")).unwrap();
        check_devcontainer(base, "FROM rust:1.90.0\n").expect_err("another image");
    }

    #[test]
    fn each_fault_is_named() {
        for (old, new, said) in [
            ("@sha256:", "", "has no digest"),
            (
                "rust:1.95.0-bookworm@sha256:6",
                "rust:1.95.0-bookworm@sha256:",
                "the digest of",
            ),
            ("rust:1.95.0-", "rust:1.90.0-", "has Rust 1.90.0"),
            ("TOOLCHAIN=1.95.0", "TOOLCHAIN=1.90.0", "RUSTUP_TOOLCHAIN"),
            ("FROM scratch AS", "FROM debian:12 AS", "another image"),
            (" AS files", "", "without a name"),
            ("AS files", "AS other", "\"files\""),
            (
                "--platform=$BUILDPLATFORM ",
                "",
                "the builder's own processor",
            ),
            ("USER 65532:65532", "USER root", "USER 65532:65532"),
            (
                "ENV HOST",
                "ENV ENVIRONMENT=production\nENV HOST",
                "ENVIRONMENT",
            ),
            ("ARG VERSION=0", "ARG VERSION=9", "ARG VERSION=0"),
            ("ENTRYPOINT [", "ENTRYPOINT /bin/sh [", "ENTRYPOINT"),
        ] {
            let text = TEXT.replace(old, new);
            assert_ne!(text, TEXT, "{old} does not occur");
            let error = verdict(&text).expect_err(said).to_string();
            assert!(error.contains(said), "{old} -> {new}: {error}");
        }
    }

    #[test]
    fn the_program_replaces_the_stages_that_compile() {
        let text = Dockerfile::parse(TEXT)
            .unwrap()
            .around_a_program("localhost/base:1");
        assert!(text.contains(PROGRAM), "{text}");
        assert!(
            text.contains("FROM localhost/base:1 AS toolchain"),
            "{text}"
        );
        assert!(!text.contains("AS compilers"), "{text}");
        assert!(!text.contains("AS dependencies"), "{text}");
        assert!(text.contains("AS files") && text.contains("AS runtime"));
    }
}
