//! The page that stands in for 微信's consent: it has one link, whose target sends the browser back to `state` with a
//! code.

use http::{HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::state::knows;
use crate::{
    operation::Operation,
    test_data,
    vendor::Vendor,
    wire::{parameters::Call, reply::Reply},
    world::World,
};

pub(super) const CONSENT_PATH: &str = "/connect/oauth2/authorize";
pub(super) const GIVEN_PATH: &str = "/service/wxoauth/2.0/wxcode";

/// All that JavaScript's `encodeURIComponent` encodes, and the apostrophe.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'(')
    .remove(b')');
/// The characters that may not stand in a Location header as they are.
const LOCATION: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

pub(crate) static PAGE: Operation = Operation::page(Vendor::Weiting, "consent_page", CONSENT_PATH, page);

pub(crate) static GIVEN: Operation = Operation::page(Vendor::Weiting, "consent", GIVEN_PATH, given);

fn page(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    let state = return_address(call)?;
    let link = format!("{}{GIVEN_PATH}?state={}", world.options.public_url, component(&state));
    Ok(Reply::html(format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head><meta charset=\"utf-8\"><title>沙盒：微信授权</title></head>\n\
         <body>\n<h1>沙盒</h1>\n<p>本页代替微信的授权页。</p>\n<p><a id=\"consent\" href=\"{link}\">同意授权</a></p>\n</body>\n</html>\n"
    )))
}

/// Gives a code for the first test user, or for the one that `openid` names, and sends the browser back.
fn given(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    let state = return_address(call)?;
    let openid = call.query("openid").unwrap_or_else(|| test_data::OPENID.to_owned());
    if !knows(&openid) {
        return Err(Reply::error(
            StatusCode::BAD_REQUEST,
            "openid is not a user of the sandbox: GET /_sandbox/state lists them",
        ));
    }
    let now = world.clock.now();
    let code = world.weiting.codes.issue(&openid, now);
    let back = with_code(&state, &code);
    HeaderValue::try_from(utf8_percent_encode(&back, LOCATION).to_string())
        .map(Reply::redirect)
        .map_err(|_| Reply::error(StatusCode::BAD_REQUEST, "state cannot stand in a Location header"))
}

fn return_address(call: &Call) -> Result<String, Reply> {
    call.query("state").filter(|state| is_web_url(state)).ok_or_else(|| {
        Reply::error(
            StatusCode::BAD_REQUEST,
            "state must be an absolute http or https URL: begin at getBaseUrl's redirect",
        )
    })
}

pub(super) fn is_web_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

pub(super) fn component(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// Adds the code to a URL's query, before its fragment, and leaves all else as it is.
fn with_code(state: &str, code: &str) -> String {
    let (address, fragment) = match state.split_once('#') {
        Some((address, fragment)) => (address, Some(fragment)),
        None => (state, None),
    };
    let joint = match address.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{address}{joint}code={code}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::with_code;

    #[test]
    fn a_code_joins_whatever_query_and_fragment_there_are() {
        for (state, expected) in [
            ("http://a/b", "http://a/b?code=C"),
            ("http://a/b?", "http://a/b?code=C"),
            ("http://a/b?x=1", "http://a/b?x=1&code=C"),
            ("http://a/b?x=1&", "http://a/b?x=1&code=C"),
            ("http://a/b?x=%26#top", "http://a/b?x=%26&code=C#top"),
            ("http://a/b#/route?not=query", "http://a/b?code=C#/route?not=query"),
        ] {
            assert_eq!(with_code(state, "C"), expected);
        }
    }
}
