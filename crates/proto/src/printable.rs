//! Makes a vendor's message fit to be shown: without mobile numbers and without repetitions of sent texts.

use crate::repetitions::repetitions;

/// Maximum number of characters that are shown.
const LONGEST: usize = 1000;

/// Maximum number of bytes that are read: more than are shown, since hidden parts shrink.
const LOOKED_AT: usize = 1 << 14;

/// Returns the text up to [`LONGEST`] shown characters. `[number]` replaces anything like a Chinese mobile number,
/// `[sent]` replaces repetitions of the `hidden` texts.
pub(crate) fn printable(text: &str, hidden: &[String]) -> String {
    let looked_at = &text[..text.floor_char_boundary(LOOKED_AT)];
    let hidden: Vec<&str> = hidden.iter().map(String::as_str).collect();
    let mut sent = repetitions(looked_at.as_bytes(), &hidden).into_iter().peekable();
    let (mut shown, mut characters) = (String::new(), 0);
    let (mut at, mut after_digit) = (0, false);
    while let Some(first) = looked_at[at..].chars().next().filter(|_| characters < LONGEST) {
        let (end, instead) = if let Some(sent) = sent.next_if(|sent| sent.start == at) {
            // A character is hidden whole where a part of it repeats a text.
            (looked_at.ceil_char_boundary(sent.end), Some("[sent]"))
        } else if let Some(length) = number_at_start(&looked_at[at..]).filter(|_| !after_digit) {
            // A hidden text that begins within the number is hidden whole.
            (sent.peek().map_or(at + length, |sent| sent.start.min(at + length)), Some("[number]"))
        } else {
            (at + first.len_utf8(), None)
        };
        shown.push_str(instead.unwrap_or(&looked_at[at..end]));
        characters += instead.map_or(1, str::len);
        (at, after_digit) = (end, instead.is_none() && first.is_ascii_digit());
    }
    if at < text.len() {
        shown.push('…');
    }
    shown
}

/// Returns the length in bytes of a mobile number at the start; blanks or hyphens may part its groups of digits.
fn number_at_start(text: &str) -> Option<usize> {
    let text = text.as_bytes();
    let mut digits = String::new();
    let mut at = 0;
    while let Some(digit) = text.get(at).filter(|byte| byte.is_ascii_digit()) {
        digits.push(char::from(*digit));
        at += 1;
        let next = text.get(at).copied().unwrap_or_default();
        if !next.is_ascii_digit() && is_mobile_number(&digits) {
            return Some(at);
        }
        // The longest number has 15 digits.
        if digits.len() == 15 {
            break;
        }
        at += usize::from(matches!(next, b' ' | b'-'));
    }
    None
}

/// Returns true for eleven digits that begin with 13 to 19, alone or after the country code 86 or 0086.
fn is_mobile_number(digits: &str) -> bool {
    let digits = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86")).unwrap_or(digits);
    digits.len() == 11 && digits.starts_with('1') && digits.as_bytes()[1] >= b'3'
}
