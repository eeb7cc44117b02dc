//! `Retry-After`: the wait that a server asks for, in seconds or until a date.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

/// Wait that a server asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// For this time.
    For(Duration),
    /// Until this date.
    Until(SystemTime),
}

impl RetryAfter {
    /// Reads a reply's headers; `None` where `Retry-After` is missing or invalid.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
        if text.is_empty() {
            return None;
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            // Too many digits for a number mean a long time.
            return Some(Self::For(Duration::from_secs(text.parse().unwrap_or(u64::MAX))));
        }
        httpdate::parse_http_date(text).ok().map(Self::Until)
    }

    /// Returns the wait from `now`; zero where the date has passed.
    pub fn wait(self, now: SystemTime) -> Duration {
        match self {
            Self::For(wait) => wait,
            Self::Until(date) => date.duration_since(now).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_understood() {
        // Sun, 06 Nov 1994 08:49:37 GMT
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (value, expected) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:50:07 GMT", Some(30)),
            ("Sun Nov  6 08:50:07 1994", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, value.parse().unwrap());
            let wait = RetryAfter::read(&headers).map(|retry| retry.wait(now).as_secs());
            assert_eq!(wait, expected, "{value:?}");
        }
        assert_eq!(RetryAfter::read(&HeaderMap::new()), None);
    }
}
