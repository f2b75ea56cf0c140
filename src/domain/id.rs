//! The number of a transaction.

use std::fmt;

use super::FieldError;

/// A number from 1 to 9223372036854775807, never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId(i64);

impl TransactionId {
    /// Parses digits. Errors name `field`.
    pub fn parse(field: &str, text: &str) -> Result<Self, FieldError> {
        number(text)
            .filter(|number| *number > 0)
            .map(Self)
            .ok_or_else(|| {
                FieldError::new(
                    field,
                    "must be a whole number from 1 to 9223372036854775807",
                )
            })
    }

    /// Parses an id or 0: a place in the table after which to read on.
    pub fn parse_after(field: &str, text: &str) -> Result<i64, FieldError> {
        number(text).ok_or_else(|| {
            FieldError::new(
                field,
                "must be a whole number from 0 to 9223372036854775807",
            )
        })
    }

    /// From a store, where it is above zero; `None` for anything else.
    #[must_use]
    pub const fn from_store(number: i64) -> Option<Self> {
        if number > 0 { Some(Self(number)) } else { None }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_within_the_range_are_taken() {
        assert_eq!(
            TransactionId::parse("id", "1").map(TransactionId::get),
            Ok(1)
        );
        assert!(TransactionId::parse("id", "9223372036854775807").is_ok());
        for text in [
            "",
            "0",
            "-1",
            "+1",
            "1.0",
            "9223372036854775808",
            " 1",
            "1e3",
            "٣",
        ] {
            assert!(TransactionId::parse("id", text).is_err(), "{text:?}");
        }
        assert_eq!(TransactionId::parse_after("after", "0"), Ok(0));
    }
}
