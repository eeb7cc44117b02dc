//! The URL with which the browser comes back: the caller's `state`, and the code that the vendor adds.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use weifen_proto::weiting::{AuthorizeUrlRequest, Code, OpenidByCodeRequest};
use weifen_proto::{Endpoint, Value};

/// Checks a `state` (the first line) and a code (the rest). Any URL has a code or gives an error that does not show
/// it. The code that the vendor added to the query is found; so is one added at the very end, where the query of the
/// `state` has none.
pub fn callback(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(error) = OpenidByCodeRequest::from_callback(&format!("{text}zq7canary")) {
        assert!(!format!("{error} {error:?}").contains("zq7canary"), "{error}");
    }
    let (state, code) = text.split_once('\n').unwrap_or((text, "NTc1ZmFmNGIwODYxM2U3YjZkOTE3ZWUz"));
    if AuthorizeUrlRequest::new(state).is_err() || Code::new(code).is_err() {
        return;
    }
    let (address, fragment) = state.split_at(state.find('#').unwrap_or(state.len()));
    for written in written(code) {
        let in_query = format!("{}{fragment}", added(address, &written));
        assert_eq!(found(&in_query).as_deref(), Some(code), "{in_query}");
        if !address.contains("code=") {
            let at_end = added(state, &written);
            assert_eq!(found(&at_end).as_deref(), Some(code), "{at_end}");
        }
    }
}

/// Returns the encodings of the code; base64 also as it is.
fn written(code: &str) -> Vec<String> {
    let mut ways = vec![utf8_percent_encode(code, NON_ALPHANUMERIC).to_string()];
    if code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte)) {
        ways.push(code.to_owned());
    }
    ways
}

fn added(url: &str, code: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}code={code}")
}

fn found(url: &str) -> Option<String> {
    let request = OpenidByCodeRequest::from_callback(url).ok()?;
    let parameters = request.parameters();
    let code = parameters.iter().find(|parameter| parameter.name == "code")?;
    match &code.value {
        Value::Text(text) => Some(text.to_string()),
        _ => None,
    }
}
