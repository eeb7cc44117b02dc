//! Moments as arguments: RFC 3339, a date, seconds since 1970, or an age: `45s`, `15m`, `12h`, `30d`.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use crate::duration_argument;
use crate::failure::Failure;

/// Time zone of dates: a day begins at midnight in Beijing.
const BEIJING: Offset = jiff::tz::offset(8);

/// Parses the values of `--since` and `--until`.
///
/// # Errors
/// When a text is not a time, or `until` is not later than `since`.
pub(crate) fn span(
    since: Option<&str>,
    until: Option<&str>,
) -> Result<(Option<SystemTime>, Option<SystemTime>), Failure> {
    let now = SystemTime::now();
    let since = since.map(|since| time("--since", since, now)).transpose()?;
    let until = until.map(|until| time("--until", until, now)).transpose()?;
    if since.zip(until).is_some_and(|(since, until)| since >= until) {
        return Err(Failure::usage("--until: must be later than --since"));
    }
    Ok((since, until))
}

fn time(option: &str, text: &str, now: SystemTime) -> Result<SystemTime, Failure> {
    let expected = "expected 2026-11-29T08:00:00+08:00, 2026-11-29, seconds since 1970, or how long ago such as 2h";
    parsed(text, now).ok_or_else(|| Failure::usage(format!("{option}: {expected}")))
}

fn parsed(text: &str, now: SystemTime) -> Option<SystemTime> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(text.parse().ok()?));
    }
    if let Some(ago) = duration_argument::parsed(text) {
        return now.checked_sub(ago);
    }
    let time = match text.parse::<Timestamp>() {
        Ok(time) => time,
        // A time of day without a zone is no moment, and the parser would take its date alone.
        Err(_) if text.contains(['T', 't', ' ']) => return None,
        Err(_) => text.parse::<Date>().ok()?.to_zoned(TimeZone::fixed(BEIJING)).ok()?.timestamp(),
    };
    Some(time.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_557_244_800;

    fn seconds(text: &str) -> Option<u64> {
        let parsed = parsed(text, SystemTime::UNIX_EPOCH + Duration::from_secs(NOW))?;
        Some(parsed.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs())
    }

    #[test]
    fn a_moment_is_written_in_four_ways() {
        for text in ["2019-05-08", "2019-05-08T00:00:00+08:00", "2019-05-07T16:00:00Z", "1557244800"] {
            assert_eq!(seconds(text), Some(NOW), "{text}");
        }
        assert_eq!(["0s", "2h", "1d"].map(seconds), [NOW, NOW - 7200, NOW - 86_400].map(Some));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in
            ["", "h", "yesterday", "-1", "+1", "2019-13-01", "2019-05-08T00:00:00", "1.5h", "99999999999999999999"]
        {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
