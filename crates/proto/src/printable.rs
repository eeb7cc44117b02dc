//! A vendor's words, fit to be shown: without mobile numbers, and without what was sent should they repeat it.

/// How many characters are shown.
const LONGEST: usize = 1000;
/// How many bytes are looked at. However many hidden texts of some hundred bytes stand in them, more is left than is shown,
/// so that none is shown that is cut short.
const LOOKED_AT: usize = 1 << 16;

/// The begin of the text, with `[number]` in the place of what looks like a mobile number of China, and `[sent]` in the place of each
/// of the `hidden` texts.
pub(crate) fn printable(text: &str, hidden: &[String]) -> String {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    let shown = without_numbers(&hidden.iter().fold(text.to_owned(), |text, hidden| without(&text, hidden.as_bytes())));
    match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown,
    }
}

/// The text without what is hidden, as it is or percent-encoded in any of the ways there are.
fn without(text: &str, hidden: &[u8]) -> String {
    let Some(first) = hidden.first() else { return text.to_owned() };
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte == *first || byte == b'%' || byte == b'+') {
        let (before, from) = rest.split_at(at);
        let repeated = repeated_at_begin(from.as_bytes(), hidden);
        let (same, after) = from.split_at(repeated.unwrap_or_else(|| from.chars().next().map_or(1, char::len_utf8)));
        shown.push_str(before);
        shown.push_str(if repeated.is_some() { "[sent]" } else { same });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// How many bytes of the text's begin say what is hidden.
fn repeated_at_begin(text: &[u8], hidden: &[u8]) -> Option<usize> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut length = 0;
    for byte in hidden {
        length += match text.get(length..)? {
            [b'%', high, low, ..]
                if digit(*high).zip(digit(*low)) == Some((u32::from(byte >> 4), u32::from(byte & 15))) =>
            {
                3
            }
            [b'+', ..] if *byte == b' ' => 1,
            [same, ..] if same == byte => 1,
            _ => return None,
        };
    }
    Some(length)
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
