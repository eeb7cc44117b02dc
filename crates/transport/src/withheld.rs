//! The error of a request that the client's own limits hold back, and until when.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::Offset;

/// Limit that held a request back: nothing was sent, and nothing will be before [`Withheld::until`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Withheld {
    /// The daily limit of requests is used up. Repeat on the next day.
    #[error("the daily limit of {limit} is used up; the next day begins at {}", in_beijing(.until))]
    DailyLimit {
        /// Maximum number of requests a day.
        limit: u32,
        /// Start of the next day, in Beijing.
        until: SystemTime,
    },
    /// Requests failed or were too frequent, so the client pauses. Repeat after the pause.
    #[error("earlier requests failed or were too frequent; the next request is allowed at {}", in_beijing(.until))]
    Brake {
        /// End of the pause.
        until: SystemTime,
    },
    /// Another process holds the fetch lease and did not finish. Repeat after the lease.
    #[error("another process holds the fetch lease until {}", in_beijing(.until))]
    Taken {
        /// End of the lease.
        until: SystemTime,
    },
}

impl Withheld {
    /// Time from which a repeat may succeed.
    pub fn until(&self) -> SystemTime {
        match self {
            Self::DailyLimit { until, .. } | Self::Brake { until } | Self::Taken { until } => *until,
        }
    }
}

/// Writes the time in both vendors' zone (+08:00 all year), rounded up to the second.
fn in_beijing(time: &SystemTime) -> String {
    let time = Timestamp::try_from(*time).unwrap_or(Timestamp::MAX);
    let whole = time.round(jiff::TimestampRound::new().smallest(jiff::Unit::Second).mode(jiff::RoundMode::Ceil));
    whole.unwrap_or(time).display_with_offset(Offset::constant(8)).to_string()
}
