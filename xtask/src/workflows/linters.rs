//! Other people's rules: actionlint, zizmor, yamllint, shellcheck. Each has to refuse a planted fault first.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail, ensure};

use super::document::Repository;
use crate::{
    apt,
    check::{Check, Report},
    go_tool::GoTool,
    program,
    python_tool::{self, PythonTool, SHELLCHECK, YAMLLINT},
    temporary::Folder,
    workspace,
};

const ZIZMOR: PythonTool = PythonTool {
    folder: "zizmor-1.32.0",
    packages: &["zizmor==1.32.0"],
};
const ACTIONLINT: GoTool = GoTool {
    name: "actionlint",
    version: "1.7.12",
    package: "github.com/rhysd/actionlint/cmd/actionlint",
};

/// Quoted words and expressions make long lines; `on` is a key of every workflow.
const YAML_RULES: &str = "{extends: default, rules: {document-start: disable, line-length: {max: 200}, \
    truthy: {check-keys: false}, comments: {min-spaces-from-content: 1}, braces: {max-spaces-inside: 1}}}";

/// A shell is fed with another's title: what all of them must see.
const FAULTY: &str = "name: faulty\non: pull_request_target\njobs:\n  one:\n    runs-on: ubuntu-24.04\n    steps:\n      \
    - uses: actions/checkout@v4\n      - run: echo ${{ github.event.pull_request.title }}\n\n\n\n\n";

const FAULTY_SCRIPT: &str = "#!/usr/bin/env bash\nrm -r $1/*\n";

/// The folders of the Python packages' programs.
struct Bins {
    zizmor: PathBuf,
    yamllint: PathBuf,
    shellcheck: PathBuf,
}

impl Bins {
    fn install() -> anyhow::Result<Self> {
        Ok(Self {
            zizmor: ZIZMOR.bin()?,
            yamllint: YAMLLINT.bin()?,
            shellcheck: SHELLCHECK.bin()?,
        })
    }
}

/// Runs them all.
pub(super) fn all(repository: &Repository, report: &Report) {
    let bins = match Bins::install() {
        Ok(bins) => bins,
        Err(error) => {
            return report.note(Check::left_out(
                "zizmor, yamllint, shellcheck, actionlint",
                format!("{error:#}"),
            ));
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
    report.note(Check::of(
        "zizmor",
        both(
            |files| zizmor(&bins.zizmor, files),
            &yaml,
            "faulty.yml",
            FAULTY,
        ),
    ));
    report.note(Check::of(
        "yamllint",
        both(
            |files| yamllint(&bins.yamllint, files),
            &yaml,
            "faulty.yml",
            FAULTY,
        ),
    ));
    report.note(Check::of(
        "shellcheck",
        scripts().and_then(|found| {
            both(
                |files| shellcheck(&bins.shellcheck, files),
                &found,
                "faulty",
                FAULTY_SCRIPT,
            )
        }),
    ));
    if !apt::on_path("go") {
        return report.note(Check::left_out(
            "actionlint",
            "it is built with go, which is not on the PATH",
        ));
    }
    report.note(Check::of(
        "actionlint",
        ACTIONLINT.program().and_then(|tool| {
            both(
                |files| actionlint(&tool, &bins.shellcheck, files),
                &workflows,
                "faulty.yml",
                FAULTY,
            )
        }),
    ));
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
        .args(["--strict", "--format", "parsable", "-d", YAML_RULES])
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
