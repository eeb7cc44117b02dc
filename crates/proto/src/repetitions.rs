//! Finds the places where a text repeats hidden texts: as they are, encoded, or cut.

use std::ops::Range;

/// Bounds, in bytes, of the start of a hidden text that is enough to hide a repetition: a repeated text may be cut.
/// Between the bounds it is half of the text.
const LEAST: usize = 10;
const MOST: usize = 32;

/// Maximum number of nested encodings, such as percent-encoding within a JSON string.
const LAYERS: usize = 3;

/// Returns the ranges of `text` that repeat one of the `hidden` texts, in order; overlapping ones are merged.
///
/// A hidden text is found as it is, percent-encoded (also with `+` for a blank) and with JSON's escapes, in part or as
/// a whole, up to three encodings deep. A cut text is found by its first half, of 10 to 32 bytes.
///
/// ```
/// let text = br#"{"server_url": "https:\/\/shop.example\/push\/s%65\u0063ret"}"#;
/// assert_eq!(weifen_proto::repetitions(text, &["secret"]), [46..59]);
/// ```
pub fn repetitions(text: &[u8], hidden: &[&str]) -> Vec<Range<usize>> {
    let hidden: Vec<&[u8]> = hidden.iter().map(|text| text.as_bytes()).filter(|text| !text.is_empty()).collect();
    let units: Vec<Unit> =
        text.iter().enumerate().map(|(at, byte)| Unit { byte: *byte, from: at, to: at + 1 }).collect();
    let mut found = Vec::new();
    look(&units, LAYERS, &hidden, &mut found);
    found.sort_unstable_by_key(|range| range.start);
    found.dedup_by(|next, last| {
        let overlap = next.start < last.end;
        if overlap {
            last.end = last.end.max(next.end);
        }
        overlap
    });
    found
}

/// A byte at `from..to` of the text, where it may be encoded.
#[derive(Clone, Copy)]
struct Unit {
    byte: u8,
    from: usize,
    to: usize,
}

/// Searches the units, and their decoded forms.
fn look(units: &[Unit], layers: usize, hidden: &[&[u8]], found: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while let Some(unit) = units.get(at) {
        let longest =
            hidden.iter().filter_map(|hidden| repeated_at_start(&units[at..], hidden)).max().unwrap_or_default();
        if longest > 0 {
            found.push(unit.from..units[at + longest - 1].to);
        }
        // A repetition that begins before this overlaps by more than `MOST`: enough of it is hidden.
        at = (at + 1).max((at + longest).saturating_sub(MOST));
    }
    if layers == 0 {
        return;
    }
    for decoded in [decoded(units, percent_encoded), decoded(units, json_escaped)] {
        if decoded.len() != units.len() {
            look(&decoded, layers - 1, hidden, found);
        }
    }
}

/// Returns the number of units at the start that repeat `hidden`, or enough of it.
fn repeated_at_start(units: &[Unit], hidden: &[u8]) -> Option<usize> {
    let is_same = |(unit, byte): &(&Unit, &u8)| unit.byte == **byte || (unit.byte == b'+' && **byte == b' ');
    let same = units.iter().zip(hidden).take_while(is_same).count();
    (same == hidden.len() || same >= (hidden.len() / 2).clamp(LEAST, MOST)).then_some(same)
}

/// Decodes the encoded units at the start and returns their number; `None` where the first is not encoded.
type Encoding = fn(&[Unit]) -> Option<(Decoded, usize)>;

enum Decoded {
    Byte(u8),
    Character(char),
}

/// Decodes all units that are encoded in this way; the result is shorter if there are any.
fn decoded(mut units: &[Unit], encoding: Encoding) -> Vec<Unit> {
    let mut decoded = Vec::with_capacity(units.len());
    while let [first, ..] = units {
        let length = match encoding(units) {
            None => {
                decoded.push(*first);
                1
            }
            Some((what, length)) => {
                let (from, to) = (first.from, units[length - 1].to);
                let mut text = [0; 4];
                let bytes = match what {
                    Decoded::Byte(byte) => {
                        text[0] = byte;
                        &text[..1]
                    }
                    Decoded::Character(character) => character.encode_utf8(&mut text).as_bytes(),
                };
                decoded.extend(bytes.iter().map(|byte| Unit { byte: *byte, from, to }));
                length
            }
        };
        units = &units[length..];
    }
    decoded
}

fn percent_encoded(units: &[Unit]) -> Option<(Decoded, usize)> {
    let [Unit { byte: b'%', .. }, digits @ ..] = units else { return None };
    let byte = u8::try_from(hex::<2>(digits)?).ok()?;
    Some((Decoded::Byte(byte), 3))
}

fn json_escaped(units: &[Unit]) -> Option<(Decoded, usize)> {
    let [Unit { byte: b'\\', .. }, escaped, rest @ ..] = units else { return None };
    let byte = match escaped.byte {
        b'u' => {
            let unit = hex::<4>(rest)?;
            if let Some(character) = char::from_u32(unit.into()) {
                return Some((Decoded::Character(character), 6));
            }
            let [Unit { byte: b'\\', .. }, Unit { byte: b'u', .. }, low @ ..] = &rest[4..] else { return None };
            let pair = char::decode_utf16([unit, hex::<4>(low)?]).next()?;
            return Some((Decoded::Character(pair.ok()?), 12));
        }
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        byte @ (b'"' | b'\\' | b'/') => byte,
        _ => return None,
    };
    Some((Decoded::Byte(byte), 2))
}

/// Reads the first `DIGITS` units as a hexadecimal number.
fn hex<const DIGITS: usize>(units: &[Unit]) -> Option<u16> {
    let digit = |unit: &Unit| char::from(unit.byte).to_digit(16);
    let digits = units.get(..DIGITS)?;
    let number = digits.iter().try_fold(0, |number, unit| Some(number * 16 + digit(unit)?))?;
    u16::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "Vd4s_Kb0-mZ7xQe2RtY8uA";

    fn each(text: &str, written: fn(u8) -> String) -> String {
        text.bytes().map(written).collect()
    }

    fn escaped(text: &str) -> String {
        each(text, |byte| format!("\\u{byte:04x}"))
    }

    fn percent(text: &str) -> String {
        each(text, |byte| format!("%{byte:02X}"))
    }

    /// Asserts that the middle alone is found, without its first backslash if another one escapes that.
    fn assert_found(middle: &str, hidden: &[&str]) {
        for (before, after) in
            [("", ""), ("http://h/", "/x"), ("%", "%"), ("\\", "\\"), ("\\\\", ""), ("中%4", "\\u00")]
        {
            let text = format!("{before}{middle}{after}");
            let found = repetitions(text.as_bytes(), hidden);
            let [found] = found.as_slice() else { panic!("{found:?} in {text}") };
            let whole = before.len()..before.len() + middle.len();
            assert!(found.start <= whole.start + 1 && whole.end <= found.end, "{found:?} in {text}");
        }
    }

    #[test]
    fn it_is_found_in_every_encoding_and_in_mixtures() {
        let (one, other) = SECRET.split_at(9);
        for middle in [
            SECRET.to_owned(),
            escaped(SECRET),
            escaped(SECRET).to_uppercase().replace("\\U", "\\u"),
            percent(SECRET),
            percent(SECRET).to_lowercase(),
            format!("{}{other}", escaped(one)),
            format!("{one}{}", percent(other)),
            format!("{}{}", percent(one), escaped(other)),
            percent(&percent(SECRET)),
            percent(&escaped(SECRET)),
            escaped(&percent(SECRET)),
            escaped(SECRET).replace('\\', "\\\\"),
            escaped(SECRET).replace('\\', "%5c"),
            percent(SECRET).replace('%', "%25"),
            percent(SECRET).replace('%', "%2525"),
            format!("{}{other}", percent(&escaped(one))),
        ] {
            assert_found(&middle, &[SECRET]);
        }
    }

    #[test]
    fn several_that_overlap_are_one_and_others_are_their_own() {
        let both = format!("{SECRET}-and-the-other-one-of-them");
        let other = &both[SECRET.len() - 4..];
        assert_found(&both, &[SECRET, other]);
        assert_found(&format!("{}{}", SECRET, percent(&both[SECRET.len()..])), &[other, SECRET]);
        let twice = format!("{SECRET}{SECRET}, {}", escaped(SECRET));
        let found = repetitions(twice.as_bytes(), &[SECRET, SECRET]);
        assert_eq!(found, [0..22, 22..44, 46..46 + 22 * 6]);
    }

    #[test]
    fn characters_beyond_ascii_are_found_escaped_in_units_of_utf_16() {
        assert_found(r"\u5927\uD83D\ude00\u793C\u5305", &["大😀礼包"]);
        assert_found(r"\b\f\n\r\t\/", &["\u{8}\u{c}\n\r\t/"]);
        let found = repetitions(br"\ud83d\u5305 \ud83d", &["包"]);
        assert!(found.iter().eq([&(6..12)]), "{found:?}");
    }

    #[test]
    fn half_of_it_is_enough() {
        assert_found(&SECRET[..11], &[SECRET]);
        assert_found(&escaped(&SECRET[..11]), &[SECRET]);
        assert_eq!(repetitions(&SECRET.as_bytes()[..10], &[SECRET]), []);
        assert_eq!(repetitions(&SECRET.as_bytes()[1..], &[SECRET]), []);
    }

    #[test]
    fn what_only_resembles_it_is_not_found() {
        for other in [
            SECRET.to_lowercase(),
            SECRET[..10].to_owned() + "?" + &SECRET[11..],
            escaped(SECRET).replace("\\u", "\\x"),
            percent(SECRET).replace('%', "="),
            percent(SECRET).replace('%', "%252525"),
            String::new(),
            "%\\u00\\".to_owned(),
        ] {
            assert_eq!(repetitions(other.as_bytes(), &[SECRET, ""]), [], "{other}");
        }
    }
}
