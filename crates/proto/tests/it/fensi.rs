//! Peculiarities of 粉丝万岁's wire.

use std::time::Duration;

use serde_json::json;
use weifen_proto::fensi::{
    CitiesRequest, Expiry, Fen, Push, Qrcode, QrcodeRequest, Reference, Scene, ScenesRequest, Sex,
};
use weifen_proto::{Endpoint, NoAnswer, RefusalKind};

use crate::fixtures::read;
use crate::requests::{documented_qrcode, sent};

fn qrcode(name: &str) -> Option<Qrcode> {
    QrcodeRequest::answer(&read(&format!("fensi/qrcode/{name}.json"))).unwrap()
}

fn push(name: &str) -> Push {
    Push::parse(&read(&format!("fensi/push/{name}"))).unwrap()
}

/// Decodes the documented answer with one field of its data replaced.
fn documented_with(field: &str, value: serde_json::Value) -> Result<Option<Qrcode>, NoAnswer> {
    let mut answer: serde_json::Value = serde_json::from_slice(&read("fensi/qrcode/answer.json")).unwrap();
    answer["data"][field] = value;
    QrcodeRequest::answer(answer.to_string().as_bytes())
}

#[test]
fn the_verification_code_is_not_the_return_code() {
    assert!(qrcode("answer").unwrap().verification_code.is_none());
    let code = |code| documented_with("code", code).unwrap().unwrap().verification_code;
    assert!(code(json!("")).is_none());
    assert_eq!(code(json!("8866")).unwrap().as_str(), "8866");
    assert_eq!(code(json!(8866)).unwrap().as_str(), "8866");
    assert_eq!(code(json!(" 回复 8866\n")).unwrap().as_str(), "回复 8866");
    assert!(code(json!("  ")).is_none());
}

#[test]
fn numbers_may_come_as_strings() {
    let (numbers, strings) = (qrcode("answer").unwrap(), qrcode("answer-numbers-as-strings").unwrap());
    assert_eq!(numbers.bid, strings.bid);
    assert_eq!(numbers.expiry, Some(Expiry::Seconds(120)));
    assert_eq!(strings.expiry.unwrap().duration(), Some(Duration::from_secs(120)));
    let tomorrow = documented_with("expire", json!("明天")).unwrap().unwrap().expiry.unwrap();
    assert_eq!((tomorrow.duration(), tomorrow), (None, Expiry::Other("明天".into())));
    assert_eq!(documented_with("city_code", json!("4")).unwrap().unwrap().city_code.unwrap().0, 4);
    for name in ["answer", "answer-ids-as-strings"] {
        assert!(!ScenesRequest::answer(&read(&format!("fensi/scenes/{name}.json"))).unwrap().is_empty());
        assert!(!CitiesRequest::answer(&read(&format!("fensi/cities/{name}.json"))).unwrap().is_empty());
    }
}

#[test]
fn a_bid_is_whole_fen() {
    assert_eq!(qrcode("answer").unwrap().bid, Fen(3));
    assert_eq!(documented_with("bidding", json!("60")).unwrap().unwrap().bid, Fen(60));
    for odd in
        [json!(0.6), json!("0.6"), json!(-3), json!(1e2), json!(true), json!(null), json!([3]), json!({}), json!("")]
    {
        let error = documented_with("bidding", odd.clone()).unwrap_err().to_string();
        assert!(error.starts_with("at data.bidding: expected "), "{odd}: {error}");
    }
}

#[test]
fn echoes_are_not_checked() {
    let answer = qrcode("answer").unwrap();
    assert_eq!(answer.develop_appid.as_deref(), Some("jbh200163e0488d6"), "the request's is jbh200453e0488d6");
    for echo in ["key", "develop_appid", "nickname", "auth_open_id", "appname", "city_code", "expire", "code"] {
        assert!(documented_with(echo, json!(null)).unwrap().is_some(), "{echo}");
    }
    for needed in ["appid", "bidding", "qrcode_url"] {
        assert!(documented_with(needed, json!(null)).is_err(), "{needed}");
    }
}

#[test]
fn no_match_is_a_value_and_every_other_50000_an_error() {
    assert_eq!(qrcode("answer-no-match"), None);
    let refused = |message: &str| {
        let body = json!({"code": "50000", "data": null, "message": message}).to_string();
        match QrcodeRequest::answer(body.as_bytes()) {
            Err(NoAnswer::Refused(refusal)) => (refusal.kind(), refusal.code(), refusal.message().to_owned()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused("IP地址不正确"), (RefusalKind::IpMalformed, 50000, "IP地址不正确".into()));
    assert_eq!(refused("维护中").0, RefusalKind::Unexplained);
    assert_eq!(refused("").0, RefusalKind::Unexplained);
    let scenes = ScenesRequest::answer(r#"{"code": 50000, "message": "暂无匹配的公众号！"}"#.as_bytes());
    assert!(matches!(scenes, Err(NoAnswer::Refused(refusal)) if refusal.kind() == RefusalKind::NoMatch));
}

#[test]
fn a_refusal_keeps_its_code_whatever_its_message_is() {
    for message in [r#"["no"]"#, r#"{"nickname": ["no"]}"#, "[]", "{}", "false", "true", "null", "1.5"] {
        for code in [50000, 50003, 40004] {
            let body = format!(r#"{{"code": {code}, "data": null, "message": {message}}}"#);
            let Err(NoAnswer::Refused(refusal)) = QrcodeRequest::answer(body.as_bytes()) else {
                panic!("{body} is not refused");
            };
            assert_eq!((refusal.code(), refusal.message()), (code, ""), "{message}");
            assert_eq!(refusal.kind() == RefusalKind::SecretRejected, code == 50003, "{message}");
        }
    }
}

#[test]
fn a_list_may_be_written_as_php_does() {
    let list = |data: &str| {
        let body = format!(r#"{{"code": 20000, "data": {data}, "message": "ok"}}"#);
        let told: Vec<_> = ScenesRequest::DOCUMENTED.drifts(body.as_bytes()).iter().map(ToString::to_string).collect();
        let names = |scenes: Vec<Scene>| scenes.into_iter().map(|scene| scene.name).collect::<Vec<_>>().concat();
        (ScenesRequest::answer(body.as_bytes()).map(names).map_err(|error| error.to_string()), told.join("; "))
    };
    let array = "at data: an object of another type than documented".to_owned();
    assert_eq!(list(r#"{"7": {"id": 1, "name": "a"}, "1": {"id": 2, "name": "b"}}"#), (Ok("ab".into()), array));
    let (_, told) = list(r#"{"1": {"id": "1", "name": "a"}}"#);
    assert!(told.contains("at data[].id: a string of another type than documented"), "{told}");
    for empty in ["{}", "null"] {
        let told = "at data: a documented field is missing".to_owned();
        assert_eq!(list(empty), (Ok(String::new()), told), "{empty}");
    }
    assert_eq!(list("[]"), (Ok(String::new()), String::new()));
    let (is_none, told) = list("[[]]");
    assert_eq!(is_none, Err("at data[0]: missing field `id`".into()));
    assert_eq!(told, "at data[]: an array of another type than documented");
    let keys = "at data: expected an array, or an object whose keys are integers".to_owned();
    for object in [r#"{"id": 1, "name": "a"}"#, r#"{"1": {"id": 1}, "1": {"id": 2}}"#] {
        assert_eq!(list(object).0, Err(keys.clone()), "{object}");
    }
    assert!(list(r#"[[1, "a"]]"#).0.is_err(), "an array of the values is no object");
}

#[test]
fn a_nickname_that_phps_trim_empties_is_refused_and_no_other() {
    let named = |nickname: &str| QrcodeRequest::new("u".parse().unwrap(), nickname, "::1".parse().unwrap());
    for nickname in ["", " ", "\t\n", " \r\0\u{b}"] {
        let error = named(nickname).unwrap_err();
        assert_eq!(error.to_string(), "nickname: must not be empty or blank: the vendor would refuse it");
    }
    for nickname in ["\u{3000}", "\u{85}", "\u{a0}", "\u{200b}", "\u{c}", " 小 "] {
        assert_eq!(sent(&named(nickname).unwrap())["nickname"], nickname);
    }
}

#[test]
fn an_ipv4_address_in_ipv6s_form_is_sent_as_ipv4_and_no_other() {
    for (ip, due) in [
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("::ffff:b70d:bc7d", "183.13.188.125"),
        ("1.2.3.4", "1.2.3.4"),
        ("240e:3b0::1", "240e:3b0::1"),
        ("::1", "::1"),
        ("::1.2.3.4", "::102:304"),
        ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
    ] {
        let request = QrcodeRequest::new("u".parse().unwrap(), "n", ip.parse().unwrap()).unwrap();
        assert_eq!(sent(&request)["ip"], due);
    }
}

#[test]
fn a_state_is_a_text_that_comes_back_as_it_went_out() {
    for state in ["machine 7", "7:追梦 小窝", "\u{3000}"] {
        assert_eq!(sent(&documented_qrcode().state(state).unwrap())["state"], state);
    }
    for state in ["", " ", " 7", "7\n", "7\0", "a\u{1b}[2Jb", "a\r\nb"] {
        assert_eq!(documented_qrcode().state(state).unwrap_err().parameter(), "state", "{state:?}");
    }
}

#[test]
fn state_and_extra_parameters_are_sent_only_when_given() {
    let plain = sent(&documented_qrcode());
    assert!(plain.get("state").is_none());
    let request = documented_qrcode().state("machine-7").unwrap().extra("city", "4").unwrap();
    let given = sent(&request);
    assert_eq!((&given["state"], &given["city"]), (&json!("machine-7"), &json!("4")));
    assert!(request.clone().extra("city", "5").is_err(), "twice");
    assert!(request.extra("signature", "x").is_err(), "the client's own");
}

#[test]
fn sex_is_a_number_or_a_word() {
    for (text, sex) in [("0", Sex::Any), ("male", Sex::Male), ("2", Sex::Female)] {
        assert_eq!(text.parse::<Sex>().unwrap(), sex);
    }
    assert!("3".parse::<Sex>().is_err());
    for (sex, number) in [(Sex::Any, 0), (Sex::Male, 1), (Sex::Female, 2)] {
        assert_eq!(sent(&documented_qrcode().sex(sex))["sex"], number);
    }
}

#[test]
fn a_request_tells_the_key_and_the_state_that_it_names_itself() {
    let request = documented_qrcode().state("machine-7").unwrap();
    assert_eq!(request.own_key(), Some("3e3add4a720c11e9ab2100163e0488d6"));
    assert_eq!(request.own_state(), Some("machine-7"));
    let request = QrcodeRequest::new("u".parse().unwrap(), "n", "::1".parse().unwrap()).unwrap();
    assert_eq!((request.own_key(), request.own_state()), (None, None));
}

#[test]
fn a_match_a_balance_and_a_qrcode_may_be_there_later() {
    for kind in [RefusalKind::NoMatch, RefusalKind::BalanceEmpty, RefusalKind::QrcodeNotMade] {
        assert!(kind.is_temporary(), "{kind:?}");
    }
    for kind in [RefusalKind::SignatureRejected, RefusalKind::NicknameMissing, RefusalKind::Unexplained] {
        assert!(!kind.is_temporary(), "{kind:?}");
    }
}

#[test]
fn the_documented_push_is_read_with_its_trailing_comma() {
    let push = push("push.json");
    assert_eq!((push.bid, push.nickname.as_str(), push.state), (Fen(3), "", None));
    assert_eq!(push.auth_open_id.as_str(), "oevvk1OpIfu26jDsdfdkksfsdtosJnVBVMolwk");
    let odd = br#"{"key":"k","develop_appid":"d","auth_open_id":"u","bidding":1,"appid":"a","nickname":"a,}\",]" , } "#;
    assert_eq!(Push::parse(odd).unwrap().nickname, "a,}\",]", "a text keeps its commas");
    let list = br#"{"key":"k","develop_appid":"d","auth_open_id":"u","bidding":1,"appid":"a","new":[1, null, 2, ],}"#;
    assert_eq!(Push::parse(list).unwrap().bid, Fen(1), "and so does a list, but for the last");
    assert!(Push::parse(br#"{"key":"k",,"develop_appid":"d"}"#).is_err(), "one comma too many is no trailing one");
}

#[test]
fn a_push_carries_neither_proof_nor_time_nor_event_id() {
    let fields = serde_json::to_value(push("push-state.json")).unwrap();
    let mut names: Vec<_> = fields.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let all =
        ["appid", "appname", "auth_open_id", "bidding", "develop_appid", "key", "nickname", "openid", "server_url"];
    let mut expected = all.to_vec();
    expected.push("state");
    assert_eq!(names, expected);
}

#[test]
fn copies_of_a_push_name_the_same_follow() {
    let documented = read("fensi/push/push.json");
    let copy = br#"{"openid":"oleiaYv6i50I7ADTlmIGN4WO-2RGM","bidding":"3","appname":"\u4e03\u5f69\u4e1c\u839e",
        "appid":"wx3cc413efaf3b1922","auth_open_id":"oevvk1OpIfu26jDsdfdkksfsdtosJnVBVMolwk","nickname":null,
        "develop_appid":"jbh200453e0488d6","key":"3e3add4a720c11e9ab2100163e0488d6",
        "server_url":"https://api.fensiwansui.com"}"#;
    assert_eq!(Push::parse(&documented).unwrap(), Push::parse(copy).unwrap());
}

#[test]
fn a_push_without_openid_is_understood() {
    let push = push("push-without-openid.json");
    assert_eq!((push.openid, push.bid), (None, Fen(60)));
    for needed in ["key", "develop_appid", "auth_open_id", "bidding", "appid"] {
        let mut body: serde_json::Value = serde_json::from_slice(&read("fensi/push/push-without-openid.json")).unwrap();
        body.as_object_mut().unwrap().remove(needed);
        let error = Push::parse(body.to_string().as_bytes()).unwrap_err().to_string();
        assert!(error.contains(&format!("missing field `{needed}`")), "{error}");
    }
}

#[test]
fn a_push_may_be_form_encoded() {
    let push = push("push.form");
    assert_eq!((push.bid, push.nickname.as_str(), push.state.as_deref()), (Fen(60), "追梦小窝", Some("machine-7")));
    let twice = Push::from_form("key=a&key=b&develop_appid=d&auth_open_id=u&bidding=1&appid=a").unwrap_err();
    assert!(twice.to_string().contains("duplicate field `key`"), "{twice}");
    assert!(Push::parse(b"").is_err());
    assert!(Push::parse(b"<xml></xml>").is_err());
    assert!(Push::parse(b"\xd0\xd5=\xc3\xfb").is_err());
}

#[test]
fn a_reference_is_a_line_of_200_characters_at_the_most_and_is_not_sent() {
    let read = |text: &str| text.parse::<Reference>();
    let longest = read(&"单".repeat(200)).unwrap();
    let request = documented_qrcode().reference(longest.clone());
    assert_eq!(request.own_reference(), Some(&longest));
    assert_eq!(sent(&request), sent(&documented_qrcode()));
    for odd in ["", " ", "a\nb", &"a".repeat(201)] {
        assert!(read(odd).is_err(), "{odd:?}");
    }
}
