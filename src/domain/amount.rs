//! Money: whole minor units (cents), exact from the wire to the table.

use std::fmt;

use super::FieldError;

/// Digits before the point that an amount may have.
const MAX_WHOLE_DIGITS: usize = 10;
/// Minor units in one unit: two decimal places.
const MINOR_PER_UNIT: i64 = 100;

/// Which amounts new input may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AmountSign {
    /// Above zero only.
    #[default]
    Positive,
    /// Also zero and below, as the old application took them (refunds).
    Any,
}

/// An exact decimal with at most two places, between -9999999999.99 and 9999999999.99.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount {
    minor: i64,
}

impl Amount {
    /// Parses `-?[0-9]{1,10}(\.[0-9]{1,2})?`. Errors name `field`.
    pub fn parse(field: &str, text: &str) -> Result<Self, FieldError> {
        minor_units(text)
            .map(|minor| Self { minor })
            .ok_or_else(|| {
                FieldError::new(
                    field,
                    "must be a decimal with at most 10 digits before and 2 after the point",
                )
            })
    }

    /// Parses an amount of new input, where the sign is limited too.
    pub fn parse_new(field: &str, text: &str, sign: AmountSign) -> Result<Self, FieldError> {
        let amount = Self::parse(field, text)?;
        if sign == AmountSign::Positive && amount.minor <= 0 {
            return Err(FieldError::new(field, "must be above zero"));
        }
        Ok(amount)
    }

    /// From whole minor units as a store keeps them (hundredths).
    #[must_use]
    pub const fn from_minor(minor: i64) -> Self {
        Self { minor }
    }

    /// Whole minor units (hundredths).
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The fixed form with two places, as `DECIMAL(12,2)` takes it: `-20.00`.
    #[must_use]
    pub fn fixed(self) -> String {
        let sign = if self.minor < 0 { "-" } else { "" };
        let minor = self.minor.unsigned_abs();
        let unit = MINOR_PER_UNIT.unsigned_abs();
        format!("{sign}{}.{:02}", minor / unit, minor % unit)
    }
}

/// The shortest exact form: `100`, `12.5`, `0.07`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_shortest(f, i128::from(self.minor))
    }
}

/// An exact sum of amounts: wide enough for any table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Total {
    minor: i128,
}

impl Total {
    /// From whole minor units (hundredths).
    #[must_use]
    pub const fn from_minor(minor: i128) -> Self {
        Self { minor }
    }

    /// Whole minor units (hundredths).
    #[must_use]
    pub const fn minor(self) -> i128 {
        self.minor
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_shortest(f, self.minor)
    }
}

fn write_shortest(f: &mut fmt::Formatter<'_>, minor: i128) -> fmt::Result {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    let unit = u128::from(MINOR_PER_UNIT.unsigned_abs());
    let (whole, part) = (minor / unit, minor % unit);
    match part {
        0 => write!(f, "{sign}{whole}"),
        part if part % 10 == 0 => write!(f, "{sign}{whole}.{}", part / 10),
        part => write!(f, "{sign}{whole}.{part:02}"),
    }
}

fn minor_units(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = match digits.split_once('.') {
        Some((whole, part)) if (1..=2).contains(&part.len()) => (whole, part),
        Some(_) => return None,
        None => (digits, ""),
    };
    if whole.is_empty() || whole.len() > MAX_WHOLE_DIGITS {
        return None;
    }
    let mut minor: i64 = 0;
    for byte in whole.bytes().chain(part.bytes()) {
        if !byte.is_ascii_digit() {
            return None;
        }
        minor = minor * 10 + i64::from(byte - b'0');
    }
    for _ in part.len()..2 {
        minor *= 10;
    }
    Some(if negative { -minor } else { minor })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Option<i64> {
        Amount::parse("amount", text).ok().map(Amount::minor)
    }

    #[test]
    fn what_is_written_is_told_apart() {
        assert_eq!(parse("0.1"), Some(10));
        assert_eq!(parse("9999999999.99"), Some(999_999_999_999));
        assert_eq!(parse("12.345"), None);
        assert_eq!(parse("-0.07"), Some(-7));
        assert_eq!(parse("007"), Some(700));
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "+1",
            "1e2",
            "1,5",
            "0x1",
            "12345678901",
            "--1",
            "1.2.3",
            " 1",
            "1 ",
            "١",
            "NaN",
            "1.-2",
            "-.5",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_sign_binds_new_input_only() {
        assert!(Amount::parse_new("amount", "0", AmountSign::Positive).is_err());
        assert!(Amount::parse_new("amount", "-1", AmountSign::Positive).is_err());
        assert!(Amount::parse_new("amount", "-1", AmountSign::Any).is_ok());
    }

    #[test]
    fn the_shortest_form_is_written() {
        for (minor, text) in [
            (10_000, "100"),
            (1250, "12.5"),
            (7, "0.07"),
            (-2000, "-20"),
            (0, "0"),
            (-5, "-0.05"),
        ] {
            assert_eq!(Amount::from_minor(minor).to_string(), text);
        }
        assert_eq!(Total::from_minor(i128::MAX).to_string().len(), 40);
    }

    proptest! {
        #[test]
        fn shown_and_parsed_again_is_the_same(minor in -999_999_999_999_i64..=999_999_999_999) {
            let amount = Amount::from_minor(minor);
            prop_assert_eq!(parse(&amount.to_string()), Some(minor));
            prop_assert_eq!(parse(&amount.fixed()), Some(minor));
        }

        #[test]
        fn the_grammar_decides(text in "-?[0-9]{0,12}(\\.[0-9]{0,3})?") {
            let digits = text.trim_start_matches('-');
            let (whole, part) = digits.split_once('.').map_or((digits, None), |(w, p)| (w, Some(p)));
            let fits = (1..=10).contains(&whole.len()) && part.is_none_or(|p| (1..=2).contains(&p.len()));
            prop_assert_eq!(parse(&text).is_some(), fits);
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = parse(&text);
        }
    }
}
