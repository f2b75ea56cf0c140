//! Fluent Bit's classic configuration: sections of keys and values.

use anyhow::{Context as _, bail};

/// A section; keys in lower case, as Fluent Bit compares them.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub(super) kind: String,
    pub(super) entries: Vec<(String, String)>,
}

impl Section {
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let mut found = self.entries.iter().filter(|(name, _)| name == key);
        found.next().map(|(_, value)| value.as_str())
    }

    /// A key that must be there.
    pub(super) fn want(&self, key: &str) -> anyhow::Result<&str> {
        self.get(key).with_context(|| {
            format!(
                "[{}] {} has no {key}",
                self.kind,
                self.get("name").unwrap_or_default()
            )
        })
    }
}

/// Every section of the text.
pub(super) fn parse(text: &str) -> anyhow::Result<Vec<Section>> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(kind) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            sections.push(Section {
                kind: kind.to_uppercase(),
                entries: Vec::new(),
            });
            continue;
        }
        let Some((key, value)) = line.split_once(char::is_whitespace) else {
            bail!("{line:?} is neither a section nor a key with a value");
        };
        let section = sections
            .last_mut()
            .with_context(|| format!("{line:?} stands in no section"))?;
        section
            .entries
            .push((key.to_lowercase(), value.trim().to_owned()));
    }
    Ok(sections)
}

/// A rule of a multiline parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) state: String,
    pub(super) pattern: String,
    pub(super) next: String,
}

/// The rules of a `[MULTILINE_PARSER]`.
pub(super) fn rules(section: &Section) -> anyhow::Result<Vec<Rule>> {
    let written = section.entries.iter().filter(|(key, _)| key == "rule");
    written
        .map(|(_, value)| rule(value).with_context(|| format!("rule {value}")))
        .collect()
}

/// `"state" "/pattern/" "next"`.
fn rule(text: &str) -> anyhow::Result<Rule> {
    let mut parts = text.split('"').skip(1).step_by(2);
    let mut next = || {
        parts
            .next()
            .context("it is not \"state\" \"/pattern/\" \"next\"")
    };
    let (state, pattern, after) = (next()?, next()?, next()?);
    let pattern = pattern
        .strip_prefix('/')
        .and_then(|pattern| pattern.strip_suffix('/'))
        .context("its pattern does not stand between slashes")?;
    Ok(Rule {
        state: state.to_owned(),
        pattern: pattern.to_owned(),
        next: after.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_rules_are_read() {
        let text = "# x\n[Input]\n    Name  tail\n    multiline.parser cri\n[MULTILINE_PARSER]\n  rule \"a\" \"/^\\S\"/\" \"b\"";
        let sections = parse(&text.replace("\\S\"", "\\S")).unwrap();
        assert_eq!(sections[0].kind, "INPUT");
        assert_eq!(sections[0].want("name").unwrap(), "tail");
        assert!(sections[0].want("tag").is_err());
        let wanted = Rule {
            state: "a".to_owned(),
            pattern: "^\\S".to_owned(),
            next: "b".to_owned(),
        };
        assert_eq!(rules(&sections[1]).unwrap(), [wanted]);
    }

    #[test]
    fn lines_without_section_or_value_are_refused() {
        for text in [
            "Name tail",
            "[INPUT]\nName",
            "[MULTILINE_PARSER]\nrule \"a\" \"^x\" \"b\"",
        ] {
            let failed = match parse(text) {
                Err(_) => true,
                Ok(sections) => sections.iter().any(|section| rules(section).is_err()),
            };
            assert!(failed, "{text}");
        }
    }
}
