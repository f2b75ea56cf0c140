//! Words of a command line: `--name value`, `--flag`, and what stands alone.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, bail};

/// What a command takes, and how it is used.
pub(crate) struct Grammar {
    /// Names that are followed by a value, without their dashes.
    pub(crate) options: &'static [&'static str],
    /// Names that stand alone.
    pub(crate) flags: &'static [&'static str],
    /// Printed by `--help` and beside an error.
    pub(crate) usage: &'static str,
}

/// The words, read.
#[derive(Debug, Default)]
pub(crate) struct Words {
    values: BTreeMap<String, String>,
    flags: BTreeSet<String>,
    /// In their order.
    pub(crate) alone: Vec<String>,
}

impl Grammar {
    /// Reads the words; `None` where only the usage was asked for, which is then printed.
    pub(crate) fn read(&self, words: &[String]) -> anyhow::Result<Option<Words>> {
        let mut read = Words::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let word = if word == "-h" { "--help" } else { word };
            let Some(name) = word.strip_prefix("--") else {
                read.alone.push(word.to_owned());
                continue;
            };
            if name == "help" {
                println!("{}", self.usage);
                return Ok(None);
            }
            if self.flags.contains(&name) {
                read.flags.insert(name.to_owned());
            } else if self.options.contains(&name) {
                let value = words
                    .next()
                    .with_context(|| format!("{word} needs a value"))?;
                if read.values.insert(name.to_owned(), value.clone()).is_some() {
                    bail!("{word} is given twice");
                }
            } else {
                bail!("{word:?} is not an option\n\n{}", self.usage);
            }
        }
        Ok(Some(read))
    }
}

impl Grammar {
    /// The same for a command of options alone: a word without dashes is a fault.
    pub(crate) fn read_options(&self, words: &[String]) -> anyhow::Result<Option<Words>> {
        let read = self.read(words)?;
        match read.as_ref().and_then(|read| read.alone.first()) {
            None => Ok(read),
            Some(word) => bail!("{word:?} is not an option\n\n{}", self.usage),
        }
    }
}

impl Words {
    /// A value that must be there; an empty one is not.
    pub(crate) fn required(&self, name: &str) -> anyhow::Result<&str> {
        self.optional(name)
            .with_context(|| format!("--{name} is missing"))
    }

    /// A value that may be there; an empty one is not, so that a workflow may pass an unset variable.
    pub(crate) fn optional(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A number, or what stands for it.
    pub(crate) fn number(&self, name: &str, default: u64) -> anyhow::Result<u64> {
        match self.optional(name) {
            None => Ok(default),
            Some(value) => value
                .parse()
                .ok()
                .with_context(|| format!("--{name} {value:?} is not a whole number")),
        }
    }

    /// Whether a part of the checks is asked for: all are, unless `--only` holds a word of its name.
    pub(crate) fn wants(&self, part: &str) -> bool {
        self.optional("only").is_none_or(|only| part.contains(only))
    }

    /// Whether the flag was given.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.flags.contains(name)
    }

    /// The one word that stands alone.
    pub(crate) fn only(&self, what: &str) -> anyhow::Result<&str> {
        match self.alone.as_slice() {
            [one] => Ok(one),
            [] => bail!("{what} is missing"),
            [_, more, ..] => bail!("{more:?} is one word too many"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAMMAR: Grammar = Grammar {
        options: &["commit", "limit", "only"],
        flags: &["write"],
        usage: "usage",
    };

    fn read(words: &[&str]) -> anyhow::Result<Words> {
        let words: Vec<_> = words.iter().map(ToString::to_string).collect();
        Ok(GRAMMAR.read(&words)?.unwrap())
    }

    #[test]
    fn words_are_told_apart() {
        let words = read(&["eks", "--commit", "abc", "--write", "--limit", ""]).unwrap();
        assert_eq!(words.only("a target").unwrap(), "eks");
        assert_eq!(words.required("commit").unwrap(), "abc");
        assert!(words.flag("write"));
        assert_eq!(words.number("limit", 7).unwrap(), 7, "empty is not given");
    }

    #[test]
    fn parts_are_chosen_by_a_word_of_their_names() {
        assert!(read(&[]).unwrap().wants("lint"));
        let lint = read(&["--only", "lint"]).unwrap();
        assert!(lint.wants("lint and more") && !lint.wants("suites"));
    }

    #[test]
    fn help_has_a_short_form() {
        let words = ["-h".to_owned()];
        assert!(GRAMMAR.read(&words).unwrap().is_none());
    }

    #[test]
    fn faults_are_named() {
        for (words, wanted) in [
            (&["--comit", "abc"][..], "--comit"),
            (&["--commit"], "needs a value"),
            (&["--commit", "a", "--commit", "b"], "twice"),
        ] {
            let error = read(words).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
        let words = read(&["a", "b", "--limit", "x"]).unwrap();
        let alone = GRAMMAR.read_options(&["alone".to_owned()]).unwrap_err();
        assert!(alone.to_string().contains("alone"), "{alone}");
        assert!(
            words
                .only("a target")
                .unwrap_err()
                .to_string()
                .contains("b")
        );
        assert!(words.number("limit", 1).is_err());
        assert!(words.required("commit").is_err());
    }
}
