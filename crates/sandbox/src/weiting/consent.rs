//! 微信基本授权 · `POST /service/wxoauth/2.0/getBaseUrl`; and what stands in for 微信 behind it: a page with
//! one link, whose target sends the browser back to `state` with a code.

use http::{HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use url::Url;

use super::{knows, token};
use crate::{
    exchange::{Method, Operation, Reply, Vendor},
    parameters::Call,
    test_data,
    world::World,
};

const CONSENT_PATH: &str = "/connect/oauth2/authorize";
const GIVEN_PATH: &str = "/service/wxoauth/2.0/wxcode";
/// 微信's own appid of the account that asks, as in the documented example.
const WECHAT_APPID: &str = "wx1b0d10b65d395395";

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
/// What may not stand in a Location header as it is.
const LOCATION: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

pub(super) static AUTHORIZE_URL: Operation = Operation {
    vendor: Vendor::Weiting,
    name: "authorize_url",
    page: false,
    method: Method::Post,
    path: "/service/wxoauth/2.0/getBaseUrl",
    answer: authorize_url,
};

pub(super) static PAGE: Operation = Operation {
    vendor: Vendor::Weiting,
    name: "consent_page",
    page: true,
    method: Method::Get,
    path: CONSENT_PATH,
    answer: page,
};

pub(super) static GIVEN: Operation = Operation {
    vendor: Vendor::Weiting,
    name: "consent",
    page: true,
    method: Method::Get,
    path: GIVEN_PATH,
    answer: given,
};

fn authorize_url(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    token::check(world, call)?;
    // Both refusals are assumed: the vendor documents none here.
    let state = call
        .text("state")
        .ok_or_else(|| Reply::refusal(json!({ "status": 0, "errMsg": "state必须给出" }), "state is absent or empty"))?;
    if !is_web_url(&state) {
        return Err(Reply::refusal(
            json!({ "status": 0, "errMsg": "state不是有效的URL" }),
            "state is no absolute http or https URL",
        ));
    }
    let public = &world.settings.public_url;
    let redirect_uri = format!("{public}{GIVEN_PATH}");
    Ok(Reply::json(json!({
        "status": 200,
        "redirect": format!(
            "{public}{CONSENT_PATH}?appid={WECHAT_APPID}&redirect_uri={}&response_type=code&scope=snsapi_base&state={}#wechat_redirect",
            component(&redirect_uri),
            component(&state),
        ),
    })))
}

fn page(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    let state = return_address(call)?;
    let link = format!("{}{GIVEN_PATH}?state={}", world.settings.public_url, component(&state));
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
            "openid is none of the sandbox's users: GET /_sandbox/state lists them",
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

fn is_web_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn component(text: &str) -> String {
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
