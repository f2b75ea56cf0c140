//! What a transaction was for: text as the user wrote it, tidied at the ends.

use super::FieldError;

/// Unicode scalar values that a new description may have.
const MAX_CHARS: usize = 255;

/// The text of new input: 1 to 255 Unicode scalar values, no control character but tab and newline.
///
/// White space at both ends is cut off; CR LF and CR become LF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description(String);

impl Description {
    /// Tidies and checks `text`. Errors name `field`.
    pub fn parse(field: &str, text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        let text = if text.contains('\r') {
            text.replace("\r\n", "\n").replace('\r', "\n")
        } else {
            text.to_owned()
        };
        if text.is_empty() {
            return Err(FieldError::new(field, "must not be empty"));
        }
        if text.chars().count() > MAX_CHARS {
            return Err(FieldError::new(field, "must have at most 255 characters"));
        }
        if text
            .chars()
            .any(|c| c.is_control() && c != '\t' && c != '\n')
        {
            return Err(FieldError::new(
                field,
                "must not hold control characters other than tab and newline",
            ));
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<String> {
        Description::parse("description", text)
            .ok()
            .map(Description::into_string)
    }

    #[test]
    fn the_ends_are_cut_and_line_ends_made_one() {
        assert_eq!(parse(" \t a\r\nb\rc \u{a0}").as_deref(), Some("a\nb\nc"));
        assert_eq!(parse("寿司 🍣").as_deref(), Some("寿司 🍣"));
    }

    #[test]
    fn length_counts_scalar_values() {
        assert!(parse(&"🍣".repeat(255)).is_some());
        assert!(parse(&"🍣".repeat(256)).is_none());
        assert!(parse(" \n ").is_none());
    }

    #[test]
    fn control_characters_are_refused() {
        for text in ["a\0b", "a\u{7f}b", "a\u{85}b", "a\u{1b}[31m"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        assert!(parse("a\tb\nc").is_some());
    }
}
