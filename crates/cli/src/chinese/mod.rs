//! The Chinese of what doctor says and of the hints of errors: [`TABLE`], by the English sentence.

mod table;

use table::TABLE;

/// The Chinese of an English sentence. A sentence that the table does not know stays as it is.
pub(crate) fn chinese(english: &str) -> String {
    let rows = TABLE.iter().filter_map(|(pattern, chinese)| Some((pattern, chinese, holes(pattern, english)?)));
    // Of several rows the one whose first words say most: a sentence in a sentence is filled in.
    let words = |pattern: &str| (pattern.find('{').unwrap_or(pattern.len()), pattern.len());
    match rows.max_by_key(|(pattern, ..)| words(pattern)) {
        Some((_, words, holes)) => filled(words, &holes),
        None => english.to_owned(),
    }
}

/// The texts that stand in the place of each `{}`, and the numbers in the place of each `{#}`, where `text` is what
/// `pattern` says.
fn holes<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = pattern.split('{');
    let (mut left, mut holes) = (text.strip_prefix(parts.next()?)?, Vec::new());
    let mut parts = parts.peekable();
    while let Some((kind, words)) = parts.next().and_then(|part| part.split_once('}')) {
        let at = match parts.peek() {
            Some(_) => left.find(words)?,
            None => left.strip_suffix(words)?.len(),
        };
        let (hole, behind) = left.split_at(at);
        if kind == "#" && !hole.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        holes.push(hole);
        left = &behind[words.len()..];
    }
    left.is_empty().then_some(holes)
}

/// Writes what is in the holes, in Chinese too, to where `words` have `{0}`, `{1}` and so on.
fn filled(words: &str, holes: &[&str]) -> String {
    let mut parts = words.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, behind) = part.split_once('}').unwrap_or_default();
        let hole = number.parse().ok().and_then(|number: usize| holes.get(number));
        text.push_str(&hole.map(|hole| chinese(hole)).unwrap_or_default());
        text.push_str(behind);
    }
    text
}

#[cfg(test)]
mod tests;
