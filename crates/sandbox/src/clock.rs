//! The sandbox's own clock: running or standing, moved forward on demand, never backward.

use std::time::{Duration, Instant};

use jiff::{Timestamp, civil::DateTime, tz::Offset};

use crate::error::ControlError;

/// The latest instant a clock may show: far enough from the end of time for sums to be safe.
const LATEST: Timestamp = Timestamp::constant(221_845_305_600, 0);
const BEIJING: Offset = Offset::constant(8);

pub(crate) struct Clock {
    start: Timestamp,
    running_since: Option<Instant>,
    advanced: Duration,
}

impl Clock {
    /// Stands at `fixed_start`, or runs from the machine's time.
    pub(crate) fn new(fixed_start: Option<Timestamp>) -> Self {
        Self {
            start: fixed_start.unwrap_or_else(Timestamp::now),
            running_since: fixed_start.is_none().then(Instant::now),
            advanced: Duration::ZERO,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let ran = self.running_since.map_or(Duration::ZERO, |since| since.elapsed());
        self.start + ran + self.advanced
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running_since.is_some()
    }

    pub(crate) fn advance(&mut self, by: Duration) -> Result<Timestamp, ControlError> {
        match self.now().checked_add(by) {
            Ok(then) if then <= LATEST => self.advanced += by,
            _ => return Err(ControlError::ClockTooFar),
        }
        Ok(self.now())
    }
}

/// True where a clock may start.
pub(crate) fn is_reasonable(start: Timestamp) -> bool {
    start >= Timestamp::UNIX_EPOCH && start <= LATEST
}

/// Beijing civil time, fixed +08:00.
pub(crate) fn beijing(at: Timestamp) -> DateTime {
    BEIJING.to_datetime(at)
}

/// Beijing's date, or its time, as digits alone.
pub(crate) fn beijing_digits(at: Timestamp, format: &str) -> String {
    beijing(at).strftime(format).to_string()
}

/// RFC 3339 in UTC with milliseconds, as 微厅 writes it.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_only_when_it_is_moved() {
        let start = Timestamp::from_second(1_557_200_022).unwrap();
        let mut clock = Clock::new(Some(start));
        std::thread::sleep(Duration::from_millis(5));
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_mins(1)).unwrap();
        assert_eq!(clock.now().as_second(), 1_557_200_082);
    }

    #[test]
    fn a_running_clock_runs() {
        let clock = Clock::new(None);
        let before = clock.now();
        std::thread::sleep(Duration::from_millis(5));
        assert!(clock.now() > before);
    }

    #[test]
    fn the_clock_is_not_moved_out_of_time() {
        let mut clock = Clock::new(None);
        let before = clock.now();
        assert!(clock.advance(Duration::MAX).is_err());
        assert!(clock.advance(Duration::from_secs(u64::MAX / 4)).is_err());
        assert!(clock.now() < before + Duration::from_mins(1));
    }

    #[test]
    fn beijing_turns_its_day_at_sixteen_utc() {
        let at: Timestamp = "2026-01-01T16:00:00Z".parse().unwrap();
        assert_eq!(beijing(at).date().to_string(), "2026-01-02");
        assert_eq!(rfc3339(at), "2026-01-01T16:00:00.000Z");
    }
}
