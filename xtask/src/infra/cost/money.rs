//! Money in whole millionths of a dollar, quantities in whole thousandths: no rounding on the way.

use std::fmt;

use anyhow::{Context as _, bail};

/// An amount of US dollars.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(super) struct Usd(i64);

/// How much of something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Quantity(i64);

impl Usd {
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        decimal(text, 6).map(Self)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    /// The price of that much.
    pub(super) fn times(self, quantity: Quantity) -> Self {
        Self(self.0 * quantity.0 / 1000)
    }
}

impl Quantity {
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        decimal(text, 3).map(Self)
    }

    pub(super) fn whole(count: u64) -> anyhow::Result<Self> {
        let count = i64::try_from(count).context("a quantity is too large")?;
        Ok(Self(count * 1000))
    }

    pub(super) fn times(self, count: u64) -> anyhow::Result<Self> {
        let count = i64::try_from(count).context("a quantity is too large")?;
        Ok(Self(self.0 * count))
    }
}

impl fmt::Display for Usd {
    /// Rounded to whole cents, upwards: an estimate that is compared with a limit must not flatter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = (self.0 + 9_999) / 10_000;
        write!(f, "{}.{:02}", cents / 100, cents % 100)
    }
}

/// A decimal number that is not negative, as a whole number of its `places`-th parts.
fn decimal(text: &str, places: usize) -> anyhow::Result<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > places {
        bail!("{text:?} is no number with at most {places} decimal places");
    }
    format!("{whole}{fraction:0<places$}")
        .parse()
        .with_context(|| format!("{text} is too large"))
}

#[cfg(test)]
mod tests {
    use super::{Quantity, Usd};

    #[test]
    fn parses_exactly_and_refuses_the_rest() {
        assert_eq!(Usd::parse("0.0225").unwrap(), Usd(22_500));
        assert_eq!(Usd::parse("73").unwrap(), Usd(73_000_000));
        for bad in ["", "-1", "1,5", ".5", "1e3", "0.0000001"] {
            assert!(Usd::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn multiplies_and_rounds_up_to_cents() {
        let month = Quantity::whole(730).unwrap();
        assert_eq!(
            Usd::parse("0.045").unwrap().times(month).to_string(),
            "32.85"
        );
        assert_eq!(
            Usd::parse("0.000001").unwrap().times(month).to_string(),
            "0.01"
        );
        assert_eq!(
            Usd::parse("1")
                .unwrap()
                .times(Quantity::parse("0.5").unwrap())
                .to_string(),
            "0.50"
        );
    }
}
