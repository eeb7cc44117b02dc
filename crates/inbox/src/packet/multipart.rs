//! A multipart body, such as PHP's curl makes of an array.

use std::convert::Infallible;
use std::future::ready;

use bytes::Bytes;
use futures_util::stream;
use multer::Multipart;

use super::charset::{self, Charset};
use super::{Unreadable, form};

/// Name of the field that holds the charset of the others (RFC 7578).
const CHARSET: &str = "_charset_";

/// Returns the boundary of a multipart body, else `None`. The body decides and not the header, which many senders
/// write without a boundary, even over forms of another kind.
pub(super) fn boundary(body: &[u8]) -> Option<&str> {
    let line = body.strip_prefix(b"--")?;
    let end = line.windows(2).position(|window| window == b"\r\n")?;
    std::str::from_utf8(&line[..end]).ok().map(str::trim_ascii_end).filter(|boundary| !boundary.is_empty())
}

/// Returns the fields of the body as a form. A file is not a field.
pub(super) async fn form(body: &Bytes, boundary: &str, declared: Charset) -> Result<String, Unreadable> {
    let mut parts = Multipart::new(stream::once(ready(Ok::<_, Infallible>(body.clone()))), boundary);
    let (mut fields, mut charset) = (Vec::new(), declared);
    while let Some(part) = parts.next_field().await.map_err(|_| Unreadable::Multipart)? {
        let name = part.name().map(str::to_owned);
        let is_file = part.file_name().is_some();
        let content_type = part.headers().get("content-type").and_then(|value| value.to_str().ok());
        let own_charset = content_type.and_then(charset::label).map(Charset::named);
        // Read to its end even if unused: else there is no next part.
        let value = part.bytes().await.map_err(|_| Unreadable::Multipart)?;
        match name {
            Some(name) if name == CHARSET => charset = Charset::named(&String::from_utf8_lossy(&value)),
            Some(name) if !is_file => fields.push((Bytes::from(name), value, own_charset)),
            _ => {}
        }
    }
    form::written(fields.into_iter().map(|(name, value, own)| (name, value, own.unwrap_or(charset))))
}
