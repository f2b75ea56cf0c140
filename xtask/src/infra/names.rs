//! The README's table of the first design's names, held against the variables and outputs that there are.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use super::{check::Check, roots, tree};

const FILE: &str = "README.md";

/// Fewer would mean that the table is no longer read.
const LEAST_NAMES: usize = 80;

/// One row: where, what, and what became of it.
struct Row<'a> {
    /// `vpc`, `bootstrap`, `environments`.
    module: &'a str,
    /// `variable` or `output`.
    kind: &'static str,
    names: Vec<&'a str>,
    fate: &'a str,
}

/// One check; the number says how many names were looked up.
pub(super) fn check() -> Check {
    let name = "names of the first design";
    match looked_up() {
        Ok(count) => Check::passed_many(name, count),
        Err(error) => Check::failed(name, format!("{error:#}")),
    }
}

fn looked_up() -> anyhow::Result<usize> {
    let path = roots::terraform().join(FILE);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let (mut count, mut wrong) = (0, Vec::new());
    for row in rows(&text) {
        let declared = declared(&folder_of(row.module)?, row.kind)?;
        for name in &row.names {
            count += 1;
            // A star stands for the end of several names.
            let there = match name.strip_suffix('*') {
                Some(start) => declared.iter().any(|known| known.starts_with(start)),
                None => declared.contains(*name),
            };
            if there != row.fate.starts_with("kept") {
                let is = if there { "there" } else { "not there" };
                wrong.push(format!(
                    "{} {} {name} is {is}, and the table says: {}",
                    row.module, row.kind, row.fate
                ));
            }
        }
    }
    if !wrong.is_empty() {
        bail!("terraform/{FILE}:\n{}", wrong.join("\n"));
    }
    if count < LEAST_NAMES {
        bail!("terraform/{FILE} names {count} inputs and outputs, fewer than {LEAST_NAMES}");
    }
    Ok(count)
}

/// The rows between the heading "Module, Name, Fate" and the next empty line.
fn rows(text: &str) -> impl Iterator<Item = Row<'_>> {
    text.lines()
        .skip_while(|line| !line.starts_with("| Module | Name | Fate |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .filter_map(row)
}

fn row(line: &str) -> Option<Row<'_>> {
    let mut cells = line.trim_matches('|').split(" | ").map(str::trim);
    let (place, names, fate) = (cells.next()?, cells.next()?, cells.next()?);
    let (module, side) = place.split_once(' ').unwrap_or((place, "in"));
    Some(Row {
        module,
        kind: if side == "out" { "output" } else { "variable" },
        names: names.split('`').skip(1).step_by(2).collect(),
        fate,
    })
}

fn folder_of(module: &str) -> anyhow::Result<PathBuf> {
    let terraform = roots::terraform();
    Ok(match module {
        "bootstrap" => terraform.join(module),
        // One code in all of them.
        "environments" => roots::environments()?
            .first()
            .context("there is no environment")?
            .path
            .clone(),
        _ => terraform.join("modules").join(module),
    })
}

/// The names that a folder's own files declare.
fn declared(folder: &Path, kind: &str) -> anyhow::Result<BTreeSet<String>> {
    let start = format!("{kind} \"");
    let mut names = BTreeSet::new();
    for path in tree::files_ending_in(folder, "tf")? {
        for line in fs::read_to_string(&path)?.lines() {
            let name = line
                .strip_prefix(&start)
                .and_then(|rest| rest.split('"').next());
            names.extend(name.map(str::to_owned));
        }
    }
    if names.is_empty() {
        bail!("{} declares no {kind}", folder.display());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn reads_the_rows_of_the_table_and_of_no_other() {
        let text = "| a | `b` |\n\n| Module | Name | Fate |\n|---|---|---|\n| vpc in | `x`, `y` | kept; but |\n| rds out | `z` | gone: `w` |\n\n| more in | `v` | kept |\n";
        let read: Vec<_> = rows(text)
            .map(|row| (row.module, row.kind, row.names.len(), row.fate))
            .collect();
        assert_eq!(
            read,
            [
                ("vpc", "variable", 2, "kept; but"),
                ("rds", "output", 1, "gone: `w`"),
            ]
        );
    }
}
