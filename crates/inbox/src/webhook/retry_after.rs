//! `Retry-After`: seconds, or a date.

use std::time::{Duration, SystemTime};

use weifen_fensi::transport::http::HeaderValue;

/// No receiver puts off an event for longer.
const LONGEST: Duration = Duration::from_secs(3600);

/// How long to wait; `None` where the header says nothing that can be understood.
pub(super) fn wait(value: &HeaderValue, now: SystemTime) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    let wait = if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        // More digits than a number can have mean a long time.
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        // A date that is over asks for no wait.
        httpdate::parse_http_date(text).ok()?.duration_since(now).unwrap_or_default()
    };
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_understood_and_an_hour_is_the_longest() {
        // Sun, 06 Nov 1994 08:49:37 GMT
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (value, expected) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("3601", Some(3600)),
            ("99999999999999999999999", Some(3600)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:50:07 GMT", Some(30)),
            ("Sun Nov  6 08:50:07 1994", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("Sat, 06 Nov 2094 08:00:00 GMT", Some(3600)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            let waited = wait(&HeaderValue::from_static(value), now);
            assert_eq!(waited.map(|wait| wait.as_secs()), expected, "{value}");
        }
    }
}
