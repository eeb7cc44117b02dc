//! Answers of the documented shape with any values: decoding gives these values, and writing and reading changes
//! nothing.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use weifen_proto::Endpoint;
use weifen_proto::fensi::{CitiesRequest, Expiry, QrcodeRequest, ScenesRequest};
use weifen_proto::weiting::{
    AccessTokenRequest, AccountSlot, AuthorizeUrlRequest, BoundUserRequest, LoginReportRequest, MobileByTicketRequest,
    OpenidByCodeRequest, OrderReportRequest, PrizeNoticeRequest,
};

/// Identifier of a platform: printable, without white space.
const IDENTIFIER: &str = "[!-~\u{4e00}-\u{4eff}]{1,30}";
/// Text for people, neither blank nor broken.
const WORDS: &str = "[a-z\u{4e00}-\u{4eff}][\\PC--\u{fffd}]{0,20}";

fn read<E: Endpoint>(body: &Value) -> E::Answer {
    let body = body.to_string();
    assert_eq!(E::DOCUMENTED.drifts(body.as_bytes()), [], "{body}");
    E::answer(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"))
}

fn is_written_and_read_as_itself<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).as_ref().ok(), Some(value), "{text}");
}

prop_compose! {
    fn moment()(
        year in 1970..2100_i32, month in 1..=12_u8, day in 1..=28_u8, hour in 0..24_u8, minute in 0..60_u8, second in 0..60_u8
    ) -> (String, String) {
        (format!("{year:04}-{month:02}-{day:02}"), format!("{hour:02}:{minute:02}:{second:02}"))
    }
}

prop_compose! {
    fn slot()(number in of("[0-9]{3,15}"), (date, time) in moment(), name in WORDS, bpn in "[0-9]{1,9}", sort in "[0-9]{1,3}") -> Value {
        match number {
            Some(number) => json!({
                "deviceno": number, "devicename": name, "bindtime": format!("{date} {time}"),
                "bindtdate": format!("{date} {time}"), "bpn": bpn, "sort": sort,
            }),
            None => json!({"sort": sort}),
        }
    }
}

prop_compose! {
    fn user()(
        id in IDENTIFIER, openid in IDENTIFIER, nickname in WORDS, portrait in IDENTIFIER, version in any::<i64>(),
        (date, time) in moment(), fraction in 0..1000_u16, slots in vec(slot(), 0..6)
    ) -> Value {
        let at = format!("{date}T{time}.{fraction:03}Z");
        json!({
            "_id": id, "openid": openid, "nickname": nickname, "headimg": portrait, "__v": version, "updateAt": at,
            "createAt": at, "accounts": slots,
        })
    }
}

prop_compose! {
    fn qrcode()(
        key in IDENTIFIER, nickname in WORDS, city in of(any::<u32>()), user in IDENTIFIER, bid in 0..=i64::MAX, appid in IDENTIFIER,
        appname in WORDS, code in of("[0-9A-Z]{1,8}"), expire in prop_oneof![any::<u64>().prop_map(Value::from), "[a-z]{1,9}".prop_map(Value::from)],
        url in IDENTIFIER
    ) -> Value {
        json!({
            "key": key, "develop_appid": appid, "nickname": nickname, "city_code": city, "auth_open_id": user, "bidding": bid,
            "appid": appid, "appname": appname, "code": code, "expire": expire, "qrcode_url": url,
        })
    }
}

proptest! {
    #[test]
    fn an_answer_of_one_text_is_read_as_that_text(text in IDENTIFIER, digits in "\\+?[0-9]{5,15}") {
        let token = read::<AccessTokenRequest>(&json!({"status": 200, "data": text, "info": 0}));
        prop_assert_eq!(token.as_str(), &text);
        let openid = read::<OpenidByCodeRequest>(&json!({"status": 200, "openid": text}));
        prop_assert_eq!(openid.as_str(), &text);
        let order = read::<OrderReportRequest>(&json!({"status": 200, "data": text, "info": 0}));
        prop_assert_eq!(order.as_str(), &text);
        let url = format!("https://h{text}#wechat_redirect");
        let redirect = read::<AuthorizeUrlRequest>(&json!({"status": 200, "redirect": url}));
        prop_assert_eq!(redirect.as_str(), &url);
        let mobile = read::<MobileByTicketRequest>(&json!({"errcode": 0, "data": {"mobile": digits}}));
        prop_assert_eq!(mobile.as_str(), &digits);
        for text in [token.as_str(), openid.as_str()] {
            is_written_and_read_as_itself(&text.to_owned());
        }
    }

    #[test]
    fn a_report_is_taken_whatever_words_say_so(words in WORDS) {
        read::<PrizeNoticeRequest>(&json!({"status": 200, "result": words}));
        read::<LoginReportRequest>(&json!({"status": 200, "data": words, "info": 0}));
    }

    #[test]
    fn a_user_is_read_as_every_value_that_it_was_made_of(made in user()) {
        let user = read::<BoundUserRequest>(&json!({"flag": 0, "result": made}));
        is_written_and_read_as_itself(&user);
        prop_assert_eq!(user.openid.as_str(), made["openid"].as_str().unwrap());
        prop_assert_eq!(user.version, made["__v"].as_i64());
        let slots = made["accounts"].as_array().unwrap();
        prop_assert_eq!(user.slots.len(), slots.len());
        for (slot, made) in user.slots.iter().zip(slots) {
            prop_assert_eq!(matches!(slot, AccountSlot::Bound(_)), made.get("deviceno").is_some());
        }
        // It is written under the wire's names.
        prop_assert_eq!(serde_json::to_value(&user).unwrap(), made);
    }

    #[test]
    fn a_user_with_times_finer_than_documented_is_written_and_read_as_itself(nanosecond in 0..1_000_000_000_u32) {
        let at = format!("2016-09-28T05:16:00.{nanosecond:09}Z");
        let user = read::<BoundUserRequest>(&json!({"flag": 0, "result": {
            "_id": "i", "openid": "o", "nickname": "n", "headimg": "h", "__v": 0, "updateAt": at, "createAt": at, "accounts": [],
        }}));
        is_written_and_read_as_itself(&user);
    }

    #[test]
    fn a_qrcode_is_read_as_every_value_that_it_was_made_of(made in qrcode()) {
        let answer = read::<QrcodeRequest>(&json!({"code": 20_000, "data": made, "message": "ok"}));
        let qrcode = answer.expect("a match");
        is_written_and_read_as_itself(&qrcode);
        prop_assert_eq!(serde_json::to_value(&qrcode).unwrap(), made.clone());
        prop_assert_eq!(Some(qrcode.bid.0), made["bidding"].as_u64());
        prop_assert_eq!(matches!(qrcode.expiry, Some(Expiry::Seconds(_))), made["expire"].is_number());
    }

    #[test]
    fn lists_are_read_as_every_value_that_they_were_made_of(made in vec((any::<u32>(), WORDS), 0..20)) {
        let data: Vec<_> = made.iter().map(|(id, name)| json!({"id": id, "name": name})).collect();
        let body = json!({"code": 20_000, "data": data, "message": "ok"});
        let scenes = read::<ScenesRequest>(&body);
        prop_assert_eq!(serde_json::to_value(&scenes).unwrap(), json!(data));
        let cities = read::<CitiesRequest>(&body);
        prop_assert_eq!(serde_json::to_value(&cities).unwrap(), json!(data));
        prop_assert!(cities.iter().map(|city| (city.id.0, &city.name)).eq(made.iter().map(|(id, name)| (*id, name))));
    }
}
