//! Regular expressions as Fluent Bit reads them.

use std::{
    collections::BTreeMap,
    io::Write as _,
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};

use crate::apt::{self, Program};

const RUBY: Program = Program {
    name: "ruby",
    package: "ruby",
};
const SCRIPT: &str = include_str!("match.rb");

/// The named groups of a match.
pub(super) type Groups = BTreeMap<String, Option<String>>;

/// Matches each pattern against its text, all in one run.
pub(super) fn matches(pairs: &[(&str, &str)]) -> anyhow::Result<Vec<Option<Groups>>> {
    apt::ensure(&[RUBY])?;
    let mut child = Command::new(RUBY.name)
        .args(["-W0", "-EUTF-8:UTF-8", "-e", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("starting ruby")?;
    let mut input = child.stdin.take().context("ruby takes no input")?;
    // Ruby answers only after it has read all.
    input.write_all(serde_json::to_string(pairs)?.as_bytes())?;
    drop(input);
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "a regular expression is refused, see above"
    );
    let found: Vec<Option<Groups>> = serde_json::from_slice(&output.stdout)?;
    ensure!(
        found.len() == pairs.len(),
        "ruby answered {} of {}",
        found.len(),
        pairs.len()
    );
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn groups_are_named_and_a_bad_expression_is_an_error() {
        let found = matches(&[
            ("^(?<a>.+?) (?<b>F|P)$", "x y P"),
            ("^a", "b"),
            (r"^\s+\S", "  é"),
        ])
        .unwrap();
        assert_eq!(found[0].as_ref().unwrap()["a"].as_deref(), Some("x y"));
        assert!(found[1].is_none() && found[2].is_some());
        assert!(matches(&[("(", "x")]).is_err());
    }
}
