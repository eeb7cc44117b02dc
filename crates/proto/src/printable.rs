//! A vendor's words, fit to be shown: without mobile numbers, and without what was sent should they repeat it.

/// How many characters are shown.
const LONGEST: usize = 1000;

/// How many bytes are looked at: more than is shown, but for what is hidden.
const LOOKED_AT: usize = 1 << 14;

/// How many bytes of a hidden text are enough to hide what follows as far as it is the same, at the least and at the most:
/// who repeats a text may cut it short. Between the two it is half of the text.
const LEAST: usize = 10;
const MOST: usize = 32;

/// The text up to its [`LONGEST`] shown characters, with `[number]` in the place of what looks like a mobile number of
/// China, and `[sent]` in the place of each of the `hidden` texts, which are not empty. One pass from left to right.
pub(crate) fn printable(text: &str, hidden: &[String]) -> String {
    let (mut shown, mut characters) = (String::new(), 0);
    let looked_at = &text[..text.floor_char_boundary(LOOKED_AT)];
    let (mut rest, mut after_digit) = (looked_at, false);
    while let Some(first) = rest.chars().next().filter(|_| characters < LONGEST) {
        let (length, instead) = if let Some(length) = hidden_at_start(rest, hidden) {
            (length, Some("[sent]"))
        } else if let Some(length) = number_at_start(rest).filter(|_| !after_digit) {
            // A hidden text that begins within is hidden as a whole.
            let length = (1..length).find(|at| hidden_at_start(&rest[*at..], hidden).is_some()).unwrap_or(length);
            (length, Some("[number]"))
        } else {
            (first.len_utf8(), None)
        };
        let (same, after) = rest.split_at(length);
        shown.push_str(instead.unwrap_or(same));
        characters += instead.map_or(1, str::len);
        (rest, after_digit) = (after, instead.is_none() && first.is_ascii_digit());
    }
    if !rest.is_empty() || looked_at.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// How many bytes of the text's start repeat hidden texts, one or several that overlap.
fn hidden_at_start(text: &str, hidden: &[String]) -> Option<usize> {
    let mut length = longest_at_start(text, hidden)?;
    let mut at = 1;
    while at < length {
        // No further back: of longer ones that overlap by more, as much is hidden as is enough.
        at = at.max(length.saturating_sub(MOST));
        if text.is_char_boundary(at) {
            length = length.max(at + longest_at_start(&text[at..], hidden).unwrap_or_default());
        }
        at += 1;
    }
    Some(length)
}

fn longest_at_start(text: &str, hidden: &[String]) -> Option<usize> {
    let repeated = hidden.iter().filter_map(|hidden| repeated_at_start(text.as_bytes(), hidden.as_bytes())).max()?;
    Some(text.ceil_char_boundary(repeated))
}

/// How many bytes of the text's start say what is hidden, or enough of it, as it is or percent-encoded in any of the
/// ways there are.
fn repeated_at_start(text: &[u8], hidden: &[u8]) -> Option<usize> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let enough = (hidden.len() / 2).clamp(LEAST, MOST);
    let mut length = 0;
    for (at, byte) in hidden.iter().enumerate() {
        length += match text.get(length..) {
            Some([b'%', high, low, ..])
                if digit(*high).zip(digit(*low)) == Some((u32::from(byte >> 4), u32::from(byte & 15))) =>
            {
                3
            }
            Some([b'+', ..]) if *byte == b' ' => 1,
            Some([same, ..]) if same == byte => 1,
            _ if at >= enough => break,
            _ => return None,
        };
    }
    Some(length)
}

/// How many bytes of the text's start are a mobile number, whose digits may stand in groups, parted by a blank or a hyphen.
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
        // The longest has 15.
        if digits.len() == 15 {
            break;
        }
        at += usize::from(matches!(next, b' ' | b'-'));
    }
    None
}

/// Eleven digits that begin with 1 and 3 to 9, alone or behind the country's 86.
fn is_mobile_number(digits: &str) -> bool {
    let digits = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86")).unwrap_or(digits);
    digits.len() == 11 && digits.starts_with('1') && digits.as_bytes()[1] >= b'3'
}
