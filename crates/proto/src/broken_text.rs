//! Text that was broken on its way: cut within a character, with half of a surrogate pair or raw control characters.

/// Returns the JSON document with U+FFFD in place of what is broken in its strings: bytes that are not UTF-8, raw
/// control characters, halves of surrogate pairs, backslashes that escape nothing. `None` where nothing is broken, or
/// where the text [is GBK](is_gbk). One pass. A backslash outside of strings is no JSON either way.
pub(crate) fn repaired(document: &[u8]) -> Option<String> {
    if is_gbk(document) {
        return None;
    }
    let (mut repaired, mut in_string) = (None, false);
    // One broken byte becomes three.
    let begun = || String::with_capacity(3 * document.len());
    for chunk in document.utf8_chunks() {
        let (text, bytes) = (chunk.valid(), chunk.valid().as_bytes());
        let (mut copied, mut at) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            let piece = match byte {
                b'"' => {
                    in_string = !in_string;
                    Piece::Whole(1)
                }
                b'\\' => escape(&bytes[at..]),
                0..b' ' if in_string => Piece::Broken(1),
                _ => Piece::Whole(1),
            };
            at += match piece {
                Piece::Whole(length) => length,
                Piece::Broken(length) => {
                    let repaired = repaired.get_or_insert_with(begun);
                    repaired.push_str(&text[copied..at]);
                    repaired.push(char::REPLACEMENT_CHARACTER);
                    copied = at + length;
                    length
                }
            };
        }
        if !chunk.invalid().is_empty() {
            let repaired = repaired.get_or_insert_with(begun);
            repaired.push_str(&text[copied..]);
            repaired.push(char::REPLACEMENT_CHARACTER);
        } else if let Some(repaired) = &mut repaired {
            repaired.push_str(&text[copied..]);
        }
    }
    repaired
}

/// Piece of a string, with its length in bytes.
enum Piece {
    Whole(usize),
    Broken(usize),
}

/// Reads the escape at the start; a pair of surrogates is one.
fn escape(text: &[u8]) -> Piece {
    if let [_, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] = text {
        return Piece::Whole(2);
    }
    match code_unit(text) {
        None => Piece::Broken(1),
        Some(0xd800..=0xdbff) if matches!(code_unit(&text[6..]), Some(0xdc00..=0xdfff)) => Piece::Whole(12),
        Some(0xd800..=0xdfff) => Piece::Broken(6),
        Some(_) => Piece::Whole(6),
    }
}

/// Reads the UTF-16 code unit that is escaped at the start.
fn code_unit(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"\\u")?.first_chunk::<4>()?;
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}

/// Returns true for text in GBK or a relative (GB18030, Big5, EUC), false for broken UTF-8. It is GBK where
/// - all bytes beyond ASCII form GBK characters, and somewhere at least two of them are adjacent;
/// - as UTF-8 it has at least two broken pieces (a cut character is one), and more than whole characters of three or
///   more bytes (most are whole in a Chinese text in UTF-8);
/// - it holds no encoded surrogate pair (CESU-8, as Java and Oracle write emojis) and no U+FFFD, so that repaired text
///   is never taken for GBK.
///
/// Such text is refused: its content is not guessed.
pub(crate) fn is_gbk(bytes: &[u8]) -> bool {
    let (whole, broken) = bytes.utf8_chunks().fold((0, 0), |(whole, broken), chunk| {
        let long = chunk.valid().chars().filter(|character| character.len_utf8() >= 3).count();
        (whole + long, broken + usize::from(!chunk.invalid().is_empty()))
    });
    broken > whole.max(1)
        && longest_run_of_gbk(bytes) >= Some(2)
        && !bytes.windows(6).any(is_surrogate_pair)
        && !bytes.utf8_chunks().any(|chunk| chunk.valid().contains(char::REPLACEMENT_CHARACTER))
}

fn is_surrogate_pair(bytes: &[u8]) -> bool {
    matches!(bytes, [0xed, 0xa0..=0xaf, 0x80..=0xbf, 0xed, 0xb0..=0xbf, 0x80..=0xbf])
}

/// Returns the maximum number of adjacent GBK characters; `None` where a byte is neither GBK nor ASCII. The last
/// character may be cut.
fn longest_run_of_gbk(bytes: &[u8]) -> Option<usize> {
    let (mut rest, mut run, mut longest) = (bytes, 0, 0);
    while let [first, tail @ ..] = rest {
        (rest, run) = match (first, tail) {
            (0x00..=0x7f, _) => (tail, 0),
            // Two bytes, or four in GB18030.
            (
                0x81..=0xfe,
                [0x40..=0x7e | 0x80..=0xfe, tail @ ..] | [b'0'..=b'9', 0x81..=0xfe, b'0'..=b'9', tail @ ..],
            ) => (tail, run + 1),
            (0x81..=0xfe, []) => break,
            _ => return None,
        };
        longest = longest.max(run);
    }
    Some(longest)
}
