//! A moment, in whole microseconds of UTC.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::FieldError;

/// 1000-01-01: the first moment that every store can hold.
const EARLIEST_MICROS: i64 = -30_610_224_000_000_000;
/// The last microsecond of the year 9999.
const LATEST_MICROS: i64 = 253_402_300_799_999_999;
const NANOS_PER_MICRO: i128 = 1000;

/// Microseconds since 1970-01-01T00:00:00Z, between the years 1000 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Parses RFC 3339 with a zone. Parts of a microsecond count upwards, so that "not before" and "before" stay true.
    pub fn parse(field: &str, text: &str) -> Result<Self, FieldError> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| {
            FieldError::new(
                field,
                "must be an RFC 3339 time with a zone, such as 2026-11-24T10:00:00Z",
            )
        })?;
        let nanos = moment.unix_timestamp_nanos();
        let micros =
            nanos.div_euclid(NANOS_PER_MICRO) + i128::from(nanos.rem_euclid(NANOS_PER_MICRO) > 0);
        Ok(Self(
            i64::try_from(micros)
                .unwrap_or(LATEST_MICROS)
                .clamp(EARLIEST_MICROS, LATEST_MICROS),
        ))
    }

    /// From a store or a clock, in microseconds since 1970.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(EARLIEST_MICROS, LATEST_MICROS))
    }

    /// Microseconds since 1970.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The moment now by the system's clock.
    #[must_use]
    pub fn now() -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self::from_micros(i64::try_from(since.as_micros()).unwrap_or(LATEST_MICROS))
    }

    /// Whole seconds, as `/health` shows them: `2026-11-24T10:00:00Z`.
    #[must_use]
    pub fn to_seconds_text(self) -> String {
        let seconds = self.0.div_euclid(1_000_000);
        OffsetDateTime::from_unix_timestamp(seconds)
            .ok()
            .and_then(|moment| moment.format(&Rfc3339).ok())
            .unwrap_or_default()
    }
}

/// RFC 3339 with six places: `2026-11-24T10:00:00.123456Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment =
            OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * NANOS_PER_MICRO)
                .map_err(|_| fmt::Error)?;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
            moment.year(),
            u8::from(moment.month()),
            moment.day(),
            moment.hour(),
            moment.minute(),
            moment.second(),
            moment.microsecond()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        Timestamp::parse("from", text)
            .ok()
            .map(|moment| moment.to_string())
    }

    #[test]
    fn zones_are_turned_into_utc() {
        assert_eq!(
            shown("2026-11-24T10:00:00+02:00").as_deref(),
            Some("2026-11-24T08:00:00.000000Z")
        );
        assert_eq!(
            shown("2026-11-24T10:00:00.123456Z").as_deref(),
            Some("2026-11-24T10:00:00.123456Z")
        );
        assert_eq!(
            shown("2026-11-24T10:00:00.1234561Z").as_deref(),
            Some("2026-11-24T10:00:00.123457Z")
        );
    }

    #[test]
    fn without_a_zone_or_a_real_date_it_is_refused() {
        for text in [
            "",
            "2026-11-24",
            "2026-11-24T10:00:00",
            "2026-02-30T10:00:00Z",
            "now",
        ] {
            assert_eq!(shown(text), None, "{text:?}");
        }
    }

    #[test]
    fn far_moments_stay_within_what_stores_hold() {
        assert_eq!(
            shown("0001-01-01T00:00:00Z").as_deref(),
            Some("1000-01-01T00:00:00.000000Z")
        );
        assert_eq!(
            Timestamp::from_micros(0).to_seconds_text(),
            "1970-01-01T00:00:00Z"
        );
    }
}
