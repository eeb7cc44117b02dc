//! The day on which the vendor counts fetches: Beijing's, fixed at +08:00.

use std::fmt;
use std::time::SystemTime;

use jiff::civil::Date;
use jiff::tz::{self, Offset};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

const BEIJING: Offset = tz::offset(8);

/// Returns the end of the Beijing day that contains `time`: midnight, when a new count of fetches begins.
pub fn day_ends_at(time: SystemTime) -> SystemTime {
    BeijingDay::of(time).end()
}

/// A day in Beijing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct BeijingDay(Date);

impl BeijingDay {
    /// The day that contains `time`.
    pub(super) fn of(time: SystemTime) -> Self {
        let time = Timestamp::try_from(time).unwrap_or(Timestamp::MAX);
        Self(BEIJING.to_datetime(time).date())
    }

    /// Midnight at its end.
    fn end(self) -> SystemTime {
        let next = self.0.saturating_add(1.day()).to_datetime(jiff::civil::Time::midnight());
        BEIJING.to_timestamp(next).unwrap_or(Timestamp::MAX).into()
    }

    /// The day `days` before.
    pub(super) fn earlier(self, days: i64) -> Self {
        Self(self.0.saturating_sub(days.days()))
    }
}

impl fmt::Display for BeijingDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for BeijingDay {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

impl From<BeijingDay> for String {
    fn from(day: BeijingDay) -> Self {
        day.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_day_turns_at_midnight_in_beijing() {
        let four_pm_utc = SystemTime::UNIX_EPOCH + Duration::from_secs(1_557_244_800);
        let before = BeijingDay::of(four_pm_utc - Duration::from_millis(1));
        assert_eq!(before.to_string(), "2019-05-07");
        assert_eq!(before.end(), four_pm_utc);
        assert_eq!(BeijingDay::of(four_pm_utc).to_string(), "2019-05-08");
    }
}
