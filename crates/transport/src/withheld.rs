//! A request that the client keeps back itself, and until when.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::Offset;

/// Why the client kept a request back: nothing was sent, and nothing will be before [`Withheld::until`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Withheld {
    /// The day's requests are used up.
    #[error("the day's limit of {limit} is used up; the day turns at {}", in_beijing(.until))]
    DailyLimit {
        /// How many there may be a day.
        limit: u32,
        /// When the next day begins.
        until: SystemTime,
    },
    /// Requests came close together or failed, and a pause lies between them.
    #[error("requests follow one another too closely or failed; the next may go out at {}", in_beijing(.until))]
    Brake {
        /// When the next one may go out.
        until: SystemTime,
    },
    /// Another process has the right to this request, and did not come to an end with it.
    #[error("another process holds the fetch lease until {}", in_beijing(.until))]
    Taken {
        /// When its right ends.
        until: SystemTime,
    },
}

impl Withheld {
    /// When it is worth trying again.
    pub fn until(&self) -> SystemTime {
        match self {
            Self::DailyLimit { until, .. } | Self::Brake { until } | Self::Taken { until } => *until,
        }
    }
}

/// The time in both vendors' zone, which is +08:00 all year, to the second and not before it.
fn in_beijing(time: &SystemTime) -> String {
    let time = Timestamp::try_from(*time).unwrap_or(Timestamp::MAX);
    let whole = time.round(jiff::TimestampRound::new().smallest(jiff::Unit::Second).mode(jiff::RoundMode::Ceil));
    whole.unwrap_or(time).display_with_offset(Offset::constant(8)).to_string()
}
