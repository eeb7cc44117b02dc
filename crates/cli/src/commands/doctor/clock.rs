//! This machine's clock against a vendor's: a signature's timestamp and a token's life depend on it.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{AGE, DATE};

use super::finding::Findings;
use crate::times::span;

/// Offset up to which the clock is fine.
const GOOD: Duration = Duration::from_secs(30);
/// Offset beyond which signatures and tokens can't be relied on.
const BAD: Duration = Duration::from_secs(300);
/// Precision of `Date`.
const A_SECOND: Duration = Duration::from_secs(1);

const ADVICE: &str =
    "set this machine's clock, such as by `timedatectl set-ntp true`, unless the vendor's clock is wrong";

/// Compares the clocks by the `Date` of an answer; its request was sent and answered at these times.
pub(super) fn compare(findings: &mut Findings, headers: &HeaderMap, sent: SystemTime, answered: SystemTime) {
    let Some(date) = date(headers) else {
        return findings.warning(
            "clock",
            "the answer has no usable Date",
            "compare this machine's clock with another clock",
        );
    };
    let (offset, word) =
        if date > answered { (since(answered, date), "behind") } else { (since(date + A_SECOND, sent), "ahead of") };
    if offset <= GOOD {
        return findings.ok("clock", format!("{} s off the vendor's clock", offset.as_secs()));
    }
    let found = format!("{} {word} the vendor's clock", span(offset.as_secs()));
    if offset <= BAD {
        findings.warning("clock", found, ADVICE);
    } else {
        findings.problem("clock", found, ADVICE);
    }
}

/// Time of the answer: `Date`, plus the `Age` of a cached one.
fn date(headers: &HeaderMap) -> Option<SystemTime> {
    let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    let age = headers.get(AGE).and_then(|age| age.to_str().ok()?.parse::<u32>().ok()).unwrap_or_default();
    date.checked_add(Duration::from_secs(age.into()))
}

/// Time from `earlier` to `later`; 0 if `later` is not later.
fn since(earlier: SystemTime, later: SystemTime) -> Duration {
    later.duration_since(earlier).unwrap_or_default()
}
