//! How times are written, to the second, in UTC, and read.

use std::time::SystemTime;

use jiff::Timestamp;

/// A moment in RFC 3339, without what of a second has passed at it.
pub(crate) fn at(time: SystemTime) -> String {
    let time = Timestamp::try_from(time).unwrap_or(Timestamp::MAX);
    Timestamp::constant(time.as_second(), 0).to_string()
}

/// The moment that a text in RFC 3339 names.
pub(super) fn moment(text: &str) -> Option<SystemTime> {
    text.parse::<Timestamp>().ok().map(SystemTime::from)
}
