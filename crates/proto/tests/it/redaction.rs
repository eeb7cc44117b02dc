//! Values that are never printed.

use std::fmt::Debug;

use secrecy::SecretString;
use weifen_proto::fensi::{Expiry, Push, QrcodeRequest};
use weifen_proto::weiting::{
    AccessTokenRequest, AuthorizeUrlRequest, BoundUserRequest, LoginReportRequest, MobileByTicketRequest, NoticeTexts,
    OpenidByCodeRequest, OrderReportRequest, PrizeNoticeRequest,
};
use weifen_proto::{Endpoint, Parameters, Refusal, RefusalKind, Undecodable};

use crate::fixtures::read;
use crate::requests::{device, documented_qrcode, openid};

const CANARY: &str = "canary";

fn prints_no_canary(value: &dyn Debug) {
    for printed in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!printed.contains(CANARY), "{printed}");
    }
}

/// Checks that the output begins with `name`, omits fields and holds no canary.
fn is_printed_without_canary(value: &dyn Debug, name: &str) {
    prints_no_canary(value);
    let printed = format!("{value:?}");
    assert!(printed.starts_with(name) && printed.contains(".."), "{printed}");
}

#[test]
fn free_texts_are_redacted_whole() {
    let [first, activity, prize, remark, url] = [CANARY; 5].map(str::to_owned);
    let texts = NoticeTexts { first, activity, prize, remark, url };
    is_printed_without_canary(&texts, "NoticeTexts");
    is_printed_without_canary(&PrizeNoticeRequest::new(openid(), texts), "PrizeNoticeRequest");
    is_printed_without_canary(&OrderReportRequest::new(openid(), device(), CANARY).unwrap(), "OrderReportRequest");
    let login = LoginReportRequest::new(openid(), device()).operators(CANARY).qcellcore(CANARY);
    is_printed_without_canary(&login, "LoginReportRequest");
    let qrcode = documented_qrcode().state(CANARY).unwrap().extra("city", CANARY).unwrap();
    is_printed_without_canary(&qrcode, "QrcodeRequest");
}

#[test]
fn of_parameters_only_the_names_are_printed() {
    let parameters = Parameters::new()
        .text("openid", CANARY)
        .integer("number", 13_800_138_000)
        .optional_integer("channel", None)
        .text_or_configured("key", None::<&str>);
    assert_eq!(format!("{parameters:?}"), r#"["openid", "number", "channel", "key"]"#);
    let each: Vec<_> = parameters.iter().map(|parameter| format!("{parameter:?} {:?}", parameter.value)).collect();
    assert_eq!(
        each,
        [
            r#"Parameter { name: "openid", .. } Text([redacted])"#,
            r#"Parameter { name: "number", .. } Integer([redacted])"#,
            r#"Parameter { name: "channel", .. } Absent"#,
            r#"Parameter { name: "key", .. } Configured"#,
        ]
    );
}

#[test]
fn credentials_codes_and_tickets_are_redacted() {
    let request = AccessTokenRequest::new("appid", SecretString::from(CANARY));
    prints_no_canary(&request);
    prints_no_canary(&request.parameters());
    let token = AccessTokenRequest::answer(br#"{"data": "canary", "status": 200}"#).unwrap();
    prints_no_canary(&token);
    prints_no_canary(&OpenidByCodeRequest::new(CANARY.parse().unwrap()));
    prints_no_canary(&MobileByTicketRequest::new(CANARY.parse().unwrap()));
    is_printed_without_canary(
        &AuthorizeUrlRequest::new("https://shop.example/?canary").unwrap(),
        "AuthorizeUrlRequest",
    );
    let redirect =
        AuthorizeUrlRequest::answer(br#"{"status": 200, "redirect": "https://wx.example/?canary"}"#).unwrap();
    is_printed_without_canary(&redirect, "Redirect");
}

#[test]
fn numbers_and_names_of_users_are_redacted() {
    let user = String::from_utf8(read("weiting/bound_user/answer.json")).unwrap();
    let user = user.replace("18964524000", CANARY).replace("\"xx\"", "\"canary\"");
    let user = BoundUserRequest::answer(user.as_bytes()).unwrap();
    is_printed_without_canary(&user, "BoundUser");
    is_printed_without_canary(user.accounts().next().unwrap(), "Account");
    let qrcode = String::from_utf8(read("fensi/qrcode/answer.json")).unwrap();
    let qrcode = qrcode.replace("追梦小窝", CANARY).replace("\"code\": null", "\"code\": \"canary\"");
    let qrcode = qrcode.replace("\"expire\": 120", "\"expire\": \"canary\"");
    assert_eq!(qrcode.matches(CANARY).count(), 3);
    is_printed_without_canary(&QrcodeRequest::answer(qrcode.as_bytes()).unwrap().unwrap(), "Qrcode");
    let push = String::from_utf8(read("fensi/push/push-state.json")).unwrap();
    let push = push.replace("追梦小窝", CANARY).replace("machine-7", CANARY);
    is_printed_without_canary(&Push::parse(push.as_bytes()).unwrap(), "Push");
    assert!(!format!("{:?}", device()).contains("18964524000"));
}

#[test]
fn of_an_expiry_seconds_are_printed_and_no_words() {
    assert_eq!(format!("{:?}", Expiry::Seconds(120)), "Seconds(120)");
    assert_eq!(format!("{:?}", Expiry::Other(CANARY.into())), "Other([redacted])");
}

#[test]
fn a_fault_repeats_no_byte_of_the_answer() {
    for body in [
        r#"{"status": "canary", "openid": "o"}"#,
        r#"{"status": 200, "openid": {"canary": "canary"}}"#,
        r#"{"status": 200, "openid": "canary, expected canary"#,
        r#"{"status": 200, "openid": "can ary canary"}"#,
    ] {
        let error: Undecodable = match OpenidByCodeRequest::answer(body.as_bytes()) {
            Err(weifen_proto::NoAnswer::Undecodable(error)) => error,
            other => panic!("{other:?}"),
        };
        prints_no_canary(&error);
        assert!(!error.to_string().contains(CANARY), "{error}");
    }
}

#[test]
fn a_refusal_shows_no_mobile_number_and_nothing_that_is_to_be_hidden() {
    let body = r#"{"status": 0, "data": "号码13800138000(+8613900139000)不存在, token canary-1/canary, 订单20161014408467888"}"#;
    let Err(weifen_proto::NoAnswer::Refused(refusal)) = OrderReportRequest::answer(body.as_bytes()) else { panic!() };
    assert!(refusal.message().contains("13800138000"));
    let refusal = refusal.hiding(vec!["canary".into(), "canary-1".into(), String::new()]);
    for shown in [format!("{refusal:?}"), refusal.to_string(), refusal.printable_message()] {
        assert!(shown.contains("号码[number](+[number])不存在, token [sent]/[sent], 订单20161014408467888"), "{shown}");
    }
}

#[test]
fn what_is_hidden_is_known_in_every_percent_encoding() {
    let hidden = " a/Z";
    for repeated in [" a/Z", "+a/Z", "+a%2fZ", "%20a%2FZ", "%20%61%2f%5A", "%20%61/%5a"] {
        let refusal =
            Refusal::new(&OrderReportRequest::OPERATION, RefusalKind::Unexplained, 1, format!("so:{repeated}+%"));
        assert_eq!(refusal.hiding(vec![hidden.into()]).printable_message(), "so:[sent]+%", "{repeated}");
    }
    for other in ["a/Z", " a%2eZ", " b/Z", " a/z", "%2", "%21a/Z", "+a+Z"] {
        let refusal = Refusal::new(&OrderReportRequest::OPERATION, RefusalKind::Unexplained, 1, other);
        assert_eq!(refusal.hiding(vec![hidden.into()]).printable_message(), other);
    }
}

#[test]
fn what_stands_behind_a_refusal_is_shown_like_it() {
    let body = String::from_utf8(read("weiting/mobile_by_ticket/refusal-cap.json")).unwrap();
    let body = body.replace("根据ticket查询", "根据canary查询13800138000");
    let Err(weifen_proto::NoAnswer::Refused(refusal)) = MobileByTicketRequest::answer(body.as_bytes()) else {
        panic!()
    };
    assert!(refusal.cap().unwrap().description.contains("13800138000"));
    let cap = refusal.cap().unwrap();
    for shown in [format!("{cap:?}"), cap.to_string()] {
        assert!(shown.contains("canary查询[number]"), "{shown}");
    }
    let refusal = refusal.hiding(vec![CANARY.into()]);
    for shown in [format!("{refusal:?}"), refusal.to_string()] {
        assert!(shown.contains("[sent]查询[number]") && !shown.contains(CANARY), "{shown}");
    }
}

#[test]
fn a_token_under_a_code_that_is_no_answers_is_not_shown() {
    let body = br#"{"status": 201, "data": "=jLdmlnLUyr-BzKfriqsMEr3X9=rRjrtSln9ryLcH"}"#;
    let Err(weifen_proto::NoAnswer::Refused(refusal)) = AccessTokenRequest::answer(body) else { panic!() };
    assert_eq!(refusal.to_string(), "refused with code 201: [sent]");
    let Err(refusal) = AccessTokenRequest::answer(br#"{"status": 0, "data": "no such application"}"#) else { panic!() };
    assert_eq!(refusal.to_string(), "refused with code 0: no such application");
}

#[test]
fn of_words_without_end_the_begin_is_shown() {
    let words = "长".repeat(100_000);
    let body = format!(r#"{{"status": 0, "data": "{words}"}}"#);
    let Err(weifen_proto::NoAnswer::Refused(refusal)) = OrderReportRequest::answer(body.as_bytes()) else { panic!() };
    assert_eq!(refusal.message().chars().count(), 100_000);
    let shown = refusal.printable_message();
    assert!(shown.chars().count() == 1001 && shown.ends_with("长…"), "{shown}");
}

/// It would take hours if each byte of the text were compared with all of the hidden one.
#[test]
fn neither_the_words_nor_what_is_hidden_makes_showing_slow() {
    let (long, other) = ("a".repeat(1 << 20), "ab".repeat(1 << 19));
    let runs: Vec<_> = (0..200).map(|n| format!("{}{n:04}", "a".repeat(28))).collect();
    for (words, hidden, shown) in [
        (&long, vec![long.clone()], "[sent]…".to_owned()),
        (&long, vec![format!("{long}b")], "[sent]…".to_owned()),
        (&long, vec![format!("{}b", "a".repeat(15))], "[sent]…".to_owned()),
        (&long, vec![format!("{}{}", "a".repeat(15), "b".repeat(17))], format!("{}…", "a".repeat(1000))),
        (&long, runs, "[sent]…".to_owned()),
        (&other, vec!["ab".repeat(7) + &"c".repeat(20)], format!("{}…", "ab".repeat(500))),
        (&"1".repeat(1 << 20), vec!["2".into()], format!("{}…", "1".repeat(1000))),
    ] {
        let refusal = Refusal::new(&OrderReportRequest::OPERATION, RefusalKind::Unexplained, 1, words);
        assert_eq!(refusal.hiding(hidden).printable_message(), shown);
    }
}

#[test]
fn what_is_repeated_and_cut_short_is_hidden_as_far_as_it_goes() {
    let long = "0123456789abcdef0123456789ABCDEF-and-more-and-more-and-more-and-more";
    let signature = "9f86d081884c7d659a2feaa0c55ad015";
    for (hidden, words, shown) in [
        (long, &long[..32], "[sent]"),
        (long, &long[..36], "[sent]"),
        (long, "0123456789abcdef0123456789ABCDEF%2dand...", "[sent]..."),
        (long, &long[..31], &long[..31]),
        (signature, &signature[..31], "[sent]"),
        (signature, &signature[..16], "[sent]"),
        (signature, &signature[..15], &signature[..15]),
        ("canary-token", "canary-tok", "[sent]"),
        ("canary-token", "canary-to", "canary-to"),
        ("canary", "canar", "canar"),
    ] {
        let refusal = Refusal::new(&OrderReportRequest::OPERATION, RefusalKind::Unexplained, 1, words);
        assert_eq!(refusal.hiding(vec![hidden.into()]).printable_message(), shown);
    }
    // The range ends within a character: nothing of it is shown.
    let refusal = Refusal::new(&OrderReportRequest::OPERATION, RefusalKind::Unexplained, 1, "一".repeat(11) + "丁!");
    assert_eq!(refusal.hiding(vec!["一".repeat(12)]).printable_message(), "[sent]!");
}

#[test]
fn what_is_hidden_is_so_behind_a_number_and_behind_what_overlaps_it() {
    let secret = "8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d";
    for (words, shown) in [
        (format!("1763822000 {secret}"), "[number][sent]"),
        (format!("1763822000-{secret}."), "[number][sent]."),
        (format!("1763822000{secret}"), "[number][sent]"),
        (format!("1763822000{}", &secret[..20]), "[number][sent]"),
        (format!("nickname-{secret} hello-8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d"), "nickname-[sent] [sent]"),
    ] {
        let refusal = Refusal::new(&OrderReportRequest::OPERATION, RefusalKind::Unexplained, 1, words);
        let hidden = vec![secret.to_owned(), "hello-8a".to_owned()];
        assert_eq!(refusal.hiding(hidden).printable_message(), shown);
    }
}

#[test]
fn of_several_that_are_hidden_the_longest_is_and_its_rest_is_shown() {
    let refusal = Refusal::new(&OrderReportRequest::OPERATION, RefusalKind::Unexplained, 1, "one oneTwo oneTwoThree");
    let hidden = ["one", "oneTwo", "Three"].map(str::to_owned).to_vec();
    assert_eq!(refusal.hiding(hidden).printable_message(), "[sent] [sent] [sent][sent]");
}

#[test]
fn a_mobile_number_is_known_in_groups_and_behind_the_countrys() {
    for number in
        ["13800138000", "138 0013 8000", "138-0013-8000", "86-138-0013-8000", "86 13800138000", "008613800138000"]
    {
        for (before, after) in [("", ""), ("5 ", " 20"), ("+", "-7"), ("编号7，", "。"), ("2016 ", "")] {
            let words = format!("{before}{number}{after}");
            let refusal = Refusal::new(&OrderReportRequest::OPERATION, RefusalKind::Unexplained, 1, &words);
            assert_eq!(refusal.printable_message(), format!("{before}[number]{after}"), "{words}");
        }
    }
    for other in [
        "23800138000",
        "12800138000",
        "138001380001",
        "1380013800",
        "138  0013 8000",
        "2026-11-21 10:00",
        "9913800138000",
    ] {
        let refusal = Refusal::new(&OrderReportRequest::OPERATION, RefusalKind::Unexplained, 1, other);
        assert_eq!(refusal.printable_message(), other);
    }
}
