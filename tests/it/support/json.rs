//! JSON that tests write.

/// `{"amount":…,"description":…}`: the amount as it is written, the text quoted.
pub(crate) fn transaction(amount: &str, description: &str) -> String {
    format!(
        "{{\"amount\":{amount},\"description\":{}}}",
        serde_json::Value::from(description)
    )
}
