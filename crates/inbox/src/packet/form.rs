//! A form's fields, decoded to bytes in some charset, and encoded again in UTF-8.

use form_urlencoded::byte_serialize;
use percent_encoding::percent_decode;

use super::Unreadable;
use super::charset::Charset;

/// The names and values of a form, with escapes decoded.
pub(super) fn pairs(form: &[u8]) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    form.trim_ascii().split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = at.map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
        (unescaped(name), unescaped(value))
    })
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
}

/// Encodes a form of these names and values, each pair in its own charset.
pub(super) fn written<B: AsRef<[u8]>>(pairs: impl IntoIterator<Item = (B, B, Charset)>) -> Result<String, Unreadable> {
    let mut form = String::new();
    for (name, value, charset) in pairs {
        if !form.is_empty() {
            form.push('&');
        }
        form.extend(byte_serialize(&charset.decode(name.as_ref())?));
        form.push('=');
        form.extend(byte_serialize(&charset.decode(value.as_ref())?));
    }
    Ok(form)
}
