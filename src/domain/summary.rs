//! Counts and sums by day or month.

use super::{FieldError, Total};

/// The length of a period, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// `2026-11-24`
    Day,
    /// `2026-11`
    Month,
}

impl Period {
    /// Parses `day` or `month`.
    pub fn parse(field: &str, text: &str) -> Result<Self, FieldError> {
        match text {
            "day" => Ok(Self::Day),
            "month" => Ok(Self::Month),
            _ => Err(FieldError::new(field, "must be day or month")),
        }
    }

    /// The word for it on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

/// One period that has rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryItem {
    /// The period as text; `None` for the rows without a time.
    pub period: Option<String>,
    /// Rows in it.
    pub count: u64,
    /// Their exact sum.
    pub amount: Total,
}
