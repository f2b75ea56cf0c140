//! Every validation and precondition has a run that meets it with a wrong value, and says what to write instead.

use std::{collections::BTreeMap, fs};

use anyhow::{Context as _, bail};

use super::{
    check::Check,
    roots::{self, Root},
};

/// Words of which a message needs one: it is read by somebody who has to write something else.
const ORDERS: [&str; 13] = [
    "write",
    "name ",
    "give",
    "leave",
    "set ",
    "use ",
    "take ",
    "call ",
    "begin",
    "enable",
    "log in",
    "for example",
    "add ",
];

/// How often something stands in a root, by what it belongs to: `var.vpc_cidr`, `aws_instance.this`.
type Counts = BTreeMap<String, usize>;

/// Two checks: the numbers say how many refusals were found tried, and how many messages were read.
pub(super) fn check() -> Vec<Check> {
    [
        ("every validation and precondition is tried", all_tried()),
        ("every refusal says what to write", all_messages()),
    ]
    .into_iter()
    .map(|(name, result)| match result {
        Ok(count) => Check::passed_many(name, count),
        Err(error) => Check::failed(name, format!("{error:#}")),
    })
    .collect()
}

fn every_root() -> anyhow::Result<Vec<Root>> {
    let mut roots = roots::modules()?;
    roots.extend(roots::environments()?);
    roots.push(roots::bootstrap());
    Ok(roots)
}

fn all_messages() -> anyhow::Result<usize> {
    let (mut read, mut silent) = (0, Vec::new());
    for root in every_root()? {
        for (name, text) in own_files(&root)? {
            for (number, line) in text.lines().enumerate() {
                let Some((_, message)) = line.trim_start().split_once("error_message = ") else {
                    continue;
                };
                read += 1;
                if !gives_an_order(message) {
                    silent.push(format!("{}/{name}:{}: {message}", root.name, number + 1));
                }
            }
        }
    }
    if !silent.is_empty() {
        bail!("{}\nsay what to write instead", silent.join("\n"));
    }
    Ok(read)
}

fn gives_an_order(message: &str) -> bool {
    let message = message.to_lowercase();
    ORDERS.iter().any(|order| message.contains(order))
}

fn all_tried() -> anyhow::Result<usize> {
    let (mut tried, mut missing) = (0, Vec::new());
    for root in every_root()? {
        let (stated, expected) = (stated_in(&root)?, expected_in(&root)?);
        tried += stated.values().sum::<usize>();
        missing.extend(untried(&stated, &expected).map(|what| format!("{}: {what}", root.name)));
    }
    if !missing.is_empty() {
        bail!(
            "{}\nwrite a run with a wrong value for each, and name it in expect_failures",
            missing.join("\n")
        );
    }
    Ok(tried)
}

fn untried<'a>(stated: &'a Counts, expected: &'a Counts) -> impl Iterator<Item = String> + 'a {
    stated.iter().filter_map(|(what, count)| {
        let found = expected.get(what).copied().unwrap_or(0);
        (found < *count)
            .then(|| format!("{what} has {count} conditions, and {found} runs expect a refusal"))
    })
}

/// The conditions of a root's own files.
fn stated_in(root: &Root) -> anyhow::Result<Counts> {
    let mut counts = Counts::new();
    for (_, text) in own_files(root)? {
        count_stated(&text, &mut counts);
    }
    Ok(counts)
}

/// Name and text of the files that make a root: not those of its tests.
fn own_files(root: &Root) -> anyhow::Result<Vec<(String, String)>> {
    let (folder, mut files) = (&root.path, Vec::new());
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "tf") {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.push((name.into_owned(), fs::read_to_string(&path)?));
        }
    }
    Ok(files)
}

/// The files are formatted by `terraform fmt`: a block of the first level begins at the margin.
fn count_stated(text: &str, counts: &mut Counts) {
    let mut owner = String::new();
    for line in text.lines() {
        if line.ends_with('{') && !line.starts_with([' ', '#']) {
            owner = owner_of(line);
        }
        let condition = ["validation {", "precondition {", "postcondition {"];
        if line.starts_with(' ') && condition.contains(&line.trim()) {
            *counts.entry(owner.clone()).or_insert(0) += 1;
        }
    }
}

/// `variable "a" {` is `var.a`, `resource "b" "c" {` is `b.c`, `data "b" "c" {` is `data.b.c`.
fn owner_of(line: &str) -> String {
    let mut words = line.split_whitespace().map(|word| word.trim_matches('"'));
    let kind = words.next().unwrap_or_default();
    let labels: Vec<&str> = words.filter(|word| *word != "{").collect();
    let first = match kind {
        "variable" => Some("var"),
        "resource" => None,
        other => Some(other),
    };
    first
        .into_iter()
        .chain(labels)
        .collect::<Vec<_>>()
        .join(".")
}

/// What the runs of a root expect to be refused.
fn expected_in(root: &Root) -> anyhow::Result<Counts> {
    let mut counts = Counts::new();
    for (_, text) in root.test_files()? {
        count_expected(&text, &mut counts);
    }
    Ok(counts)
}

fn count_expected(text: &str, counts: &mut Counts) {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| [line, "\n"])
        .collect();
    for after in code.split("expect_failures").skip(1) {
        let Some((_, list)) = after.split_once('[') else {
            continue;
        };
        for item in items(list) {
            // An instance stands for its resource.
            let what = item.split('[').next().unwrap_or_default().trim();
            if !what.is_empty() {
                *counts.entry(what.to_owned()).or_insert(0) += 1;
            }
        }
    }
}

/// The items of a list whose opening bracket was passed.
fn items(list: &str) -> Vec<String> {
    let (mut found, mut item, mut depth) = (Vec::new(), String::new(), 0_u32);
    for letter in list.chars() {
        match letter {
            ']' if depth == 0 => break,
            ',' if depth == 0 => found.push(std::mem::take(&mut item)),
            _ => {
                match letter {
                    '[' => depth += 1,
                    ']' => depth -= 1,
                    _ => {}
                }
                item.push(letter);
            }
        }
    }
    found.push(item);
    found
}

#[cfg(test)]
mod tests {
    use super::{Counts, count_expected, count_stated, gives_an_order, untried};

    const FILE: &str = "variable \"a\" {\n  type = string\n\n  validation {\n    condition = true\n  }\n\n  validation {\n  }\n}\n\nresource \"aws_b\" \"c\" {\n  lifecycle {\n    precondition {\n    }\n  }\n}\n";

    fn counts(read: fn(&str, &mut Counts), text: &str) -> Counts {
        let mut counts = Counts::new();
        read(text, &mut counts);
        counts
    }

    #[test]
    fn counts_the_conditions_of_each_block() {
        let stated = counts(count_stated, FILE);
        assert_eq!(stated.get("var.a"), Some(&2));
        assert_eq!(stated.get("aws_b.c"), Some(&1));
        assert_eq!(stated.len(), 2);
    }

    #[test]
    fn a_message_that_only_complains_is_found() {
        assert!(gives_an_order("\"a: write 1 to 5.\""));
        assert!(!gives_an_order("\"a is wrong: it must not be.\""));
    }

    #[test]
    fn counts_what_runs_expect_and_names_what_none_does() {
        let tests = "run \"x\" {\n  expect_failures = [\n    var.a,\n    # var.a,\n    aws_b.c[\"k\"],\n  ]\n}\nrun \"y\" {\n  expect_failures = [aws_b.c]\n}\n";
        let (stated, expected) = (counts(count_stated, FILE), counts(count_expected, tests));
        assert_eq!(expected.get("aws_b.c"), Some(&2));
        let missing: Vec<String> = untried(&stated, &expected).collect();
        assert_eq!(
            missing,
            ["var.a has 2 conditions, and 1 runs expect a refusal"]
        );
    }
}
