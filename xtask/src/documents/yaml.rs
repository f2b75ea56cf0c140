//! YAML: tidy, and where nothing here reads it, of its schema.

use std::{collections::BTreeSet, path::PathBuf, process::Command};

use anyhow::{Context as _, ensure};

use crate::{python_tool::PythonTool, workspace};

const YAMLLINT: PythonTool = PythonTool {
    folder: "yamllint-1.38.0",
    packages: &["yamllint==1.38.0"],
};
const CHECK_JSONSCHEMA: PythonTool = PythonTool {
    folder: "check-jsonschema-0.39.0",
    packages: &["check-jsonschema==0.39.0"],
};
/// Files that others alone read, and what their schema is called.
const SCHEMAS: &[(&str, &str)] = &[
    ("vendor.dependabot", ".github/dependabot.yml"),
    ("vendor.renovate", "renovate.json"),
];

/// Lints every YAML file among `paths`; what is left out stands in `.yamllint.yaml`.
pub(super) fn check(paths: &BTreeSet<PathBuf>) -> anyhow::Result<()> {
    let files = paths.iter().filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml")
    });
    passes(
        Command::new(YAMLLINT.bin()?.join("yamllint"))
            .args(["--strict", "--format", "parsable"])
            .args(files),
    )?;
    for (schema, file) in SCHEMAS {
        passes(
            Command::new(CHECK_JSONSCHEMA.bin()?.join("check-jsonschema")).args([
                "--quiet",
                "--builtin-schema",
                schema,
                file,
            ]),
        )?;
    }
    Ok(())
}

fn passes(command: &mut Command) -> anyhow::Result<()> {
    let program = command.get_program().to_owned();
    let status = command
        .current_dir(workspace::root())
        .status()
        .with_context(|| format!("starting {}", program.display()))?;
    ensure!(status.success(), "{}: see above", program.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    const CHARTS: &str = include_str!("../../../helm/platform/charts.yaml");

    /// The pattern in `renovate.json` wants name, repository and version in this order, one below the other.
    #[test]
    fn renovate_can_read_every_chart() {
        let lines: Vec<_> = CHARTS.lines().map(str::trim_start).collect();
        let mut charts = 0;
        for three in lines.windows(3) {
            if three[1].starts_with("repository: ") {
                charts += 1;
                assert!(three[0].starts_with("chart: "), "{three:?}");
                assert!(three[2].starts_with("version: "), "{three:?}");
            }
        }
        assert!(charts > 5, "{charts} charts");
    }
}
