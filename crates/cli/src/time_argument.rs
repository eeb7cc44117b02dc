//! A moment, given at the command line: a date and time, seconds since 1970, or an age.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::duration_argument;
use crate::failure::Failure;

/// The moment that `text`, the value of `option`, stands for.
///
/// # Errors
/// When it stands for none.
pub(crate) fn time(option: &str, text: &str, now: SystemTime) -> Result<SystemTime, Failure> {
    let expected = "expected a time such as 2026-11-29T08:00:00+08:00, seconds since 1970, or 45s, 30m, 12h, 7d ago";
    parsed(text, now).ok_or_else(|| Failure::usage(format!("{option}: {expected}")))
}

fn parsed(text: &str, now: SystemTime) -> Option<SystemTime> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(text.parse().ok()?));
    }
    if let Some(ago) = duration_argument::parsed(text) {
        return now.checked_sub(ago);
    }
    text.parse::<Timestamp>().ok().map(SystemTime::from)
}
