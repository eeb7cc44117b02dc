//! Adds an unknown field to a document.

/// Name of the field.
pub(crate) const NAME: &str = "weifen_unknown";

/// Returns the JSON object with one more field, at its beginning; `None` for another text, or an empty object.
pub(crate) fn with_unknown_field(body: &[u8]) -> Option<Vec<u8>> {
    let begin = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    let inside = begin.strip_prefix(b"{")?;
    if !inside.trim_ascii_start().starts_with(b"\"") {
        return None;
    }
    let before = &body[..body.len() - inside.len()];
    Some([before, br#""weifen_unknown":{"a":[1,"x",null]},"#, inside].concat())
}
