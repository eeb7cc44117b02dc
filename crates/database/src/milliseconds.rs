//! Times as the database keeps them: milliseconds since 1970.

use std::time::{Duration, SystemTime};

/// Returns a time as milliseconds since 1970; 0 for an earlier one.
pub fn since_1970(time: SystemTime) -> i64 {
    of(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}

/// Returns a duration in milliseconds.
pub fn of(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Returns the time of these milliseconds since 1970.
pub fn to_time(milliseconds: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + to_duration(milliseconds)
}

/// Zero for a negative number.
pub fn to_duration(milliseconds: i64) -> Duration {
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default())
}
