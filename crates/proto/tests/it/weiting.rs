//! Peculiarities of 微厅's wire.

use serde_json::json;
use weifen_proto::weiting::{
    AccountSlot, AuthorizeUrlRequest, BoundUser, BoundUserRequest, DeviceNo, LoginReportRequest, Mobile,
    MobileByTicketRequest, NoticeTexts, OpenidByCodeRequest, OrderReportRequest, PrizeNoticeRequest, Ticket,
};
use weifen_proto::{Endpoint, NoAnswer, Refusal, RefusalKind};

use crate::fixtures::read;
use crate::requests::{device, openid, sent};

fn refusal<E: Endpoint>(body: &[u8]) -> Refusal {
    match E::answer(body) {
        Err(NoAnswer::Refused(refusal)) => refusal,
        Err(error) => panic!("not refused: {error}"),
        Ok(_) => panic!("not refused"),
    }
}

fn documented_user() -> BoundUser {
    BoundUserRequest::answer(&read("weiting/bound_user/answer.json")).unwrap()
}

#[test]
fn status_zero_is_a_refusal() {
    assert_eq!(refusal::<LoginReportRequest>(br#"{"data":"x","status":0,"info":0}"#).code(), 0);
    assert_eq!(refusal::<OrderReportRequest>(br#"{"data":"x","status":0,"info":0}"#).message(), "x");
    assert_eq!(refusal::<PrizeNoticeRequest>(br#"{"status":0}"#).message(), "");
    assert_eq!(refusal::<PrizeNoticeRequest>(br#"{"status":"0","errcode":null,"flag":""}"#).code(), 0);
    let rejected = refusal::<OpenidByCodeRequest>(r#"{"status": 0, "errMsg": "access_token校验异常"}"#.as_bytes());
    assert_eq!(rejected.kind(), RefusalKind::TokenRejected);
}

#[test]
fn code_40005_is_told_apart_by_operation_and_message() {
    let no = |message: &str| json!({"status": 40005, "errMsg": message}).to_string().into_bytes();
    assert_eq!(refusal::<OpenidByCodeRequest>(&no("code 已过期")).kind(), RefusalKind::CodeExpired);
    assert_eq!(refusal::<OpenidByCodeRequest>(&no("code已过期")).kind(), RefusalKind::CodeExpired);
    assert_eq!(refusal::<PrizeNoticeRequest>(&no("推送接口异常")).kind(), RefusalKind::NoticeServiceFault);
    assert_eq!(refusal::<MobileByTicketRequest>(&no("接口异常，请稍后再试")).kind(), RefusalKind::ServiceFault);
    let elsewhere = refusal::<PrizeNoticeRequest>(&no("code 已过期"));
    assert_eq!((elsewhere.kind(), elsewhere.code()), (RefusalKind::Unexplained, 40005));
    assert_eq!(elsewhere.message(), "code 已过期");
}

#[test]
fn the_redirect_is_handed_on_byte_for_byte() {
    let redirect = AuthorizeUrlRequest::answer(&read("weiting/authorize_url/answer.json")).unwrap();
    let documented: serde_json::Value = serde_json::from_slice(&read("weiting/authorize_url/answer.json")).unwrap();
    assert_eq!(redirect.as_str(), documented["redirect"].as_str().unwrap());
    assert!(redirect.as_str().ends_with("#wechat_redirect"));
}

#[test]
fn the_code_is_found_anywhere_in_the_callback_query() {
    let code = |url: &str| OpenidByCodeRequest::from_callback(url).map(|request| sent(&request)["code"].clone());
    let documented = "NTc1ZmFmNGIwODYxM2U3YjZkOTE3ZWUz";
    for url in [
        "http://m.sh.189.cn/service/wxoauth/2.0/index?code=NTc1ZmFmNGIwODYxM2U3YjZkOTE3ZWUz",
        "https://shop.example/back?machine=7&code=NTc1ZmFmNGIwODYxM2U3YjZkOTE3ZWUz&lang=zh#pay",
        "https://shop.example/back?machine=7?code=NTc1ZmFmNGIwODYxM2U3YjZkOTE3ZWUz",
        "https://shop.example/#/pay?code=NTc1ZmFmNGIwODYxM2U3YjZkOTE3ZWUz",
        "https://shop.example/back?code=promotion&code=NTc1ZmFmNGIwODYxM2U3YjZkOTE3ZWUz",
        "/back?code=NTc1ZmFmNGIwODYxM2U3YjZkOTE3ZWUz#wechat_redirect",
        "https://shop.example/back?code=NTc1ZmFmNGIwODYxM2U3YjZkOTE3ZWUz#/pay?code=promotion",
    ] {
        assert_eq!(code(url).unwrap(), documented, "{url}");
    }
    assert_eq!(code("https://shop.example/?code=a%2Bb%3D").unwrap(), "a+b=");
    assert_eq!(code("https://shop.example/?code=a+b=").unwrap(), "a+b=");
    for url in ["https://shop.example/", "https://shop.example/?barcode=1", "https://shop.example/?code=", ""] {
        assert!(code(url).is_err(), "{url}");
    }
}

#[test]
fn an_empty_openid_is_no_answer() {
    let error = OpenidByCodeRequest::answer(&read("weiting/openid_by_code/no-answer-empty-openid.json")).unwrap_err();
    assert_eq!(error.to_string(), "at openid: expected openid (must not be empty)");
}

#[test]
fn full_and_empty_account_slots_both_decode() {
    let user = documented_user();
    assert_eq!((user.slots.len(), user.accounts().count()), (5, 3));
    assert!(matches!(&user.slots[1], AccountSlot::Empty { sort: Some(sort) } if sort == "1"));
    let landline = user.accounts().next().unwrap();
    assert_eq!((landline.device_no.as_str(), landline.device_name.as_deref()), ("62306600", Some("固话")));
    let documented: serde_json::Value = serde_json::from_slice(&read("weiting/bound_user/answer.json")).unwrap();
    assert_eq!(serde_json::to_value(&user).unwrap(), documented["result"], "it serialises under the wire's names");
}

#[test]
fn bind_times_are_beijing_civil_time() {
    let user = documented_user();
    let bound_at = user.accounts().nth(1).unwrap().bound_at.unwrap();
    assert_eq!(bound_at, jiff::civil::datetime(2016, 1, 21, 8, 48, 53, 0));
    assert_eq!(user.updated_at.unwrap(), "2016-09-28T05:16:00.804Z".parse().unwrap());
    for odd in ["27/5/2016", "0000-00-00 00:00:00"] {
        let slot = json!({"deviceno": "1", "bindtime": odd, "sort": "1"});
        let body = json!({"flag": 0, "result": {"openid": "o", "accounts": [slot]}}).to_string();
        let user = BoundUserRequest::answer(body.as_bytes()).unwrap();
        assert_eq!(user.accounts().next().unwrap().bound_at, None, "a time decides nothing");
        let drifts = BoundUserRequest::DOCUMENTED.drifts(body.as_bytes());
        let told = "at result.accounts[].bindtime: a string of another type than documented";
        assert!(drifts.iter().any(|drift| drift.to_string() == told), "{odd}: {drifts:?}");
    }
}

#[test]
fn instants_are_written_with_three_digits_as_they_came() {
    for instant in ["2016-09-28T05:16:00.804Z", "2016-09-28T05:16:00.800Z", "2016-09-28T05:16:00.000Z"] {
        let body = json!({"flag": 0, "result": {"openid": "o", "updateAt": instant}});
        let user = BoundUserRequest::answer(body.to_string().as_bytes()).unwrap();
        assert_eq!(serde_json::to_value(&user).unwrap()["updateAt"], instant);
    }
}

#[test]
fn a_service_fault_may_pass_and_a_code_that_expired_does_not() {
    assert!(RefusalKind::ServiceFault.is_temporary() && RefusalKind::NoticeServiceFault.is_temporary());
    assert!(!RefusalKind::CodeExpired.is_temporary() && !RefusalKind::TokenRejected.is_temporary());
}

#[test]
fn a_ticket_is_refused_in_four_shapes() {
    let refused =
        |name: &str| refusal::<MobileByTicketRequest>(&read(&format!("weiting/mobile_by_ticket/{name}.json")));
    assert_eq!(refused("refusal-token-rejected").kind(), RefusalKind::TokenRejected);
    assert_eq!(refused("refusal-40005").kind(), RefusalKind::ServiceFault);
    assert_eq!(refused("refusal-in-mobile").kind(), RefusalKind::TicketMissing);
    let unknown = refused("refusal-cap");
    assert_eq!((unknown.kind(), unknown.code()), (RefusalKind::TicketUnknown, 1));
    assert_eq!(unknown.message(), "手机号码获取异常");
    let cap = unknown.cap().unwrap();
    assert_eq!((cap.transaction_id.as_str(), cap.code.as_str()), ("3599901201610144084678881", "1992"));
    assert_eq!(cap.description, "根据ticket查询网站注册用户信息为空!");
}

#[test]
fn a_reason_in_the_mobile_field_never_comes_out_as_a_number() {
    let missing = refusal::<MobileByTicketRequest>(&read("weiting/mobile_by_ticket/refusal-in-mobile.json"));
    assert_eq!(missing.message(), "ticket必须给出");
    for reason in ["ticket必须给出", "", "1771746331x", "177 1746 3317"] {
        let body = json!({"errcode": 0, "data": {"mobile": reason}}).to_string();
        assert!(matches!(MobileByTicketRequest::answer(body.as_bytes()), Err(NoAnswer::Undecodable(_))), "{reason}");
        assert!(Mobile::new(reason).is_err(), "{reason}");
    }
    let no = refusal::<MobileByTicketRequest>(br#"{"errcode": 1, "data": {"mobile": "17717463317"}}"#);
    assert_eq!(no.message(), "17717463317", "digits beside a code that says no are no number either");
}

#[test]
fn absent_optionals_are_left_out() {
    let login = sent(&LoginReportRequest::new(openid(), device()));
    assert_eq!(login.as_object().unwrap().keys().collect::<Vec<_>>(), ["channel", "deviceno", "from", "openid"]);
    assert!(sent(&OrderReportRequest::new(openid(), device(), "1G").unwrap()).get("transaction_date").is_none());
}

#[test]
fn a_device_number_is_whatever_the_vendor_gives() {
    let numbers = [
        "18964524000",
        "62306600",
        "021-62306600",
        "(021) 62306600",
        "+8618964524000",
        "ad62306600",
        "ad62306600@sh",
        "7",
    ];
    for number in numbers {
        let report = LoginReportRequest::new(openid(), number.parse().unwrap());
        assert_eq!(sent(&report)["deviceno"], number);
    }
    for number in ["", " ", "\u{3000}", "18964524000\n", "1896\u{1b}[2J"] {
        assert!(number.parse::<DeviceNo>().is_err(), "{number:?}");
    }
}

#[test]
fn the_texts_of_a_notice_may_be_empty() {
    let notice = sent(&PrizeNoticeRequest::new(openid(), NoticeTexts::default()));
    for name in ["first", "activity", "prize", "remark", "url"] {
        assert_eq!(notice[name], "", "{name}");
    }
}

#[test]
fn an_order_has_a_day_of_the_years_1_to_9999() {
    let on = |year| {
        let order = OrderReportRequest::new(openid(), device(), "1G").unwrap();
        order.ordered_on(jiff::civil::date(year, 1, 1)).map(|order| sent(&order)["transaction_date"].clone())
    };
    assert_eq!((on(1).unwrap(), on(9999).unwrap()), (json!("0001-01-01"), json!("9999-01-01")));
    for year in [0, -1, -9999] {
        assert_eq!(on(year).unwrap_err().to_string(), "transaction_date: must lie in the years 1 to 9999");
    }
}

#[test]
fn requests_are_checked_when_built() {
    assert!(Ticket::new(" ").is_err());
    assert_eq!(OrderReportRequest::new(openid(), device(), " ").unwrap_err().parameter(), "traffic_package_name");
    for state in
        ["", "shop.example", "ftp://shop.example/", "javascript://alert", "https://", "https:///x", "https://a b"]
    {
        assert!(AuthorizeUrlRequest::new(state).is_err(), "{state}");
    }
}

#[test]
fn an_order_number_may_be_a_number() {
    let number = OrderReportRequest::answer(br#"{"data": 20161014084034001, "status": "200", "info": 0}"#).unwrap();
    assert_eq!((number.as_str(), number.to_string()), ("20161014084034001", "20161014084034001".to_owned()));
    for body in [r#"{"data": "", "status": 200}"#, r#"{"data": null, "status": 200}"#, r#"{"status": 200}"#] {
        assert!(matches!(OrderReportRequest::answer(body.as_bytes()), Err(NoAnswer::Undecodable(_))), "{body}");
    }
}

#[test]
fn a_list_of_accounts_may_be_written_as_php_does() {
    let slots = |accounts: &str| {
        let body = format!(r#"{{"flag": 0, "result": {{"openid": "o", "accounts": {accounts}}}}}"#);
        BoundUserRequest::answer(body.as_bytes()).map(|user| user.slots.len())
    };
    let told = |accounts: &str| slots(accounts).unwrap_err().to_string();
    assert_eq!(slots(r#"{"1": {"deviceno": "62306600"}, "0": {"sort": "1"}}"#), Ok(2));
    for empty in ["{}", "[]", "null"] {
        assert_eq!(slots(empty), Ok(0), "{empty}");
    }
    assert_eq!(slots("[[], {}]"), Ok(2), "an object of optional fields is written as [] where it has none");
    for odd in [r#"[["62306600"]]"#, r#"{"a": {}}"#, r#""""#, r#"{"1": {}, "1": {}}"#, "[null]"] {
        assert!(slots(odd).is_err(), "{odd}");
    }
    assert_eq!(told("false"), "at result.accounts: expected an array");
    let many: Vec<_> = (0..=10_000).map(|key| format!("\"{key}\": {{}}")).collect();
    let told = told(&format!("{{{}}}", many.join(",")));
    assert!(told.ends_with("expected an array of at most 10000 values"), "{told}");
}

#[test]
fn a_reason_is_found_behind_an_empty_one() {
    let refused = refusal::<OrderReportRequest>(r#"{"status": 0, "errMsg": "", "data": "余额不足"}"#.as_bytes());
    assert_eq!(refused.message(), "余额不足");
}
