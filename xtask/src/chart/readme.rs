//! helm/expense-backend/README.md: made of words of its own, the schema's descriptions and the defaults of values.yaml.

use std::{fmt::Write as _, fs};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{
    schema::{self, resolved},
    source::Source,
};
use crate::check::Check;

const MARK: &str = "<!-- The table is made by `cargo xtask chart --write`. -->";

/// Compares the file, or writes it.
pub(super) fn check(source: &Source, write: bool) -> Check {
    Check::of("readme: the table of values", compare(source, write))
}

fn compare(source: &Source, write: bool) -> anyhow::Result<()> {
    let text = source.read("README.md")?;
    let (head, _) = text
        .split_once(MARK)
        .with_context(|| format!("README.md has no line {MARK:?}"))?;
    let wanted = format!("{head}{MARK}\n\n{}", table(source)?);
    if write {
        return fs::write(source.file("README.md"), wanted).context("writing README.md");
    }
    ensure!(
        text == wanted,
        "it differs from values.yaml and values.schema.json: run `cargo xtask chart --write`"
    );
    Ok(())
}

fn table(source: &Source) -> anyhow::Result<String> {
    let schema = schema::read(source)?;
    let values: Value = serde_saphyr::from_str(&source.read("values.yaml")?)?;
    let mut text = "| Value | Default | Allowed | Meaning |\n|---|---|---|---|\n".to_owned();
    rows(&schema, &schema, &values, "", &mut text)?;
    Ok(text)
}

fn rows(
    schema: &Value,
    at: &Value,
    values: &Value,
    path: &str,
    text: &mut String,
) -> anyhow::Result<()> {
    for (key, property) in at["properties"].as_object().into_iter().flatten() {
        if key == "global" {
            continue;
        }
        let place = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        let target = resolved(schema, property);
        let about = property["description"].as_str();
        if target["properties"].is_object() {
            if let Some(about) = about {
                writeln!(text, "| **`{place}`** | | | {} |", cell(about))?;
            }
            rows(schema, target, &values[key], &place, text)?;
        } else {
            let about = about
                .or_else(|| target["description"].as_str())
                .unwrap_or_default();
            let default = &values[key];
            let default = if default.is_null() {
                "the service's".to_owned()
            } else {
                format!("`{}`", cell(&default.to_string()))
            };
            writeln!(
                text,
                "| `{place}` | {default} | {} | {} |",
                allowed(target),
                cell(about)
            )?;
        }
    }
    Ok(())
}

/// What may stand there, in words.
fn allowed(property: &Value) -> String {
    let word = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    if let Some(words) = property["enum"].as_array() {
        return words.iter().map(word).collect::<Vec<_>>().join(", ");
    }
    if let (Some(low), Some(high)) = (property["minimum"].as_u64(), property["maximum"].as_u64()) {
        return format!("{low} to {high}");
    }
    match property["type"].as_str() {
        Some("boolean") => "true, false".to_owned(),
        Some("array") => "a list".to_owned(),
        Some("object") => "names and texts".to_owned(),
        _ if property["$ref"].is_string() || property["type"].is_array() => "a quantity".to_owned(),
        _ => match property["pattern"].as_str() {
            Some(pattern) => format!("`{}`", cell(pattern)),
            None => "any text".to_owned(),
        },
    }
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{allowed, rows};

    #[test]
    fn nested_values_are_rows_with_their_paths() {
        let schema = json!({"properties": {"a": {"properties": {"b": {"type": "boolean", "description": "x | y"}}}}});
        let mut text = String::new();
        rows(&schema, &schema, &json!({"a": {"b": true}}), "", &mut text).unwrap();
        assert_eq!(text, "| `a.b` | `true` | true, false | x \\| y |\n");
    }

    #[test]
    fn ranges_come_before_types() {
        assert_eq!(
            allowed(&json!({"type": "integer", "minimum": 1, "maximum": 9})),
            "1 to 9"
        );
        assert_eq!(allowed(&json!({"enum": ["on", "off"]})), "on, off");
    }
}
