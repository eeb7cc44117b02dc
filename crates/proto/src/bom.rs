//! The UTF-8 byte order mark that some PHP pages put before their answers.

/// Returns the body without its byte order mark.
pub(crate) fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}
