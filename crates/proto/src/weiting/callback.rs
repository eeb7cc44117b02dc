//! The URL by which the browser comes back from WeChat's consent page.

use percent_encoding::percent_decode_str;

use super::Code;
use crate::InvalidRequest;

/// Finds the code in the callback URL: in its query, else in the query of a fragment, where a page's own address may
/// have one. `state` may have a `code` of its own, so the last one is the vendor's.
///
/// A `+` is kept: no code has a blank, and base64 has plus signs.
pub(super) fn code(url: &str) -> Result<Code, InvalidRequest> {
    let (address, fragment) = url.split_once('#').unwrap_or((url, ""));
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let code = last_code(query)
        .or_else(|| last_code(fragment))
        .ok_or(InvalidRequest::new("callback", "must have a query with `code`: the user may have declined"))?;
    let code = percent_decode_str(code)
        .decode_utf8()
        .map_err(|_| InvalidRequest::new("callback", "its `code` must be percent-encoded UTF-8"))?;
    Code::new(code)
}

fn last_code(text: &str) -> Option<&str> {
    text.split(['?', '#', '&']).filter_map(|part| part.strip_prefix("code=")).next_back()
}
