//! Durations as arguments: `3600` and `45s` are seconds, `15m` minutes, `12h` hours, `30d` days.

use std::time::Duration;

use crate::failure::Failure;

/// Unit letters, with their seconds.
const UNITS: [(char, u64); 4] = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];

/// Parses `text`, the value of `option`.
///
/// # Errors
/// When the text is not a duration.
pub(crate) fn duration(option: &str, text: &str) -> Result<Duration, Failure> {
    let expected = "expected seconds such as 3600, or 45s, 15m, 12h, 30d";
    parsed(text).ok_or_else(|| Failure::usage(format!("{option}: {expected}")))
}

/// The duration; `None` where it is none.
pub(crate) fn parsed(text: &str) -> Option<Duration> {
    let unit = UNITS.into_iter().find_map(|(letter, seconds)| Some((text.strip_suffix(letter)?, seconds)));
    let (number, seconds) = unit.unwrap_or((text, 1));
    let number: u64 = number.parse().ok().filter(|_| !number.starts_with('+'))?;
    number.checked_mul(seconds).map(Duration::from_secs)
}
