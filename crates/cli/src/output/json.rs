//! JSON output: compact, on one line, UTF-8 but for characters that a terminal would obey.

use std::fmt::Write;

use serde::Serialize;

use super::people::is_hidden;
use crate::failure::Failure;

/// Encodes a value. JSON escapes the first control characters; the others, which occur in strings only, are escaped
/// here, which keeps the value.
///
/// # Errors
/// When JSON can't hold the value.
pub(crate) fn document(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string(value).map_err(|_| Failure::internal("the answer can't be written as JSON"))?;
    if !text.contains(is_hidden) {
        return Ok(text);
    }
    let mut escaped = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String can't fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    Ok(escaped)
}
