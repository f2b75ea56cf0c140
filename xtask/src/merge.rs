//! Values over other values.

use serde_json::Value;

/// As Helm does it: maps are merged, everything else is replaced.
pub(crate) fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_are_merged_and_lists_replaced() {
        let mut values = json!({"a": {"b": 1, "c": [1, 2]}, "d": 1});
        merge(&mut values, json!({"a": {"c": [3]}, "e": 2}));
        assert_eq!(values, json!({"a": {"b": 1, "c": [3]}, "d": 1, "e": 2}));
    }
}
