//! A text in which a hidden one may be repeated, in any encoding.

use std::ops::Range;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use weifen_proto::repetitions as places;

/// Checks a hidden text (the first line) and a text (the rest). The places found lie in the text, in order and without
/// overlap, and the rest does not hold the hidden text. A copy added plain, percent-encoded or as JSON is found.
pub fn repetitions(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let Ok(hidden) = std::str::from_utf8(&data[..end]) else { return };
    let text = &data[end + 1..];
    let found = places(text, &[hidden]);
    if hidden.is_empty() {
        assert!(found.is_empty(), "nothing is hidden, and {found:?} is found");
        return;
    }
    assert!(found.iter().all(|place| place.start < place.end && place.end <= text.len()), "{found:?}");
    assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start), "{found:?}");
    for left in between(text, &found) {
        assert!(!left.windows(hidden.len()).any(|window| window == hidden.as_bytes()), "it stands beside {found:?}");
    }
    let escaped = hidden.encode_utf16().map(escape).collect::<String>();
    for written in [hidden, &utf8_percent_encode(hidden, NON_ALPHANUMERIC).to_string(), &escaped] {
        let with = [text, b" ", written.as_bytes()].concat();
        let is_found = places(&with, &[hidden]).iter().any(|place| place.end > text.len() + 1);
        assert!(is_found, "{written} is not found");
    }
}

fn escape(unit: u16) -> String {
    format!("\\u{unit:04x}")
}

/// Returns the parts of the text outside of the places.
fn between<'a>(text: &'a [u8], places: &[Range<usize>]) -> Vec<&'a [u8]> {
    let begins = std::iter::once(0).chain(places.iter().map(|place| place.end));
    let ends = places.iter().map(|place| place.start).chain(std::iter::once(text.len()));
    begins.zip(ends).map(|(begin, end)| &text[begin..end]).collect()
}
