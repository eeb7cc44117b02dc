//! A field that nobody knows, put into a document.

/// Its name.
pub(crate) const NAME: &str = "weifen_unknown";

/// The JSON object with one field more, at its beginning; `None` where it is none, or has no field.
pub(crate) fn with_unknown_field(body: &[u8]) -> Option<Vec<u8>> {
    let begin = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    let inside = begin.strip_prefix(b"{")?;
    if !inside.trim_ascii_start().starts_with(b"\"") {
        return None;
    }
    let before = &body[..body.len() - inside.len()];
    Some([before, br#""weifen_unknown":{"a":[1,"x",null]},"#, inside].concat())
}
