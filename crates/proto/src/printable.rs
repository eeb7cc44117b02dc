//! A vendor's words, fit to be shown: without mobile numbers, and without what was sent should they repeat it.

/// The text with `[number]` in the place of what looks like a mobile number of China, and `[sent]` in the place of each
/// of the `hidden` texts.
pub(crate) fn printable(text: &str, hidden: &[String]) -> String {
    let without = |text: String, hidden: &String| text.replace(hidden.as_str(), "[sent]");
    without_numbers(&hidden.iter().fold(text.to_owned(), without))
}

/// Eleven digits that begin with 1 and 3 to 9, alone or behind the country's 86.
fn is_mobile_number(digits: &str) -> bool {
    let digits = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86")).unwrap_or(digits);
    digits.len() == 11 && digits.starts_with('1') && digits.as_bytes()[1] >= b'3'
}

fn without_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from_digit) = rest.split_at(begin);
        let end = from_digit.find(|c: char| !c.is_ascii_digit()).unwrap_or(from_digit.len());
        let (digits, after) = from_digit.split_at(end);
        shown.push_str(before);
        shown.push_str(if is_mobile_number(digits) { "[number]" } else { digits });
        rest = after;
    }
    shown.push_str(rest);
    shown
}
