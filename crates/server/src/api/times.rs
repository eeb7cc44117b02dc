//! How times are written, to the second, in UTC, and read.

use std::time::SystemTime;

use jiff::civil::{DateTime, date};
use jiff::{SignedDuration, Timestamp};

/// A moment in RFC 3339, without what of a second has passed at it.
pub(crate) fn at(time: SystemTime) -> String {
    let time = Timestamp::try_from(time).unwrap_or(Timestamp::MAX);
    Timestamp::constant(time.as_second(), 0).to_string()
}

/// The moment that a text in RFC 3339 names. `Timestamp` reads more than that, and not the last day of 9999.
pub(super) fn moment(text: &str) -> Option<SystemTime> {
    let at = text.rfind(['Z', 'z', '+', '-'])?;
    let (local, offset) = text.split_at(at);
    let offset = ahead_of_utc(offset)?;
    let (whole, fraction) = local.split_once('.').unwrap_or((local, "0"));
    let is_time = has_form(whole, "0000-00-00T00:00:00") && !fraction.is_empty() && all_digits(fraction);
    // Nanoseconds are what there is.
    let local = format!("{whole}.{}", fraction.get(..9).unwrap_or(fraction));
    let local: DateTime = is_time.then_some(local)?.parse().ok()?;
    let since_1970 = local.duration_since(date(1970, 1, 1).at(0, 0, 0, 0)).checked_sub(offset)?;
    if since_1970.is_negative() {
        SystemTime::UNIX_EPOCH.checked_sub(since_1970.unsigned_abs())
    } else {
        SystemTime::UNIX_EPOCH.checked_add(since_1970.unsigned_abs())
    }
}

/// The time by which an offset such as `Z` or `+08:00` is ahead of UTC.
fn ahead_of_utc(offset: &str) -> Option<SignedDuration> {
    if offset.eq_ignore_ascii_case("Z") {
        return Some(SignedDuration::ZERO);
    }
    let (sign, size) = offset.split_at_checked(1)?;
    let size = size.split_once(':').filter(|_| has_form(size, "00:00"))?;
    let (hours, minutes): (i64, i64) = (size.0.parse().ok()?, size.1.parse().ok()?);
    let size = (hours < 24 && minutes < 60).then(|| SignedDuration::from_mins(hours * 60 + minutes))?;
    match sign {
        "+" => Some(size),
        "-" => Some(-size),
        _ => None,
    }
}

/// Returns true for a text that has a digit wherever `form` has 0, and elsewhere the same letters and signs.
fn has_form(text: &str, form: &str) -> bool {
    let fits =
        |(byte, form): (u8, u8)| if form == b'0' { byte.is_ascii_digit() } else { byte.eq_ignore_ascii_case(&form) };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
