//! Which rows a list holds, in which order, how many at a time.

use super::{Amount, FieldError, Timestamp};

/// The direction of a list, by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Newest first.
    #[default]
    Descending,
    /// Oldest first.
    Ascending,
}

impl Order {
    /// Parses `asc` or `desc`.
    pub fn parse(field: &str, text: &str) -> Result<Self, FieldError> {
        match text {
            "asc" => Ok(Self::Ascending),
            "desc" => Ok(Self::Descending),
            _ => Err(FieldError::new(field, "must be asc or desc")),
        }
    }
}

/// `from` <= created_at < `to`; rows without a time match no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    /// The first moment that belongs to it.
    pub from: Option<Timestamp>,
    /// The first moment after it.
    pub to: Option<Timestamp>,
}

impl TimeRange {
    /// Whether neither bound is set.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }
}

/// `min` <= amount <= `max`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AmountRange {
    /// The least amount that belongs to it.
    pub min: Option<Amount>,
    /// The greatest amount that belongs to it.
    pub max: Option<Amount>,
}

/// The rows that a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// By the time of recording.
    pub time: TimeRange,
    /// By amount.
    pub amount: AmountRange,
    /// A part of the description: A to Z in either case, all else as written.
    pub text: Option<String>,
}

/// How many rows a page may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u16);

impl PageSize {
    /// The page of the new list where none is asked for.
    pub const DEFAULT: Self = Self(50);
    /// The greatest page of the new list.
    pub const MAX: u16 = 250;
    /// The greatest page of the old list.
    pub const MAX_OLD: u16 = 1000;

    /// Parses a whole number from 1 to `max`.
    pub fn parse(field: &str, text: &str, max: u16) -> Result<Self, FieldError> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|size| digits && (1..=max).contains(size))
            .map(Self)
            .ok_or_else(|| {
                FieldError::new(field, format!("must be a whole number from 1 to {max}"))
            })
    }

    /// A fixed size, at least 1.
    #[must_use]
    pub const fn fixed(rows: u16) -> Self {
        Self(if rows == 0 { 1 } else { rows })
    }

    /// The number of rows.
    #[must_use]
    pub const fn rows(self) -> usize {
        self.0 as usize
    }
}
