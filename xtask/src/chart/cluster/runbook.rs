//! The marked commands of the documentation, run as they stand there.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

use anyhow::{Context as _, bail, ensure};

use crate::{program, workspace};

const PLACES: [&str; 2] = ["docs/DEPLOY-EKS.md", "docs/runbooks/rollout.md"];
const MARK: &str = "<!-- tried: ";

/// The commands by the names that their marks give them.
pub(super) struct Runbook {
    blocks: BTreeMap<String, String>,
    run: RefCell<BTreeSet<String>>,
}

impl Runbook {
    pub(super) fn read() -> anyhow::Result<Self> {
        let mut blocks = BTreeMap::new();
        for place in PLACES {
            let path = workspace::root().join(place);
            let text =
                fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            blocks.extend(self::blocks(&text).context(place)?);
        }
        Ok(Self {
            blocks,
            run: RefCell::default(),
        })
    }

    /// Runs a block with these variables; gives what it printed.
    pub(super) fn run(&self, name: &str, variables: &[(&str, &str)]) -> anyhow::Result<String> {
        let script = self
            .blocks
            .get(name)
            .with_context(|| format!("no document has a block {name:?}"))?;
        self.run.borrow_mut().insert(name.to_owned());
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", script])
            .current_dir(workspace::root())
            .envs(variables.iter().copied());
        program::said(&mut bash).with_context(|| format!("the documented command {name:?}"))
    }

    /// Fails where a block was never run: nobody would know whether it works.
    pub(super) fn all_run(&self) -> anyhow::Result<()> {
        let run = self.run.borrow();
        let left: Vec<_> = self
            .blocks
            .keys()
            .filter(|name| !run.contains(*name))
            .collect();
        ensure!(left.is_empty(), "never run: {left:?}");
        Ok(())
    }
}

/// Each mark is followed by one fenced block. A shell block without a mark would be one that nobody tries.
fn blocks(text: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut lines = text.lines();
    let mut mark = None;
    while let Some(line) = lines.next() {
        if let Some(name) = line
            .strip_prefix(MARK)
            .and_then(|rest| rest.strip_suffix(" -->"))
        {
            mark = Some(name.to_owned());
        } else if let Some(language) = line.strip_prefix("```") {
            let script: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            match mark.take() {
                Some(name) => drop(found.insert(name, script.join("\n"))),
                None if language == "sh" => bail!("this block has no mark: {}", script.join("\n")),
                None => {}
            }
        }
    }
    ensure!(!found.is_empty(), "there is no marked block");
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{MARK, blocks};

    #[test]
    fn blocks_go_by_their_marks() {
        let text = format!("words\n\n{MARK}one -->\n```sh\na \\\n  b\n```\nwords\n");
        let found = blocks(&text).unwrap();
        assert_eq!(found.get("one").map(String::as_str), Some("a \\\n  b"));
    }

    #[test]
    fn a_block_without_a_mark_is_refused() {
        assert!(blocks("```sh\nrm -r x\n```\n").is_err());
    }
}
