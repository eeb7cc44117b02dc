//! The header `Retry-After`.

use std::time::{Duration, SystemTime};

use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue};
use weifen_transport::RetryAfter;

/// Checks for any header: it is a time to wait, or nothing. Digits are seconds, and too many of them never become a
/// short time.
pub fn retry_after(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    let read = RetryAfter::read(&HeaderMap::from_iter([(RETRY_AFTER, value)]));
    let year = Duration::from_secs(365 * 86_400);
    for now in [SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + year * 57, SystemTime::UNIX_EPOCH + year * 9999] {
        read.map(|retry| retry.wait(now));
    }
    let digits = data.trim_ascii();
    if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
        let Some(RetryAfter::For(wait)) = read else { panic!("digits are seconds: {read:?}") };
        let seconds =
            digits.iter().fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add((digit - b'0').into()));
        assert_eq!(wait, Duration::from_secs(seconds));
    }
}
