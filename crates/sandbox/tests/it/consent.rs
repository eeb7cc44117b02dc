//! The browser's way: authorize URL, consent page, code, openid.

use std::time::Duration;

use serde_json::json;
use weifen_sandbox::{Sandbox, test_data};

use crate::partner::{Way, encode, get, start, with_token};

const AUTHORIZE: &str = "/service/wxoauth/2.0/getBaseUrl";
const OPENID: &str = "/service/wxoauth/2.0/getOpenidByCode";

fn redirect(sandbox: &Sandbox, state: &str) -> String {
    let answer = Way::Form
        .send(
            sandbox.addr(),
            "POST",
            &with_token(sandbox, AUTHORIZE),
            &[("state", state)],
        )
        .json();
    assert_eq!(answer["status"], 200, "{answer}");
    answer["redirect"].as_str().unwrap().to_owned()
}

/// Walks as a browser does, and returns where it is sent back to. `extra` is added to the page's link.
fn walk(sandbox: &Sandbox, state: &str, extra: &str) -> String {
    let base = sandbox.weiting_base_url();
    let redirect = redirect(sandbox, state);
    // A browser keeps the fragment to itself.
    let page_url = redirect.split('#').next().unwrap();
    let page = get(sandbox.addr(), page_url.strip_prefix(&base).unwrap());
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    let html = page.text();
    let (_, link) = html.split_once("href=\"").expect("a link");
    let (link, rest) = link.split_once('"').unwrap();
    assert!(!rest.contains("href"), "one link only");
    let back = get(
        sandbox.addr(),
        &format!("{}{extra}", link.strip_prefix(&base).unwrap()),
    );
    assert_eq!(back.status, 302, "{}", back.text());
    back.header("location").unwrap().to_owned()
}

fn openid(sandbox: &Sandbox, code: &str) -> serde_json::Value {
    Way::Form
        .send(
            sandbox.addr(),
            "POST",
            &with_token(sandbox, OPENID),
            &[("code", code)],
        )
        .json()
}

fn expired() -> serde_json::Value {
    json!({ "status": 40005, "errMsg": "code 已过期" })
}

#[tokio::test]
async fn the_redirect_has_the_documented_form() {
    let sandbox = start().await;
    let redirect = redirect(&sandbox, "http://m.sh.189.cn/service/wxoauth/2.0/index");
    let base = sandbox.weiting_base_url();
    assert!(
        redirect.starts_with(&format!("{base}/connect/oauth2/authorize?appid=wx")),
        "{redirect}"
    );
    assert!(redirect.ends_with(
        "&response_type=code&scope=snsapi_base&state=http%3A%2F%2Fm.sh.189.cn%2Fservice%2Fwxoauth%2F2.0%2Findex#wechat_redirect"
    ));
}

#[tokio::test]
async fn a_browser_comes_back_with_a_code_that_answers_the_openid() {
    let sandbox = start().await;
    let back = walk(&sandbox, "http://127.0.0.1:9/back", "");
    let code = back.strip_prefix("http://127.0.0.1:9/back?code=").unwrap();
    assert_eq!(code.len(), 32);
    assert!(
        code.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "{code}"
    );
    assert_eq!(
        openid(&sandbox, code),
        json!({ "status": 200, "openid": test_data::OPENID })
    );
}

#[tokio::test]
async fn a_code_is_base64_of_24_hex_digits() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let sandbox = start().await;
    let back = walk(&sandbox, "http://127.0.0.1:9/back", "");
    let decoded = STANDARD
        .decode(back.split_once("code=").unwrap().1)
        .unwrap();
    assert_eq!(decoded.len(), 24);
    assert!(decoded.iter().all(u8::is_ascii_hexdigit));
}

#[tokio::test]
async fn state_keeps_its_query_and_its_fragment() {
    let sandbox = start().await;
    for (state, before, after) in [
        (
            "https://shop.test/a?x=1&y=%26%3D#top",
            "https://shop.test/a?x=1&y=%26%3D&code=",
            "#top",
        ),
        (
            "https://shop.test/a#/route?id=3",
            "https://shop.test/a?code=",
            "#/route?id=3",
        ),
        (
            "https://shop.test/设备?名=值",
            "https://shop.test/%E8%AE%BE%E5%A4%87?%E5%90%8D=%E5%80%BC&code=",
            "",
        ),
    ] {
        let back = walk(&sandbox, state, "");
        let rest = back
            .strip_prefix(before)
            .unwrap_or_else(|| panic!("{back} for {state}"));
        assert_eq!(&rest[32..], after);
    }
}

#[tokio::test]
async fn a_code_works_once() {
    let sandbox = start().await;
    let back = walk(&sandbox, "http://127.0.0.1:9/back", "");
    let code = back.split_once("code=").unwrap().1;
    assert_eq!(openid(&sandbox, code)["status"], 200);
    assert_eq!(openid(&sandbox, code), expired());
}

#[tokio::test]
async fn a_code_ends_after_five_minutes() {
    let sandbox = Sandbox::builder()
        .clock_start("2026-01-01T00:00:00Z".parse().unwrap())
        .start()
        .await
        .unwrap();
    let back = walk(&sandbox, "http://127.0.0.1:9/back", "");
    let other = walk(&sandbox, "http://127.0.0.1:9/back", "");
    sandbox.advance(Duration::from_secs(299)).unwrap();
    assert_eq!(
        openid(&sandbox, back.split_once("code=").unwrap().1)["status"],
        200
    );
    sandbox.advance(Duration::from_secs(1)).unwrap();
    assert_eq!(
        openid(&sandbox, other.split_once("code=").unwrap().1),
        expired()
    );
}

#[tokio::test]
async fn an_unknown_or_absent_code_has_expired() {
    let sandbox = start().await;
    assert_eq!(
        openid(&sandbox, "NTc1ZmFmNGIwODYxM2U3YjZkOTE3ZWUz"),
        expired()
    );
    assert_eq!(openid(&sandbox, ""), expired());
}

#[tokio::test]
async fn another_user_can_consent() {
    let sandbox = start().await;
    let back = walk(
        &sandbox,
        "http://127.0.0.1:9/back",
        &format!("&openid={}", test_data::OPENID_UNBOUND),
    );
    assert_eq!(
        openid(&sandbox, back.split_once("code=").unwrap().1)["openid"],
        test_data::OPENID_UNBOUND
    );
    let unknown = get(
        sandbox.addr(),
        "/service/wxoauth/2.0/wxcode?state=http%3A%2F%2Fa%2F&openid=nobody",
    );
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn a_state_that_is_no_url_is_refused() {
    let sandbox = start().await;
    let path = with_token(&sandbox, AUTHORIZE);
    for (state, message) in [
        ("", "state必须给出"),
        ("/back", "state不是有效的URL"),
        ("javascript:alert(1)", "state不是有效的URL"),
    ] {
        let answer = Way::Form
            .send(sandbox.addr(), "POST", &path, &[("state", state)])
            .json();
        assert_eq!(answer, json!({ "status": 0, "errMsg": message }));
    }
    let page = format!(
        "/connect/oauth2/authorize?state={}",
        encode("javascript:alert(1)")
    );
    assert_eq!(get(sandbox.addr(), &page).status, 400);
}

#[tokio::test]
async fn a_state_cannot_add_a_header() {
    let sandbox = start().await;
    let path = format!(
        "/service/wxoauth/2.0/wxcode?state={}",
        encode("http://a/b?x=1\r\nX-Evil: 1\r\n\r\n")
    );
    let back = get(sandbox.addr(), &path);
    assert_eq!(back.header("x-evil"), None, "{}", back.head);
}

#[tokio::test]
async fn both_calls_take_every_encoding() {
    let sandbox = start().await;
    for way in Way::ALL {
        let path = with_token(&sandbox, AUTHORIZE);
        let answer = way
            .send(
                sandbox.addr(),
                "POST",
                &path,
                &[("state", "http://a.test/b?c=d")],
            )
            .json();
        assert_eq!(answer["status"], 200, "{way:?}");
        let back = walk(&sandbox, "http://127.0.0.1:9/back", "");
        let code = back.split_once("code=").unwrap().1;
        let answer = way
            .send(
                sandbox.addr(),
                "POST",
                &with_token(&sandbox, OPENID),
                &[("code", code)],
            )
            .json();
        assert_eq!(answer["openid"], test_data::OPENID, "{way:?}");
    }
}
