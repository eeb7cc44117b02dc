//! The charset that a sender declares: in the request's `Content-Type`, a part's, or `_charset_`. An undeclared one
//! is never guessed.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, GBK, UTF_8};

use super::Unreadable;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    /// GBK, GB2312 or GB18030.
    Chinese(&'static Encoding),
    /// Any other, known or not. ASCII reads the same in all of them.
    Other,
}

impl Charset {
    pub(super) fn named(label: &str) -> Self {
        match Encoding::for_label(label.as_bytes()) {
            Some(encoding) if encoding == UTF_8 => Self::Utf8,
            Some(encoding) if encoding == GBK || encoding == GB18030 => Self::Chinese(encoding),
            _ => Self::Other,
        }
    }

    /// Returns the bytes in UTF-8. Broken characters become U+FFFD in a Chinese charset; in UTF-8 they stay.
    pub(super) fn decode(self, bytes: &[u8]) -> Result<Cow<'_, [u8]>, Unreadable> {
        match self {
            Self::Utf8 => Ok(Cow::Borrowed(bytes)),
            Self::Chinese(encoding) => match encoding.decode_without_bom_handling(bytes).0 {
                Cow::Borrowed(text) => Ok(Cow::Borrowed(text.as_bytes())),
                Cow::Owned(text) => Ok(Cow::Owned(text.into_bytes())),
            },
            Self::Other if bytes.is_ascii() => Ok(Cow::Borrowed(bytes)),
            Self::Other => Err(Unreadable::Charset),
        }
    }
}

/// The label of the `charset` in a `Content-Type`, quoted or not.
pub(super) fn label(content_type: &str) -> Option<&str> {
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let mut labels = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset")).map(|(_, value)| value);
    labels.next().map(|label| label.trim().trim_matches(['"', '\''])).filter(|label| !label.is_empty())
}
