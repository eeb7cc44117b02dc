//! Text that was broken on its way: cut within a character, with half of a surrogate pair, with raw control characters.

/// The JSON document with U+FFFD in the place of what is broken in its strings: bytes that are not UTF-8, raw control
/// characters, halves of surrogate pairs, backslashes that escape nothing. `None` where nothing of it is broken, or
/// where all of it [is GBK](is_gbk). One pass. A backslash outside of strings is treated as one within: with it the
/// document is no JSON, repaired or not.
pub(crate) fn repaired(document: &[u8]) -> Option<String> {
    if is_gbk(document) {
        return None;
    }
    let (mut repaired, mut in_string) = (None, false);
    // A broken byte becomes three.
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

/// A piece of a string, and its length in bytes.
enum Piece {
    Whole(usize),
    Broken(usize),
}

/// The escape that begins here. Of a pair of surrogates it is both.
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

/// The UTF-16 code unit that is escaped here.
fn code_unit(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"\\u")?.first_chunk::<4>()?;
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}

/// Tells text in GBK or a relative of it (GB18030, Big5, EUC) from UTF-8 that was broken. It is GBK where
/// - all that is not ASCII forms characters of GBK, and at least two of them stand side by side somewhere;
/// - as UTF-8 it has at least two broken pieces (of a character that was cut there is one), and more of them than whole
///   characters of three bytes and more (in a Chinese text in UTF-8 most are whole);
/// - no surrogate pair is encoded in it (CESU-8, as Java and Oracle write emojis), and no U+FFFD: what was repaired once is
///   read again as what it was.
///
/// Such text is refused: nothing guesses what it says.
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

/// The most characters of GBK that stand side by side; `None` where something is neither GBK nor ASCII. The last
/// character may be cut short.
fn longest_run_of_gbk(bytes: &[u8]) -> Option<usize> {
    let (mut rest, mut run, mut longest) = (bytes, 0, 0);
    while let [first, tail @ ..] = rest {
        (rest, run) = match (first, tail) {
            (0x00..=0x7f, _) => (tail, 0),
            // Two bytes, or, which GB18030 adds, four.
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
