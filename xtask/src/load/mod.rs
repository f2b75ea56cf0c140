//! `cargo xtask load`: the service under load. Locust asks (`load/`), and judges every route by its threshold.

mod options;
mod scene;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail, ensure};

use self::{options::Options, scene::Scene};
use crate::{python_tool::PythonTool, workspace};

const LOCUST: PythonTool = PythonTool {
    folder: "locust-2.47.0",
    packages: &["locust==2.47.0"],
};

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(options) = Options::parse(words)? else {
        println!("{}", options::USAGE);
        return Ok(());
    };
    let bin = LOCUST.bin()?;
    judge_the_judge(&bin)?;
    let report = workspace::target().join(format!("load/{}.html", options.scenario));
    fs::create_dir_all(report.parent().unwrap_or(&report))?;
    if report.exists() {
        // What an earlier run left proves nothing.
        fs::remove_file(&report)?;
    }
    let mut locust = locust(&bin, &options, &report);
    let passed = if let Some(url) = &options.url {
        ask(locust.env("LOAD_URL", url))?
    } else {
        let scene = Scene::start(options.binary.as_deref(), report.with_extension("log"))?;
        locust
            .env("LOAD_URL", scene.url())
            .env("LOAD_MEMORY", format!("pid:{}", scene.pid()))
            // Nobody else's rows are here.
            .env("LOAD_DELETE_ALL", "1");
        ask(&mut locust)?
    };
    ensure!(report.is_file(), "locust wrote no report: see above");
    println!("report: {}", report.display());
    if !passed {
        bail!("the load test {} failed: see above", options.scenario);
    }
    Ok(())
}

/// The tests of the thresholds themselves: a judge that finds everything good would be worse than none.
fn judge_the_judge(bin: &Path) -> anyhow::Result<()> {
    let output = Command::new(bin.join("python"))
        .args([
            "-B",
            "-m",
            "unittest",
            "discover",
            "--start-directory",
            "load/tests",
        ])
        .current_dir(workspace::root())
        .output()
        .context("starting the tests of load/")?;
    if !output.status.success() {
        bail!(
            "the tests of load/ failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

fn locust(bin: &Path, options: &Options, report: &Path) -> Command {
    let file: PathBuf = workspace::root().join("load/locustfile.py");
    let mut locust = Command::new(bin.join("locust"));
    locust
        .arg("--locustfile")
        .arg(file)
        .args([
            "--headless",
            "--only-summary",
            "--loglevel",
            "WARNING",
            "--stop-timeout",
            "30",
        ])
        .arg("--html")
        .arg(report)
        .args(&options.words)
        .env("LOAD_SCENARIO", &options.scenario)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(workspace::root());
    locust
}

fn ask(locust: &mut Command) -> anyhow::Result<bool> {
    let status = locust.status().context("starting locust")?;
    Ok(status.success())
}
