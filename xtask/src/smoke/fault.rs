//! What a step found: the request, what was wanted of its reply, what came.

/// The longest text of a reply that is shown.
const MOST_CHARACTERS: usize = 400;

/// A promise that was not kept.
#[derive(Debug)]
pub(super) struct Fault {
    /// `GET /readyz`
    pub(super) asked: String,
    pub(super) wanted: String,
    pub(super) came: String,
}

/// The beginning of a text, on one line.
pub(super) fn shown(text: &str) -> String {
    let line: String = text
        .chars()
        .take(MOST_CHARACTERS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(MOST_CHARACTERS).is_some() {
        return format!("{line}… ({} bytes)", text.len());
    }
    line
}
