//! Format of times and durations: to the second, in UTC.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::failure::Failure;

/// A moment, rounded down to the second.
///
/// # Errors
/// When the time is not in the years -9999 to 9999.
pub(crate) fn at(time: SystemTime) -> Result<String, Failure> {
    let time = Timestamp::try_from(time);
    let time = time.map_err(|_| Failure::internal("a time is out of range"))?;
    Ok(Timestamp::constant(time.as_second(), 0).to_string())
}

/// The end of a wait, rounded up to the second.
///
/// # Errors
/// When the time is not in the years -9999 to 9999.
pub(crate) fn until(time: SystemTime) -> Result<String, Failure> {
    at(time + Duration::from_nanos(999_999_999))
}

/// A duration for people.
pub(crate) fn span(seconds: u64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600.. => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}
