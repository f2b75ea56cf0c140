//! Renders the charts with Helm itself.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, bail};

use super::{
    charts::{self, Chart},
    facts::Facts,
    install,
};

/// Renders each chart into a file beside its values. `folder` holds unpacked charts; without it their repositories are asked.
pub(super) fn run(facts: &Facts, folder: Option<&str>) -> anyhow::Result<()> {
    let to = install::values_folder(&facts.environment);
    fs::create_dir_all(&to).with_context(|| format!("making {}", to.display()))?;
    for chart in charts::list()? {
        let values = install::write_values(&chart, facts, &to)?;
        let text = render(&chart, &values, folder)?;
        let file = to.join(format!("{}.yaml", chart.release));
        fs::write(&file, &text).with_context(|| format!("writing {}", file.display()))?;
        println!(
            "{} {}: {} lines in {}",
            chart.chart,
            chart.version,
            text.lines().count(),
            file.display()
        );
    }
    Ok(())
}

fn render(chart: &Chart, values: &Path, folder: Option<&str>) -> anyhow::Result<String> {
    let mut command = Command::new("helm");
    command.args(["template", &chart.release]);
    match folder {
        Some(folder) => command.arg(Path::new(folder).join(&chart.chart)),
        None => command.args([
            &chart.chart,
            "--repo",
            &chart.repository,
            "--version",
            &chart.version,
        ]),
    };
    // Without a cluster Helm does not know that the operator's kinds are there.
    let output = command
        .args([
            "--namespace",
            &chart.namespace,
            "--api-versions",
            "monitoring.coreos.com/v1",
            "--values",
        ])
        .arg(values)
        .output()
        .context("starting helm")?;
    if !output.status.success() {
        bail!(
            "{}: {}",
            chart.release,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
