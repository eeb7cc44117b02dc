//! A reply's body, read as the answer of each operation.

use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use weifen_proto::fensi::{CitiesRequest, QrcodeRequest, ScenesRequest};
use weifen_proto::weiting::{
    AccessTokenRequest, AuthorizeUrlRequest, BoundUserRequest, LoginReportRequest, MobileByTicketRequest,
    OpenidByCodeRequest, OrderReportRequest, PrizeNoticeRequest,
};
use weifen_proto::{DriftKind, Endpoint, JsonType, NoAnswer, Undecodable};

use crate::canary;
use crate::unknown_field::{self, with_unknown_field};

/// Whatever the body: each operation reads it as an answer or says why it is none; what was read and is written again
/// is read as the same; a field that nobody knows changes nothing and is told of; no error shows a value.
pub fn answer(body: &[u8]) {
    check::<AccessTokenRequest>(body, |token| json!({"status": 200, "data": token, "info": 0}));
    check::<AuthorizeUrlRequest>(body, |redirect| json!({"status": 200, "redirect": redirect}));
    check::<OpenidByCodeRequest>(body, |openid| json!({"status": 200, "openid": openid}));
    check::<BoundUserRequest>(body, |user| json!({"flag": 0, "result": user}));
    check::<PrizeNoticeRequest>(body, |_| json!({"status": 200, "result": "发送成功"}));
    check::<LoginReportRequest>(body, |_| json!({"status": 200, "data": "success", "info": 0}));
    check::<OrderReportRequest>(body, |number| json!({"status": 200, "data": number, "info": 0}));
    check::<MobileByTicketRequest>(body, |mobile| json!({"errcode": 0, "data": {"mobile": mobile}}));
    check::<QrcodeRequest>(body, |qrcode| {
        if qrcode.is_null() {
            return json!({"code": 50000, "data": null, "message": "暂无匹配的公众号！"});
        }
        json!({"code": 20000, "data": qrcode, "message": "ok"})
    });
    check::<ScenesRequest>(body, |scenes| json!({"code": 20000, "data": scenes, "message": "ok"}));
    check::<CitiesRequest>(body, |cities| json!({"code": 20000, "data": cities, "message": "ok"}));
}

/// What a body was read as; an answer as it is written again.
type Reading = Result<Value, NoAnswer>;

fn check<E: Endpoint<Answer: Serialize>>(body: &[u8], answered: fn(Value) -> Value) {
    let name = E::OPERATION.name;
    let read: fn(&[u8]) -> Reading =
        |body| E::answer(body).map(|answer| serde_json::to_value(answer).expect("an answer can be written"));
    let reading = read(body);
    if let Ok(answer) = &reading {
        let again = answered(answer.clone()).to_string();
        assert_eq!(read(again.as_bytes()), reading, "{name}: written and read again");
    }
    if let Some(with) = with_unknown_field(body) {
        assert!(are_same(&read(&with), &reading), "{name}: an unknown field changes the answer");
    }
    drifts::<E>(body);
    if let Ok(document) = serde_json::from_slice(body)
        && let Err(error) = read(canary::planted(&document).to_string().as_bytes())
    {
        shows_nothing(name, &error);
    }
}

/// Whether two readings are the same but for where in the text a document breaks off.
fn are_same(one: &Reading, other: &Reading) -> bool {
    let breaks_off = |reading: &Reading| matches!(reading, Err(NoAnswer::Undecodable(Undecodable::NotJson { .. })));
    one == other || (breaks_off(one) && breaks_off(other))
}

fn drifts<E: Endpoint>(body: &[u8]) {
    let name = E::OPERATION.name;
    let drifts = E::DOCUMENTED.drifts(body);
    assert!(drifts.len() <= 32, "{name}: {} drifts", drifts.len());
    assert!((1..drifts.len()).all(|at| !drifts[..at].contains(&drifts[at])), "{name}: a drift is told twice");
    assert!(drifts.iter().all(|drift| drift.path.is_ascii()), "{name}: a path shows what is no name");
    let is_json = serde_json::from_slice::<IgnoredAny>(body).is_ok();
    if let Some(with) = with_unknown_field(body).filter(|_| is_json && drifts.len() < 32) {
        let told = E::DOCUMENTED.drifts(&with);
        let unknown = |kind| matches!(kind, DriftKind::UnknownField { seen: JsonType::Object });
        let of_it = told.iter().filter(|drift| drift.path == unknown_field::NAME && unknown(drift.kind));
        assert_eq!(of_it.count(), 1, "{name}: an unknown field is not told of");
    }
}

fn shows_nothing(name: &str, error: &NoAnswer) {
    let shown = format!("{error} {error:?}");
    match error {
        // The vendor's words are shown, numbers in them are not.
        NoAnswer::Refused(_) => assert!(!canary::shows_number(&shown), "{name}: {shown}"),
        NoAnswer::Undecodable(_) => assert!(!canary::shows(&shown), "{name}: {shown}"),
    }
}
