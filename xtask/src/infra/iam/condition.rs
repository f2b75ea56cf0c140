//! Condition blocks. An operator that is not known is an error: a guess would prove nothing.

use std::collections::BTreeMap;

use anyhow::bail;
use serde_json::Value;

use super::pattern::matches;

/// What is known of a request: condition key to its values.
pub(super) type Context = BTreeMap<String, Vec<String>>;

/// Whether every operator and every key of the block holds.
pub(super) fn holds(block: &Value, context: &Context) -> anyhow::Result<bool> {
    let Some(operators) = block.as_object() else {
        return Ok(true);
    };
    for (operator, keys) in operators {
        for (key, wanted) in keys.as_object().into_iter().flatten() {
            if !key_holds(operator, key, &strings(wanted), context)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn key_holds(
    operator: &str,
    key: &str,
    wanted: &[String],
    context: &Context,
) -> anyhow::Result<bool> {
    let (set, operator) = match operator.split_once(':') {
        Some((set, rest)) => (Some(set), rest),
        None => (None, operator),
    };
    let given = lookup(context, key);
    if operator == "Null" {
        let must_be_missing = wanted.iter().any(|value| value == "true");
        return Ok(must_be_missing == given.is_none());
    }
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(base) => (base, true),
        None => (operator, false),
    };
    let negated = operator.contains("Not");
    let Some(given) = given else {
        return Ok(if_exists || negated || set == Some("ForAllValues"));
    };
    let any_wanted = |value: &String| -> anyhow::Result<bool> {
        for pattern in wanted {
            if compares(&operator.replacen("Not", "", 1), pattern, value)? {
                return Ok(true);
            }
        }
        Ok(false)
    };
    let verdicts: Vec<bool> = given
        .iter()
        .map(|value| any_wanted(value).map(|hit| hit != negated))
        .collect::<anyhow::Result<_>>()?;
    Ok(match set {
        // Without a set operator a key has one value; several must all satisfy it.
        None | Some("ForAllValues") => verdicts.iter().all(|verdict| *verdict),
        Some("ForAnyValue") => verdicts.iter().any(|verdict| *verdict),
        Some(other) => bail!("condition operator {other}: is not known to this evaluator"),
    })
}

fn compares(operator: &str, wanted: &str, given: &str) -> anyhow::Result<bool> {
    Ok(match operator {
        "StringEquals" => wanted == given,
        "StringEqualsIgnoreCase" | "Bool" => wanted.eq_ignore_ascii_case(given),
        "StringLike" | "ArnLike" | "ArnEquals" => matches(wanted, given),
        other => bail!("condition operator {other} is not known to this evaluator: teach it"),
    })
}

/// Keys are compared without regard to letter case.
fn lookup<'a>(context: &'a Context, key: &str) -> Option<&'a Vec<String>> {
    context
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, values)| values)
}

/// A string, a boolean or a list of them as a list of strings.
pub(in crate::infra) fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Bool(flag) => vec![flag.to_string()],
        Value::Number(number) => vec![number.to_string()],
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Context, holds};

    fn context(pairs: &[(&str, &str)]) -> Context {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), vec![(*value).to_owned()]))
            .collect()
    }

    #[test]
    fn equals_wants_the_whole_value() {
        let block = json!({"StringEquals": {"sub": "repo:o/r:environment:prod"}});
        assert!(holds(&block, &context(&[("sub", "repo:o/r:environment:prod")])).unwrap());
        assert!(!holds(&block, &context(&[("sub", "repo:o/r:environment:prod2")])).unwrap());
        assert!(!holds(&block, &context(&[])).unwrap());
    }

    #[test]
    fn a_missing_key_satisfies_negations_and_if_exists_only() {
        let missing = context(&[]);
        assert!(holds(&json!({"StringNotEquals": {"k": "v"}}), &missing).unwrap());
        assert!(holds(&json!({"StringEqualsIfExists": {"k": "v"}}), &missing).unwrap());
        assert!(!holds(&json!({"StringLike": {"k": "*"}}), &missing).unwrap());
        assert!(!holds(&json!({"Bool": {"k": "false"}}), &missing).unwrap());
        assert!(holds(&json!({"Null": {"k": "true"}}), &missing).unwrap());
    }

    #[test]
    fn several_keys_are_all_needed_and_several_values_are_alternatives() {
        let block = json!({"StringLike": {"a": ["x*", "y*"]}, "Bool": {"b": true}});
        assert!(holds(&block, &context(&[("a", "yes"), ("b", "true")])).unwrap());
        assert!(!holds(&block, &context(&[("a", "yes"), ("b", "false")])).unwrap());
        assert!(!holds(&block, &context(&[("a", "no"), ("b", "true")])).unwrap());
    }

    #[test]
    fn an_unknown_operator_is_an_error() {
        assert!(
            holds(
                &json!({"DateLessThan": {"k": "v"}}),
                &context(&[("k", "v")])
            )
            .is_err()
        );
    }
}
