//! `uses: owner/name@<40 digits> # vX.Y.Z`, both as in `.github/actions.tsv`.

use std::collections::BTreeMap;

use crate::workflows::document::Repository;

pub(super) fn check(repository: &Repository) -> Vec<String> {
    let known = known(&repository.known);
    let mut findings = Vec::new();
    for file in repository.files() {
        for line in file.text.lines() {
            let code = line.trim_start().trim_start_matches("- ");
            let Some(used) = code.strip_prefix("uses:") else {
                continue;
            };
            if let Some(fault) = fault(used.trim(), &known, repository) {
                findings.push(format!("{}: {fault}", file.name));
            }
        }
    }
    findings
}

/// Tag and commit by action.
fn known(list: &str) -> BTreeMap<&str, (&str, &str)> {
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split('\t');
            let (name, tag, commit) = (columns.next()?, columns.next()?, columns.next()?);
            Some((name, (tag, commit)))
        })
        .collect()
}

fn fault(
    used: &str,
    known: &BTreeMap<&str, (&str, &str)>,
    repository: &Repository,
) -> Option<String> {
    if let Some(path) = used.strip_prefix("./") {
        let place = repository.root.join(path);
        let there = place.is_file() || place.join("action.yml").is_file();
        return (!there).then(|| format!("{path} is not there"));
    }
    let Some((action, rest)) = used.split_once('@') else {
        return Some(format!("{used} names no commit"));
    };
    let (commit, comment) = rest.split_once(" # ").unwrap_or((rest, ""));
    // `github/codeql-action/init` is a part of `github/codeql-action`.
    let name = action.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
    let Some((tag, wanted)) = known.get(name.as_str()) else {
        return Some(format!("{name} is not in .github/actions.tsv"));
    };
    if commit != *wanted {
        return Some(format!(
            "{action} is pinned to {commit}, .github/actions.tsv says {wanted}"
        ));
    }
    (comment != *tag)
        .then(|| format!("{action}: the comment says {comment:?}, the commit is {tag}"))
}
