//! A moment on two clocks, because neither alone is right in a process that is stopped and continued.

use std::time::{Duration, Instant, SystemTime};

/// The monotonic clock may stand still while a sandbox or a virtual machine sleeps; the wall clock may be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    /// By the monotonic clock.
    pub mono: Instant,
    /// By the wall clock.
    pub wall: SystemTime,
}

impl Moment {
    /// This moment.
    #[must_use]
    pub fn now() -> Self {
        Self {
            mono: Instant::now(),
            wall: SystemTime::now(),
        }
    }

    /// How much time may have passed until `later`: the longer of what the clocks say, and without end where the wall
    /// clock went backwards.
    #[must_use]
    pub fn gap_to(self, later: Self) -> Duration {
        let mono = later.mono.saturating_duration_since(self.mono);
        let wall = later
            .wall
            .duration_since(self.wall)
            .unwrap_or(Duration::MAX);
        mono.max(wall)
    }

    /// How much time has passed for certain until `later`: the monotonic clock never runs ahead.
    #[must_use]
    pub fn surely_to(self, later: Self) -> Duration {
        later.mono.saturating_duration_since(self.mono)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn sleep_that_only_the_wall_clock_saw_counts_as_a_gap_but_not_as_waiting() {
        let before = Moment::now();
        let after = Moment {
            mono: before.mono,
            wall: before.wall + SECOND,
        };
        assert_eq!(before.gap_to(after), SECOND);
        assert_eq!(before.surely_to(after), Duration::ZERO);
    }

    #[test]
    fn a_wall_clock_set_back_proves_nothing() {
        let before = Moment::now();
        let after = Moment {
            mono: before.mono + SECOND,
            wall: before.wall - SECOND,
        };
        assert_eq!(before.gap_to(after), Duration::MAX);
        assert_eq!(before.surely_to(after), SECOND);
    }
}
