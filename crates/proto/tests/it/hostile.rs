//! Hostile bodies: any bytes decode to an answer or an error.

use proptest::prelude::*;
use weifen_proto::fensi::{Push, QrcodeRequest, ScenesRequest};
use weifen_proto::weiting::{BoundUserRequest, LoginReportRequest, MobileByTicketRequest, OpenidByCodeRequest};
use weifen_proto::{Endpoint, Entry, NoAnswer};

use crate::fixtures::{operations, read};

fn decode_as_everything(body: &[u8]) {
    for Entry { read, .. } in operations() {
        _ = read(body);
    }
    _ = Push::parse(body);
    if let Ok(text) = std::str::from_utf8(body) {
        _ = OpenidByCodeRequest::from_callback(text);
        _ = Push::from_form(text);
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        decode_as_everything(&body);
    }

    #[test]
    fn no_damaged_answer_panics(at in 0_usize..900, byte in any::<u8>()) {
        for name in ["weiting/bound_user/answer.json", "weiting/mobile_by_ticket/refusal-cap.json", "fensi/qrcode/answer.json"] {
            let mut body = read(name);
            let at = at % body.len();
            body[at] = byte;
            decode_as_everything(&body);
            decode_as_everything(&body[..at]);
        }
    }

    #[test]
    fn a_refusal_with_any_message_keeps_it(code in any::<i32>(), message in ".*") {
        prop_assume!(code != 20000 && (code != 50000 || message.trim() != "暂无匹配的公众号！"));
        let body = serde_json::json!({"code": code, "message": message}).to_string();
        let error = ScenesRequest::answer(body.as_bytes()).unwrap_err();
        let NoAnswer::Refused(refusal) = error else { panic!("{error}") };
        prop_assert_eq!(refusal.code(), i64::from(code));
        prop_assert_eq!(refusal.message(), message);
    }
}

#[test]
fn deep_nesting_is_an_error() {
    let body = [b"{\"data\":".as_slice(), &b"[".repeat(100_000), &b"]".repeat(100_000), b"}"].concat();
    decode_as_everything(&body);
    assert!(ScenesRequest::answer(&body).is_err());
}

#[test]
fn duplicate_keys_are_refused_where_they_decide() {
    let body = br#"{"code": 20000, "code": 50004, "data": [], "message": "ok"}"#;
    assert!(matches!(ScenesRequest::answer(body), Err(NoAnswer::Undecodable(_))));
    let body = br#"{"status": 200, "status": 0, "openid": "o"}"#;
    assert!(matches!(OpenidByCodeRequest::answer(body), Err(NoAnswer::Undecodable(_))));
}

#[test]
fn an_array_of_the_values_is_no_object() {
    assert!(matches!(LoginReportRequest::answer(b"[200]"), Err(NoAnswer::Undecodable(_))));
    assert!(matches!(LoginReportRequest::answer(b"[0]"), Err(NoAnswer::Undecodable(_))));
    assert!(matches!(ScenesRequest::answer(br#"[20000, [{"id": 1, "name": "x"}]]"#), Err(NoAnswer::Undecodable(_))));
    let error = MobileByTicketRequest::answer(br#"{"errcode": 0, "data": ["17717463317"]}"#).unwrap_err();
    assert_eq!(error.to_string(), "at data: expected an object");
    assert!(Push::parse(br#"["s", "k", "d", "u", 3, "wx", "n", "o", "nick", "st"]"#).is_err());
}

#[test]
fn gbk_is_said_to_be_gbk_and_not_read() {
    // {"code":20000,"message":"成功","data":[]} in GBK.
    let body = b"{\"code\":20000,\"message\":\"\xb3\xc9\xb9\xa6\",\"data\":[]}";
    let told = ScenesRequest::answer(body).unwrap_err().to_string();
    assert_eq!(told, "the body is not UTF-8; it looks like GBK");
    let page = b"<html><title>\xb3\xc9\xb9\xa6\xb3";
    assert_eq!(ScenesRequest::answer(page).unwrap_err().to_string(), told);
    // A last character that was cut, and one of four bytes, are GBK as well.
    for message in
        [b"\xb3\xc9\xb9\xa6\xb3".as_slice(), b"\xb3\xc9\x94\x39\xfc\x36", b"\xe4\xbd\xb0\xa1\xb3\xc9\xb9\xa6"]
    {
        let form = [b"key=k&develop_appid=d&auth_open_id=u&bidding=3&appid=wx&nickname=", message].concat();
        assert_eq!(Push::parse(&form).unwrap_err().to_string(), told);
    }
}

#[test]
fn a_push_in_gbk_is_not_read_as_something_else() {
    let form = "key=k&develop_appid=d&auth_open_id=u&bidding=3&appid=wx&nickname=%B3%C9%B9%A6";
    assert_eq!(Push::parse(form.as_bytes()).unwrap_err().to_string(), "the body is not UTF-8; it looks like GBK");
    let json = b"{\"key\":\"k\",\"develop_appid\":\"d\",\"auth_open_id\":\"u\",\"bidding\":3,\"appid\":\"wx\",\"nickname\":\"\xb3\xc9\xb9\xa6\",}";
    assert_eq!(Push::parse(json).unwrap_err().to_string(), "the body is not UTF-8; it looks like GBK");
    assert!(Push::parse(form.replace("%B3%C9%B9%A6", "%E6%88%90%E5%8A%9F").as_bytes()).is_ok());
}

#[test]
fn every_field_that_is_read_stands_once() {
    for (name, field) in [("data", "data"), ("data.bidding", "bidding"), ("data.nickname", "nickname")] {
        let body = String::from_utf8(read("fensi/qrcode/answer.json")).unwrap();
        let body = body.replacen(&format!("\"{field}\":"), &format!("\"{field}\": {{}}, \"{field}\":"), 1);
        let told = QrcodeRequest::answer(body.as_bytes()).unwrap_err().to_string();
        assert!(told.starts_with("at "), "{name}: {told}");
    }
    let twice = br#"{"status": 200, "openid": "a", "openid": "b"}"#;
    assert_eq!(OpenidByCodeRequest::answer(twice).unwrap_err().to_string(), "at .: duplicate field `openid`");
    // A field that nothing reads may be repeated.
    assert!(OpenidByCodeRequest::answer(br#"{"status": 200, "openid": "a", "info": 0, "info": 1}"#).is_ok());
}

#[test]
fn a_list_without_end_is_an_error() {
    let list = |length: usize| {
        format!("{{\"flag\":0,\"result\":{{\"openid\":\"o\",\"accounts\":[{}]}}}}", vec!["{}"; length].join(","))
    };
    assert!(BoundUserRequest::answer(list(10_000).as_bytes()).is_ok());
    let told = BoundUserRequest::answer(list(10_001).as_bytes()).unwrap_err().to_string();
    assert_eq!(told, "at result.accounts: expected an array of at most 10000 values");
}
