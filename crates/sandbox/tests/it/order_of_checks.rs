//! The order in which 粉丝万岁's server checks a call, as its own middleware was observed to: developer, signature, then
//! the validators. A row is a call and what it gets.

use serde_json::{Value, json};
use weifen_sandbox::test_data::{APP_SECRET, DEVELOP_APPID};

use crate::partner::{QRCODE, form, multipart, send, sign, signature, start};

const SECRET_WRONG: (u32, &str) = (50003, "对不起您的app_secret不正确，请您进入后台重新初始化");
const SIGNATURE_WRONG: (u32, &str) = (50004, "signature校验错误");
const DONE: (u32, &str) = (20000, "ok");

/// A parameter as the usual call has it, or changed.
#[derive(Clone)]
enum Change {
    Absent(&'static str),
    To(&'static str, Value),
}

use Change::{Absent, To};

/// The documented call, signed, with the changes.
fn call(changes: &[Change]) -> Value {
    let mut call = json!({
        "develop_appid": DEVELOP_APPID,
        "timestamp": 1_557_200_022,
        "nonce": "jbh12345",
        "signature": signature(),
        "key": "3e3add4a720c11e9ab2100163e0488d6",
        "auth_open_id": "oleiaYv6i50I7ADTlmIGN4WO-2RGM",
        "nickname": "追梦小窝",
        "sex": 0,
        "ip": "183.13.188.125",
    });
    for change in changes {
        match change {
            Absent(name) => _ = call.as_object_mut().unwrap().remove(*name),
            To(name, value) => call[*name] = value.clone(),
        }
    }
    call
}

fn signed(timestamp: &str, nonce: &str) -> Value {
    sign(timestamp, nonce, APP_SECRET).into()
}

/// What comes back, without the answer's data.
fn outcome(reply: &Value) -> (u64, &str, bool) {
    (reply["code"].as_u64().unwrap(), reply["message"].as_str().unwrap(), reply.get("data").is_some())
}

#[tokio::test]
async fn a_call_is_checked_in_the_middlewares_order() {
    let sandbox = start().await;
    let no_ip = To("ip", json!(""));
    let rows: Vec<(&str, Vec<Change>, (u32, &str))> = vec![
        ("as documented", vec![], DONE),
        // The developer comes first, whatever else is wrong.
        ("no develop_appid", vec![Absent("develop_appid")], SECRET_WRONG),
        ("an empty one", vec![To("develop_appid", json!(""))], SECRET_WRONG),
        ("a blank one", vec![To("develop_appid", json!(" \t\n\r\0\u{b}"))], SECRET_WRONG),
        ("null", vec![To("develop_appid", json!(null))], SECRET_WRONG),
        ("an unknown one", vec![To("develop_appid", json!("jbh_unknown"))], SECRET_WRONG),
        ("an unknown one, nothing signed", vec![To("develop_appid", json!("x")), Absent("signature")], SECRET_WRONG),
        ("an unknown one, no IP address", vec![To("develop_appid", json!("x")), no_ip.clone()], SECRET_WRONG),
        ("one with white space around it", vec![To("develop_appid", json!(format!(" {DEVELOP_APPID}\n")))], DONE),
        // Then the signature, before any validator.
        ("no timestamp", vec![Absent("timestamp")], SIGNATURE_WRONG),
        ("an empty timestamp", vec![To("timestamp", json!(""))], SIGNATURE_WRONG),
        ("a blank nonce", vec![To("nonce", json!("  "))], SIGNATURE_WRONG),
        ("no nonce", vec![Absent("nonce")], SIGNATURE_WRONG),
        ("no signature", vec![Absent("signature")], SIGNATURE_WRONG),
        ("an empty signature", vec![To("signature", json!(""))], SIGNATURE_WRONG),
        ("a blank signature", vec![To("signature", json!("\t"))], SIGNATURE_WRONG),
        ("another's signature", vec![To("signature", json!("e06416850b0439ec3bf57443b6db92fd"))], SIGNATURE_WRONG),
        ("in capitals", vec![To("signature", json!(signature().to_uppercase()))], SIGNATURE_WRONG),
        ("no signature, no IP address", vec![Absent("signature"), no_ip.clone()], SIGNATURE_WRONG),
        ("one with white space around it", vec![To("signature", json!(format!(" {}\n", signature())))], DONE),
        // PHP's loose comparison: true equals every text.
        ("true", vec![To("signature", json!(true))], DONE),
        ("the text true", vec![To("signature", json!("true"))], SIGNATURE_WRONG),
        ("false", vec![To("signature", json!(false))], SIGNATURE_WRONG),
        ("one", vec![To("signature", json!(1))], SIGNATURE_WRONG),
        // A validator sees an empty stamp only where the empty one was signed.
        (
            "an empty timestamp, signed",
            vec![Absent("timestamp"), To("signature", signed("", "jbh12345"))],
            (50000, "时间戳不能为空"),
        ),
        (
            "a blank nonce, signed as the empty one that it becomes",
            vec![To("nonce", json!(" ")), To("signature", signed("1557200022", ""))],
            (50000, "随机字符串不能为空"),
        ),
        (
            "a blank nonce, signed as it is",
            vec![To("nonce", json!(" ")), To("signature", signed("1557200022", " "))],
            SIGNATURE_WRONG,
        ),
        ("true for an empty nonce", vec![Absent("nonce"), To("signature", json!(true))], (50000, "随机字符串不能为空")),
        // White space that PHP's trim leaves is signed with.
        (
            "a nonce in wide blanks, signed as it is",
            vec![To("nonce", json!("\u{3000}n\u{85}")), To("signature", signed("1557200022", "\u{3000}n\u{85}"))],
            DONE,
        ),
        // The operation's own validators come last.
        ("not an IP address", vec![no_ip.clone()], (50000, "请传入粉丝的IP地址！")),
        ("a nickname of blanks", vec![To("nickname", json!(" \u{b}\0"))], (50000, "用户授权的昵称不能为空")),
        ("a nickname of a wide blank", vec![To("nickname", json!("\u{3000}"))], DONE),
    ];
    for (row, changes, (code, message)) in rows {
        let body = call(&changes).to_string();
        let reply = send(sandbox.addr(), "POST", QRCODE, "application/json", body.as_bytes());
        let (reply, due) = (reply.json(), (u64::from(code), message, code == 20000));
        assert_eq!(outcome(&reply), due, "{row}: {reply}");
    }
}

#[tokio::test]
async fn the_lists_are_checked_alike() {
    let sandbox = start().await;
    for path in ["/open/commercial/get_scene", "/open/commercial/get_city"] {
        for (content_type, body, (code, message)) in [
            ("", String::new(), SECRET_WRONG),
            ("application/json", "{".to_owned(), SECRET_WRONG),
            ("application/json", call(&[Absent("nonce")]).to_string(), SIGNATURE_WRONG),
            (
                "application/json",
                call(&[Absent("nonce"), To("signature", signed("1557200022", ""))]).to_string(),
                (50000, "随机字符串不能为空"),
            ),
            ("application/json", call(&[]).to_string(), DONE),
        ] {
            let reply = send(sandbox.addr(), "POST", path, content_type, body.as_bytes()).json();
            assert_eq!(outcome(&reply), (u64::from(code), message, code == 20000), "{path} {body}");
        }
    }
}

/// Texts of the usual call, for a query or a form.
fn texts<'a>(call: &'a Value, without: &[&str]) -> Vec<(&'a str, String)> {
    let fields = call.as_object().unwrap().iter().filter(|(name, _)| !without.contains(&name.as_str()));
    fields.map(|(name, value)| (name.as_str(), value.as_str().map_or(value.to_string(), str::to_owned))).collect()
}

#[tokio::test]
async fn what_is_signed_is_read_from_the_query_and_what_is_validated_from_the_body() {
    let sandbox = start().await;
    let usual = call(&[]);
    let rows: [(&str, &str, (u32, &str)); 9] = [
        // Another nonce in the query is what the signature must fit.
        ("nonce=other", "", SIGNATURE_WRONG),
        ("nonce=", "", SIGNATURE_WRONG),
        ("develop_appid=jbh_unknown", "", SECRET_WRONG),
        ("develop_appid=", "", SECRET_WRONG),
        // What is wrong in the body alone was not signed.
        ("nonce=jbh12345", "nonce", DONE),
        ("signature=right", "signature", DONE),
        // The validators look into the body.
        ("nonce=jbh12345", "nonce=", (50000, "随机字符串不能为空")),
        ("ip=1.1.1.1", "ip=", (50000, "请传入粉丝的IP地址！")),
        ("ip=nonsense", "", DONE),
    ];
    for (query, changed, (code, message)) in rows {
        let query = query.replace("right", &signature());
        let (name, value) = changed.split_once('=').unwrap_or((changed, "wrong"));
        let mut body = texts(&usual, &[name]);
        if !name.is_empty() {
            body.push((name, value.to_owned()));
        }
        let pairs: Vec<_> = body.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let object: Value = body.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        for (content_type, body) in
            [("application/x-www-form-urlencoded", form(&pairs)), ("application/json", object.to_string())]
        {
            let path = format!("{QRCODE}?{query}");
            let reply = send(sandbox.addr(), "POST", &path, content_type, body.as_bytes()).json();
            assert_eq!(outcome(&reply), (u64::from(code), message, code == 20000), "{query} {changed} {content_type}");
        }
    }
}

#[tokio::test]
async fn of_a_body_that_is_not_read_nothing_counts_and_the_query_does() {
    let sandbox = start().await;
    let usual = call(&[]);
    let all = texts(&usual, &[]);
    let pairs: Vec<_> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let in_query = format!("{QRCODE}?{}", form(&pairs));
    for (method, content_type, body, alone) in [
        ("GET", "application/x-www-form-urlencoded", form(&pairs), SECRET_WRONG),
        ("GET", "multipart/form-data; boundary=cut", multipart(&pairs), SECRET_WRONG),
        ("GET", "application/json", usual.to_string(), DONE),
        ("POST", "application/json", "{".to_owned(), SECRET_WRONG),
        ("POST", "application/json", "[1]".to_owned(), SECRET_WRONG),
        ("POST", "application/json", format!("\u{feff}{usual}"), SECRET_WRONG),
        ("POST", "application/json", format!("{usual},"), SECRET_WRONG),
        ("POST", "text/plain", usual.to_string(), SECRET_WRONG),
        ("POST", "", usual.to_string(), SECRET_WRONG),
    ] {
        for (path, (code, message)) in [(QRCODE, alone), (&in_query, DONE)] {
            let reply = send(sandbox.addr(), method, path, content_type, body.as_bytes());
            assert_eq!(reply.status, 200, "{}", reply.text());
            let reply = reply.json();
            assert_eq!(outcome(&reply), (u64::from(code), message, code == 20000), "{method} {content_type} {body:.9}");
        }
    }
}
