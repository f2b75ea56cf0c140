//! YAML: tidy, and where nothing here reads it, of its schema.

use std::{collections::BTreeSet, path::PathBuf, process::Command};

use crate::{
    program,
    python_tool::{CHECK_JSONSCHEMA, YAMLLINT},
    workspace,
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
    let root = workspace::root();
    program::shown(
        Command::new(YAMLLINT.bin()?.join("yamllint"))
            .args(["--strict", "--format", "parsable"])
            .args(files)
            .current_dir(root),
    )?;
    for (schema, file) in SCHEMAS {
        program::shown(
            Command::new(CHECK_JSONSCHEMA.bin()?.join("check-jsonschema"))
                .args(["--quiet", "--builtin-schema", schema, file])
                .current_dir(root),
        )?;
    }
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
