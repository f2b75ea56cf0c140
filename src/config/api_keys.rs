//! The list of API keys, as far as it can be judged without knowing a key.

use std::collections::HashSet;

use serde_json::Value;

use super::Variables;
use crate::secrets::Secret;

/// The scopes that a key may hold. The words of `auth::Scope`, which stands above this leaf; a test compares them.
const SCOPES: [&str; 3] = [
    "transactions:read",
    "transactions:write",
    "transactions:admin",
];

/// The list as it stands, if it is sound. Faults name the place and never repeat what stands there.
pub(super) fn read(vars: &mut Variables<'_>) -> Option<Secret> {
    let list = vars.secret("API_KEYS")?;
    match check_keys(list.expose()) {
        Ok(()) => Some(list),
        Err(problems) => {
            for problem in problems {
                vars.fault(
                    "API_KEYS",
                    format!(
                        "{problem}; allowed is a JSON array of {{\"name\",\"sha256\",\"scopes\"}}, as `keys new` prints its items"
                    ),
                );
            }
            None
        }
    }
}

fn check_keys(text: &str) -> Result<(), Vec<String>> {
    let whole: Value = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        vec![format!("is no JSON from line {line}, column {column} on")]
    })?;
    let items = whole
        .as_array()
        .filter(|items| !items.is_empty())
        .ok_or_else(|| vec!["is no JSON array with at least one key".to_owned()])?;
    let mut problems = Vec::new();
    // One name may stand twice: the old and the new key of a caller while it is exchanged.
    let mut digests = HashSet::new();
    for (index, item) in items.iter().enumerate() {
        let number = index + 1;
        problems.extend(key_problem(item).map(|problem| format!("item {number} {problem}")));
        let digest = item.get("sha256").and_then(Value::as_str);
        if digest.is_some_and(|digest| !digests.insert(digest.to_ascii_lowercase())) {
            problems.push(format!(
                "item {number} has the \"sha256\" of an earlier one"
            ));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(problems)
}

/// The first thing that is wrong with one key.
fn key_problem(item: &Value) -> Option<String> {
    let Some(fields) = item.as_object() else {
        return Some("is no object".to_owned());
    };
    let name = fields
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
        return Some("needs a \"name\" of 1 to 64 characters".to_owned());
    }
    let digest = fields
        .get("sha256")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some("needs a \"sha256\" of 64 hexadecimal digits".to_owned());
    }
    let scopes = fields.get("scopes").and_then(Value::as_array);
    let known = |scope: &Value| scope.as_str().is_some_and(|word| SCOPES.contains(&word));
    if !scopes.is_some_and(|scopes| !scopes.is_empty() && scopes.iter().all(known)) {
        let allowed = SCOPES.join(", ");
        return Some(format!(
            "needs \"scopes\", a list of one or more of {allowed}"
        ));
    }
    let allowed = ["name", "sha256", "scopes"];
    let strange = fields.keys().any(|key| !allowed.contains(&key.as_str()));
    strange.then(|| "has a field that is not known".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Scope;

    #[test]
    fn the_scopes_are_those_of_the_auth_module() {
        assert_eq!(SCOPES, Scope::ALL.map(Scope::as_str));
    }

    #[test]
    fn keys_are_checked_by_place_and_never_shown() {
        let hash = "0123456789abcdefABCDEF0123456789abcdef0123456789abcdef0123456789";
        let key = |name: &str, sha256: &str, scope: &str| {
            format!(r#"{{"name":"{name}","sha256":"{sha256}","scopes":["{scope}"]}}"#)
        };
        let good = key("team", hash, "transactions:read");
        assert_eq!(check_keys(&format!("[{good}]")), Ok(()));
        for (text, problem) in [
            ("hunter2".to_owned(), "is no JSON from line 1, column 1 on"),
            ("[]".to_owned(), "at least one key"),
            ("{}".to_owned(), "is no JSON array"),
            ("[7]".to_owned(), "item 1 is no object"),
            (
                format!("[{good},{good}]"),
                "item 2 has the \"sha256\" of an earlier one",
            ),
            (
                format!("[{}]", key("", hash, "transactions:read")),
                "\"name\"",
            ),
            (
                format!("[{}]", key("a", "hunter2", "transactions:read")),
                "\"sha256\"",
            ),
            (
                format!("[{}]", key("a", hash, "hunter2")),
                "transactions:admin",
            ),
            (
                format!("[{}]", good.replace("[\"transactions:read\"]", "[]")),
                "\"scopes\"",
            ),
            (
                format!("[{}]", good.replace("\"name\"", "\"hunter2\":1,\"name\"")),
                "field",
            ),
        ] {
            let problems = check_keys(&text).unwrap_err().join("; ");
            assert!(problems.contains(problem), "{problems}");
            assert!(!problems.contains("hunter2"), "{problems}");
        }
    }
}
