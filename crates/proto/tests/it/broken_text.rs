//! Broken text in every field of every answer and of a push: a field that decides refuses it, any other field is read
//! with U+FFFD, and the drift is reported.

use proptest::prelude::*;
use serde_json::{Value, json};
use weifen_proto::fensi::Push;
use weifen_proto::weiting::{
    AuthorizeUrlRequest, BoundUserRequest, MobileByTicketRequest, OrderReportRequest, PrizeNoticeRequest,
};
use weifen_proto::{DriftKind, Endpoint, NoAnswer, Shape, Undecodable, Vendor};

use crate::drift::{answer, fields};
use crate::fixtures::read;
use crate::fixtures::{folder_of, operations};

/// Bytes between a string's quotation marks, and the text read from them.
const BROKEN: [(&[u8], &str); 19] = [
    (br"a\ud83d", "a\u{fffd}"),
    (br"\ude00a", "\u{fffd}a"),
    (br"\ud83da", "\u{fffd}a"),
    (br"\uD83D\u0061", "\u{fffd}a"),
    (br"\ud83d\ud83d\ude00", "\u{fffd}\u{1f600}"),
    (br"\ud83d\\", "\u{fffd}\\"),
    (b"a\nb", "a\u{fffd}b"),
    (b"a\tb\0", "a\u{fffd}b\u{fffd}"),
    (b"\x1f", "\u{fffd}"),
    (b"\xe8\xbf\xbd\xe6\xa2", "追\u{fffd}"),
    (b"\xe6\xa2", "\u{fffd}"),
    (b"a\xf0\x9f\x98b", "a\u{fffd}b"),
    (b"\xff\xc0", "\u{fffd}\u{fffd}"),
    (b"\xed\xa0\xbd", "\u{fffd}\u{fffd}\u{fffd}"),
    (b"\xed\xa0\xbd\xed\xb8\x80", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
    (br"a\u8ff", "a\u{fffd}u8ff"),
    (br"\x41\'", "\u{fffd}x41\u{fffd}'"),
    (b"\\\n\\\xff", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
    (b"\xef\xbf\xbd", "\u{fffd}"),
];

/// Values that are no text, for fields of text.
fn odd_values() -> [Value; 6] {
    [json!(false), json!(true), json!([]), json!({}), json!(1.5), json!(["x", null])]
}

/// Fields of answers that identify or decide.
const DECISIVE: [&str; 17] = [
    "status",
    "errcode",
    "flag",
    "code",
    "data",
    "result",
    "redirect",
    "openid",
    "result.openid",
    "result.accounts",
    "result.accounts[].deviceno",
    "data.mobile",
    "data.bidding",
    "data.appid",
    "data.code",
    "data.qrcode_url",
    "data[].id",
];
/// Fields of a QR code that repeat the request's identifiers.
const REPEATED: [&str; 3] = ["data.key", "data.develop_appid", "data.auth_open_id"];

/// Returns true for a field that decides. The message of a successful report decides nothing.
fn decides(operation: &str, path: &str) -> bool {
    let is_word = match operation {
        "weiting/prize_notice" => path == "result",
        "weiting/login_report" => path == "data",
        _ => false,
    };
    !is_word && (DECISIVE.contains(&path) || REPEATED.contains(&path))
}

/// Returns the document with these bytes as the text at `pointer`.
fn with_text(document: &Value, pointer: &str, text: &[u8]) -> Vec<u8> {
    let mut document = document.clone();
    *document.pointer_mut(pointer).unwrap() = json!("@here@");
    put(&document.to_string(), text)
}

fn put(document: &str, text: &[u8]) -> Vec<u8> {
    let (before, after) = document.split_once("@here@").unwrap();
    [before.as_bytes(), text, after.as_bytes()].concat()
}

fn is_told(drifts: &[weifen_proto::Drift], path: &str) -> bool {
    drifts.iter().any(|drift| drift.path == path && drift.kind == DriftKind::BrokenText)
}

#[test]
fn a_broken_text_of_an_answer_fails_it_only_where_it_decides() {
    let (mut refused, mut taken) = (0, 0);
    for entry in operations() {
        let documented = answer(entry);
        for (pointer, path, field) in fields(entry.shape, "", "") {
            if documented.pointer(&pointer).is_none() {
                continue;
            }
            for (text, seen) in BROKEN {
                let body = with_text(&documented, &pointer, text);
                let outcome = (entry.read)(&body);
                if decides(&folder_of(entry.operation), &path) {
                    let Err(NoAnswer::Undecodable(fault)) = outcome else { panic!("{path}, {seen}: {outcome:?}") };
                    let place = path.replace("[]", "[0]");
                    assert!(fault.to_string().starts_with(&format!("at {place}: expected ")), "{path}: {fault}");
                    refused += 1;
                    continue;
                }
                let answer = outcome.unwrap_or_else(|fault| panic!("{path}, {seen}: {fault}"));
                let kept = pointer.strip_prefix("/result/").or_else(|| pointer.strip_prefix("/data/"));
                if let (Some(kept), Shape::Text | Shape::TextOrInteger) = (kept, field.shape()) {
                    assert_eq!(answer.pointer(&format!("/{kept}")), Some(&json!(seen)), "{path}");
                }
                assert!(is_told(&entry.shape.drifts(&body), &path), "{path}");
                taken += 1;
            }
        }
    }
    assert!(refused > 300 && taken > 300, "{refused} refused, {taken} taken");
}

#[test]
fn an_odd_value_where_nothing_is_decided_counts_as_absent() {
    for entry in operations() {
        let documented = answer(entry);
        for (pointer, path, field) in fields(entry.shape, "", "") {
            if documented.pointer(&pointer).is_none() || decides(&folder_of(entry.operation), &path) {
                continue;
            }
            for odd in odd_values() {
                let (mut body, mut without) = (documented.clone(), documented.clone());
                *body.pointer_mut(&pointer).unwrap() = odd.clone();
                *without.pointer_mut(&pointer).unwrap() = Value::Null;
                let [body, without] = [body, without].map(|body| body.to_string());
                assert_eq!((entry.read)(body.as_bytes()), (entry.read)(without.as_bytes()), "{path}: {odd}");
                let drifts = entry.shape.drifts(body.as_bytes());
                assert!(
                    matches!(field.shape(), Shape::Any) || drifts.iter().any(|drift| drift.path == path),
                    "{path}: {odd}"
                );
            }
        }
    }
}

#[test]
fn broken_names_and_unused_texts_change_no_answer() {
    for entry in operations() {
        let documented = answer(entry).to_string();
        let expected = (entry.read)(documented.as_bytes());
        for (text, _) in BROKEN {
            for unused in [r#""@here@":1"#, r#""x":"@here@""#, r#""x":{"@here@":["@here@"]}"#] {
                let body = documented.replacen('{', &format!("{{{},", unused.replacen("@here@", "@x@", 1)), 1);
                let body = put(&body.replace("@here@", "y").replace("@x@", "@here@"), text);
                assert_eq!((entry.read)(&body), expected, "{}: {unused}", entry.operation);
            }
        }
    }
}

#[test]
fn a_refusal_with_broken_words_keeps_its_code_and_them() {
    for entry in operations() {
        for (text, seen) in BROKEN {
            let no = r#"{"code":50009,"message":"@words@","status":7,"errcode":9,"flag":9,"errMsg":"@words@","x":"@words@"}"#;
            let words = if entry.operation.vendor == Vendor::Fensi { "message" } else { "errMsg" };
            let field = |name: &str| format!(r#""{name}":"@words@""#);
            let body = no.replacen(&field(words), &format!(r#""{words}":"@here@""#), 1).replace("@words@", "no");
            let Err(NoAnswer::Refused(refusal)) = (entry.read)(&put(&body, text)) else {
                panic!("{} is not refused", entry.operation);
            };
            assert_eq!(refusal.message(), seen, "{}", entry.operation);
            assert!([50009, 9].contains(&refusal.code()), "{}", entry.operation);
        }
    }
    let cap = br#"{"errcode":1,"data":"x","msg":{"CAPRoot":{"SessionHeader":[{"TransactionID":["3\ud83d"]}]}}}"#;
    let Err(NoAnswer::Refused(refusal)) = MobileByTicketRequest::answer(cap) else { panic!("not refused") };
    assert_eq!(refusal.cap().unwrap().transaction_id, "3\u{fffd}");
}

#[test]
fn what_was_done_is_known_to_be_done_beside_broken_text() {
    assert_eq!(PrizeNoticeRequest::answer(b"{\"status\":200,\"result\":\"\xe5\x8f\x91\xe9\x80\n\"}"), Ok(()));
    let number =
        OrderReportRequest::answer(b"{\"status\":200,\"data\":\"20161014084034001\",\"info\":\"\x01\"}").unwrap();
    assert_eq!(number.as_str(), "20161014084034001");
    assert!(OrderReportRequest::answer(b"{\"status\":200,\"data\":\"2016\x011014\"}").is_err(), "no number is made up");
    assert!(AuthorizeUrlRequest::answer(br#"{"status":200,"redirect":"https://a/?state=\ud83d"}"#).is_err());
}

#[test]
fn a_name_that_was_broken_is_not_one_that_decides() {
    for body in [&br#"{"flag\ud83d":0,"result":{"openid":"o"}}"#[..], b"{\"flag\":0,\"result\":{\"open\x01id\":\"o\"}}"]
    {
        assert!(matches!(BoundUserRequest::answer(body), Err(NoAnswer::Undecodable(_))));
    }
    let twice = br#"{"flag":0,"flag":0,"x":"\ud83d","result":{"openid":"o"}}"#;
    assert_eq!(BoundUserRequest::answer(twice).unwrap_err().to_string(), "at .: duplicate field `flag`");
}

#[test]
fn what_is_broken_elsewhere_is_no_answer_as_before() {
    let fault = |body: &[u8]| match PrizeNoticeRequest::answer(body) {
        Err(NoAnswer::Undecodable(fault)) => fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(b"{\"x\":\"\x01\",\n\"status\":200"), Undecodable::NotJson { line: 1, column: 6 });
    assert_eq!(fault(b"{\"status\":\x01200}"), Undecodable::NotJson { line: 1, column: 11 });
    assert_eq!(fault(b"{\"status\":200}\xff"), Undecodable::NotUtf8 { looks_like_gbk: false });
    assert_eq!(fault(b"{\"status\":200,\"result\":\"\xff"), Undecodable::NotUtf8 { looks_like_gbk: false });
    assert_eq!(fault(b"<p>\xff"), Undecodable::Html);
    let utf16 = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "{\"status\":200,\"result\":\"好\"}".encode_utf16().flat_map(unit).collect()
    };
    for body in
        [utf16(u16::to_be_bytes), utf16(u16::to_le_bytes), [b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat()]
    {
        assert!(matches!(fault(&body), Undecodable::NotUtf8 { .. } | Undecodable::NotJson { .. }));
        assert!(Push::parse(&body).is_err(), "{body:?}");
    }
    assert_eq!(Push::parse(b"\xff\xfe{\0"), Err(Undecodable::NotUtf8 { looks_like_gbk: false }));
    assert_eq!(Push::parse(b"ok"), Err(Undecodable::NeitherJsonNorForm));
}

#[test]
fn gbk_is_told_from_utf_8_that_was_cut() {
    let is_gbk = |text: &[u8]| match PrizeNoticeRequest::answer(&put(r#"{"status":200,"result":"@here@"}"#, text)) {
        Ok(()) => false,
        Err(NoAnswer::Undecodable(Undecodable::NotUtf8 { looks_like_gbk })) => looks_like_gbk,
        other => panic!("{other:?}"),
    };
    assert!(is_gbk(b"\xb7\xa2\xcb\xcd\xb3\xc9\xb9\xa6"), "发送成功");
    assert!(is_gbk(b"ok \xd0\xd5\xc3\xfb ok"), "姓名 amid ASCII");
    assert!(is_gbk(b"\xa4\xa4\xa4\xe5"), "Big5");
    assert!(is_gbk(b"\xe4\xbd\xb0\xa1\xb3\xc9\xb9\xa6"), "by chance, three bytes of it are a character of UTF-8");
    assert!(is_gbk(b"\xd7\xb7\xc3\xce\x94\x39\xfc\x36"), "追梦 and a smile, in GB18030");
    assert!(!is_gbk(b"\xe8\xbf\xbd\xe6\xa2\xa6\xe5\xb0"), "追梦小, cut");
    assert!(!is_gbk(b"\xe8\xbf\xbd\xe6\xe6\xa2\xa6\xe6"), "追梦, and twice the first byte of a character");
    assert!(!is_gbk(b"\xe5\xb0") && !is_gbk(b"\xf0\x9f\x98") && !is_gbk(b"\xf0\x9f"), "a character, cut");
    assert!(!is_gbk(b"a\xf0\x9f\x98b"), "a character, cut, and a letter that makes another of GBK");
    assert!(!is_gbk(b"\xed\xa0\xbd\xed\xb8\x80"), "a smile in CESU-8");
    assert!(!is_gbk(b"caf\xe9"), "Latin-1");
    assert!(!is_gbk(b"\xe4\xcc\xef\xbf\xbdC\xe4\xcc"), "what was repaired before, and is cut");
}

/// Returns a push with a marker in the field of this name.
fn push_with(name: &str) -> String {
    let mut push: Value = serde_json::from_slice(&read("fensi/push/push-without-openid.json")).unwrap();
    push[name] = json!("@here@");
    push.to_string()
}

/// Fields of a push that are accepted with any value.
const FREE: [&str; 4] = ["server_url", "appname", "openid", "nickname"];
const STRICT: [&str; 6] = ["key", "develop_appid", "appid", "auth_open_id", "state", "bidding"];

fn form(push: &str, percent_encoded: impl Fn(&[u8]) -> String) -> String {
    let push: Value = serde_json::from_str(push).unwrap();
    let pairs = push.as_object().unwrap().iter().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{name}={}", percent_encoded(value.as_bytes()))
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn escaped(bytes: &[u8]) -> String {
    percent_encoding::percent_encode(bytes, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[test]
fn a_broken_text_of_a_push_fails_it_only_where_it_identifies() {
    let field = |push: &Push, name: &str| serde_json::to_value(push).unwrap()[name].clone();
    for (text, seen) in BROKEN {
        for name in FREE {
            for body in [push_with(name), push_with(name).replace('}', ",}")] {
                let body = put(&body, text);
                let push = Push::parse(&body).unwrap_or_else(|fault| panic!("{name}, {seen}: {fault}"));
                assert_eq!(field(&push, name), seen, "{name}");
                assert!(is_told(&Push::drifts(&body), name), "{name}, {seen}");
                assert_eq!(Push::parse(String::from_utf8_lossy(&body).as_bytes()), Ok(push), "{name}, as it is stored");
            }
        }
        for name in STRICT {
            let told = Push::parse(&put(&push_with(name), text)).unwrap_err().to_string();
            assert!(told.starts_with(&format!("at {name}: expected ")), "{name}, {seen}: {told}");
        }
    }
}

#[test]
fn a_broken_text_of_a_form_fails_it_only_where_it_identifies() {
    for (text, seen) in
        [(&b"\xe8\xbf\xbd\xe6\xa2"[..], "追\u{fffd}"), (b"\xf0\x9f\x98", "\u{fffd}"), (b"a\xff", "a\u{fffd}")]
    {
        for name in FREE {
            let form = form(&push_with(name), escaped);
            let [before, after] = form.split(&escaped(b"@here@")).collect::<Vec<_>>().try_into().unwrap();
            for value in [text.to_vec(), escaped(text).into_bytes()] {
                let body = [before.as_bytes(), &value, after.as_bytes()].concat();
                let push = Push::parse(&body).unwrap_or_else(|fault| panic!("{name}, {seen}: {fault}"));
                assert_eq!(serde_json::to_value(&push).unwrap()[name], seen, "{name}");
                assert!(is_told(&Push::drifts(&body), name), "{name}");
                assert_eq!(Push::parse(String::from_utf8_lossy(&body).as_bytes()), Ok(push), "{name}, as it is stored");
            }
        }
        for name in STRICT {
            let body = form(&push_with(name), escaped).replace(&escaped(b"@here@"), &escaped(text));
            let told = Push::parse(body.as_bytes()).unwrap_err().to_string();
            assert!(told.contains("expected "), "{name}: {told}");
        }
    }
}

#[test]
fn an_odd_value_of_a_push_counts_as_absent_only_where_nothing_is_identified() {
    for odd in odd_values() {
        let body = |name: &str| push_with(name).replace("\"@here@\"", &odd.to_string());
        for name in FREE {
            let push = Push::parse(body(name).as_bytes()).unwrap_or_else(|fault| panic!("{name}, {odd}: {fault}"));
            let without = push_with(name).replace("\"@here@\"", "null");
            assert_eq!(Ok(push), Push::parse(without.as_bytes()), "{name}: {odd}");
            let drifts = Push::drifts(body(name).as_bytes());
            assert!(drifts.iter().any(|drift| drift.path == name), "{name}: {odd}: {drifts:?}");
        }
        for name in STRICT {
            let told = Push::parse(body(name).as_bytes()).unwrap_err().to_string();
            assert!(told.starts_with(&format!("at {name}: expected ")), "{name}, {odd}: {told}");
        }
    }
    assert_eq!(Push::parse(push_with("openid").replace("\"@here@\"", "7").as_bytes()).unwrap().openid.unwrap(), "7");
}

/// Returns the text that is read from bytes between quotation marks.
fn seen(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().map(|c| if c < ' ' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

proptest! {
    #[test]
    fn any_bytes_are_a_nickname_or_gbk(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
        let (json, gbk) = (push_with("nickname"), Err(Undecodable::NotUtf8 { looks_like_gbk: true }));
        let text: Vec<_> = bytes.iter().copied().filter(|byte| !b"\"\\".contains(byte)).collect();
        let body = put(&json, &text);
        match Push::parse(&body) {
            Ok(push) => {
                prop_assert_eq!(&push.nickname, &seen(&text));
                prop_assert_eq!(Push::parse(String::from_utf8_lossy(&body).as_bytes()), Ok(push));
            }
            fault => prop_assert_eq!(fault, gbk.clone()),
        }
        let body = form(&json, escaped).replace(&escaped(b"@here@"), &escaped(&bytes));
        match Push::parse(body.as_bytes()) {
            Ok(push) => prop_assert_eq!(push.nickname, String::from_utf8_lossy(&bytes)),
            fault => prop_assert_eq!(fault, gbk),
        }
    }

    #[test]
    fn a_push_that_is_read_is_read_the_same_when_it_is_stored(
        text in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'\\'), Just(b'%'), Just(b'"'), b'a'..b'g', Just(b'u')], 0..12),
        at in 0..FREE.len()
    ) {
        let json = push_with(FREE[at]);
        let as_form = put(&form(&json, |bytes| String::from_utf8_lossy(bytes).into_owned()), &text);
        for body in [put(&json, &text), as_form] {
            if let Ok(push) = Push::parse(&body) {
                prop_assert_eq!(Push::parse(String::from_utf8_lossy(&body).as_bytes()), Ok(push));
            }
        }
    }
}
