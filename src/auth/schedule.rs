//! When the issuer's keys are read again: pure, on moments that are given.

use std::time::{Duration, Instant};

/// Bounds of how often the keys are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// While there are none: at most this often.
    pub first: Duration,
    /// For a token that names an unknown key: at most this often.
    pub unknown: Duration,
    /// Keys older than this are read again when next used...
    pub refresh: Duration,
    /// ...at most this often while the issuer is away.
    pub retry: Duration,
    /// How long one reading may take, and a request wait for it.
    pub timeout: Duration,
}

impl Timing {
    /// For an address: the issuer is asked seldom, whatever callers send.
    pub const ADDRESS: Self = Self {
        first: Duration::from_secs(1),
        unknown: Duration::from_secs(5),
        refresh: Duration::from_secs(300),
        retry: Duration::from_secs(30),
        timeout: Duration::from_secs(2),
    };
    /// For a file: cheap to read.
    pub const FILE: Self = Self {
        first: Duration::from_secs(1),
        unknown: Duration::from_secs(1),
        refresh: Duration::from_secs(60),
        retry: Duration::from_secs(30),
        timeout: Duration::from_secs(2),
    };
}

/// Why the keys would be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// There are none yet.
    None,
    /// A token names a key that is not among them.
    Unknown,
    /// They are used and may have grown old.
    Use,
}

/// What was read when.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// The number of the reading that began last.
    number: u64,
    running: bool,
    began: Option<Instant>,
    began_for_unknown: Option<Instant>,
    succeeded: Option<Instant>,
}

/// What a caller does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Read the keys now, under this number.
    Read(u64),
    /// Somebody is reading them, under this number.
    Join(u64),
    /// It is not time.
    Leave,
}

impl Schedule {
    /// Decides, and notes the decision.
    pub(super) fn turn(&mut self, cause: Cause, timing: &Timing, now: Instant) -> Turn {
        if self.running {
            return Turn::Join(self.number);
        }
        let past = |moment: Option<Instant>, gap| {
            moment.is_none_or(|moment| now.saturating_duration_since(moment) >= gap)
        };
        let due = match cause {
            Cause::None => past(self.began, timing.first),
            Cause::Unknown => past(self.began_for_unknown, timing.unknown),
            Cause::Use => past(self.succeeded, timing.refresh) && past(self.began, timing.retry),
        };
        if !due {
            return Turn::Leave;
        }
        self.running = true;
        self.number += 1;
        self.began = Some(now);
        if cause == Cause::Unknown {
            self.began_for_unknown = Some(now);
        }
        Turn::Read(self.number)
    }

    /// Notes how the reading that runs ended.
    pub(super) fn ended(&mut self, success: bool, now: Instant) {
        self.running = false;
        if success {
            self.succeeded = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMING: Timing = Timing::ADDRESS;

    fn at(seconds: u64) -> Instant {
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        *START.get_or_init(Instant::now) + Duration::from_secs(seconds)
    }

    fn loaded() -> Schedule {
        let mut schedule = Schedule::default();
        assert_eq!(schedule.turn(Cause::None, &TIMING, at(0)), Turn::Read(1));
        schedule.ended(true, at(0));
        schedule
    }

    #[test]
    fn one_reads_and_the_others_join() {
        let mut schedule = Schedule::default();
        assert_eq!(schedule.turn(Cause::None, &TIMING, at(0)), Turn::Read(1));
        assert_eq!(schedule.turn(Cause::Unknown, &TIMING, at(0)), Turn::Join(1));
        assert_eq!(schedule.turn(Cause::Use, &TIMING, at(9)), Turn::Join(1));
    }

    #[test]
    fn unknown_keys_have_the_keys_read_at_once_and_then_every_five_seconds() {
        let mut schedule = loaded();
        assert_eq!(schedule.turn(Cause::Unknown, &TIMING, at(0)), Turn::Read(2));
        schedule.ended(true, at(1));
        assert_eq!(schedule.turn(Cause::Unknown, &TIMING, at(4)), Turn::Leave);
        assert_eq!(schedule.turn(Cause::Unknown, &TIMING, at(5)), Turn::Read(3));
        schedule.ended(false, at(6));
        assert_eq!(schedule.turn(Cause::Unknown, &TIMING, at(9)), Turn::Leave);
    }

    #[test]
    fn keys_in_use_are_read_again_when_old_and_seldom_while_the_issuer_is_away() {
        let mut schedule = loaded();
        assert_eq!(schedule.turn(Cause::Use, &TIMING, at(299)), Turn::Leave);
        assert_eq!(schedule.turn(Cause::Use, &TIMING, at(300)), Turn::Read(2));
        schedule.ended(false, at(302));
        assert_eq!(schedule.turn(Cause::Use, &TIMING, at(329)), Turn::Leave);
        assert_eq!(schedule.turn(Cause::Use, &TIMING, at(330)), Turn::Read(3));
        schedule.ended(true, at(330));
        assert_eq!(schedule.turn(Cause::Use, &TIMING, at(629)), Turn::Leave);
    }

    #[test]
    fn without_keys_they_are_asked_for_once_a_second() {
        let mut schedule = Schedule::default();
        assert_eq!(schedule.turn(Cause::None, &TIMING, at(0)), Turn::Read(1));
        schedule.ended(false, at(0));
        assert_eq!(schedule.turn(Cause::None, &TIMING, at(0)), Turn::Leave);
        assert_eq!(schedule.turn(Cause::None, &TIMING, at(1)), Turn::Read(2));
    }
}
