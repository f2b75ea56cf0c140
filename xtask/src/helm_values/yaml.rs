//! The little YAML that values need: maps, lists, numbers, and texts always in quotes.

use serde_json::Value;

/// The value as a YAML document.
pub(super) fn write(value: &Value) -> String {
    let mut out = String::new();
    node(value, 0, &mut out);
    out
}

fn node(value: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                out.push_str(&format!("{indent}{}:", key_text(key)));
                child(value, depth, out);
            }
        }
        Value::Array(list) => {
            for value in list {
                out.push_str(&format!("{indent}-"));
                child(value, depth, out);
            }
        }
        scalar => out.push_str(&format!("{indent}{scalar}\n")),
    }
}

/// What follows `key:` or `-`. JSON's form of a scalar or of something empty is YAML's too.
fn child(value: &Value, depth: usize, out: &mut String) {
    let empty = value.as_object().is_some_and(serde_json::Map::is_empty)
        || value.as_array().is_some_and(Vec::is_empty);
    if empty || !(value.is_object() || value.is_array()) {
        out.push_str(&format!(" {value}\n"));
        return;
    }
    out.push('\n');
    node(value, depth + 1, out);
}

/// Words that a YAML reader may take for something else than a text.
const RESERVED: [&str; 8] = ["true", "false", "null", "yes", "no", "on", "off", "y"];

/// `a.b/c` needs quotes no more than `ab` does; all else gets them.
fn key_text(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
    let word = key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(plain);
    if word && !RESERVED.contains(&key.to_ascii_lowercase().as_str()) {
        key.to_owned()
    } else {
        Value::from(key).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_yaml_reader_finds_the_same_again() {
        let value = json!({
            "text": "yes", "quoted": "a: \"b\" # c\nd", "number": 3306, "none": null, "flag": true,
            "empty": {}, "list": ["sg-1", {"a": 1, "b": [2]}], "nothing": [],
            "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/x", "true": "0123",
            "deep": {"deeper": {"x": "null"}}
        });
        let text = write(&value);
        let read: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(read, value, "{text}");
    }
}
