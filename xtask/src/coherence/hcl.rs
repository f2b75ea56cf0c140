//! As much of Terraform's language as the comparisons need: literals, as `terraform fmt` writes them.

use anyhow::{Context as _, bail};
use serde_json::Value;

/// The literal that a `.tfvars` file gives a variable; `None` where it gives none.
pub(super) fn assigned(text: &str, name: &str) -> anyhow::Result<Option<Value>> {
    let mut found = text.lines().filter_map(|line| assignment(line, name));
    let Some(value) = found.next() else {
        return Ok(None);
    };
    if found.next().is_some() {
        bail!("{name} is given twice");
    }
    literal(value).map(Some).with_context(|| name.to_owned())
}

/// The default of a variable; `None` where it has none.
pub(super) fn default(text: &str, name: &str) -> anyhow::Result<Option<Value>> {
    let body = block(text, &format!("variable \"{name}\" {{"))?;
    let mut lines = body.lines().filter_map(|line| line.strip_prefix("  "));
    match lines.find_map(|line| assignment(line, "default")) {
        Some(value) => literal(value)
            .map(Some)
            .with_context(|| format!("default of {name}")),
        None => Ok(None),
    }
}

/// The lines between a line that is `head` and the brace that closes it at the same indentation.
pub(super) fn block<'a>(text: &'a str, head: &str) -> anyhow::Result<&'a str> {
    let start = text
        .find(&format!("\n{head}\n"))
        .map(|at| at + 1)
        .or_else(|| text.starts_with(head).then_some(0))
        .with_context(|| format!("there is no {head:?}"))?;
    let indent: String = head.chars().take_while(|c| *c == ' ').collect();
    let body = &text[start + head.len()..];
    let end = ["}", "]"]
        .iter()
        .filter_map(|brace| body.find(&format!("\n{indent}{brace}")))
        .min()
        .with_context(|| format!("{head:?} is not closed"))?;
    Ok(&body[..end])
}

/// What stands after `name =`, the comment at its end left out.
fn assignment<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(name)?.trim_start().strip_prefix('=')?;
    let comment = match rest.rfind(" #") {
        Some(at) if rest[..at].matches('"').count() % 2 == 0 => at,
        _ => rest.len(),
    };
    Some(rest[..comment].trim())
}

/// Lists, texts, numbers and switches are JSON; a map on one line nearly is.
fn literal(text: &str) -> anyhow::Result<Value> {
    let json = if text.starts_with('{') {
        quoted_keys(text)
    } else {
        text.to_owned()
    };
    serde_json::from_str(&json).with_context(|| format!("{text:?} is no literal on one line"))
}

/// `{ a = 1, b = 2 }` as JSON.
fn quoted_keys(text: &str) -> String {
    let inner = text.trim_matches(|c| c == '{' || c == '}');
    let pairs = inner.split(',').filter_map(|pair| pair.split_once('='));
    let written: Vec<_> = pairs
        .map(|(key, value)| format!("\"{}\":{}", key.trim(), value.trim()))
        .collect();
    format!("{{{}}}", written.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TFVARS: &str = "app_port           = 8080 # here\nzones = [\"a\", \"b\"]\nbudget = { lambda = 45, eks = 280 }\nurl = \"x # y\"\n";

    #[test]
    fn literals_are_read_and_comments_are_not() {
        let read = |name| assigned(TFVARS, name).unwrap();
        assert_eq!(read("app_port"), Some(json!(8080)));
        assert_eq!(read("zones"), Some(json!(["a", "b"])));
        assert_eq!(read("budget"), Some(json!({"lambda": 45, "eks": 280})));
        assert_eq!(read("url"), Some(json!("x # y")));
        assert_eq!(read("app"), None);
        assert!(assigned("a = [\n", "a").is_err());
        assert!(assigned("a = 1\na = 2\n", "a").is_err());
    }

    #[test]
    fn defaults_are_read_in_their_own_block() {
        let text = "variable \"a\" {\n  type = string\n}\n\nvariable \"b\" {\n  default     = [\"x\"]\n}\n";
        assert_eq!(default(text, "a").unwrap(), None);
        assert_eq!(default(text, "b").unwrap(), Some(json!(["x"])));
        assert!(default(text, "c").is_err());
    }
}
