//! 微厅's bound users, notices, reports and tickets.

use serde_json::{Value, json};
use weifen_sandbox::{Sandbox, test_data};

use crate::partner::{Way, get, start, with_token};

const NOTICE: &str = "/service/1.0/sendPrizeNotice";
const LOGIN: &str = "/service/weekBind/create";
const ORDER: &str = "/service/flowOrders/create";

fn post(sandbox: &Sandbox, way: Way, path: &str, parameters: &[(&str, &str)]) -> Value {
    let reply = way.send(
        sandbox.addr(),
        "POST",
        &with_token(sandbox, path),
        parameters,
    );
    assert_eq!(reply.status, 200);
    reply.json()
}

fn bound(sandbox: &Sandbox, openid: &str) -> Value {
    get(
        sandbox.addr(),
        &format!(
            "{}&openid={openid}",
            with_token(sandbox, test_data::USER_PATH)
        ),
    )
    .json()
}

fn ticket(sandbox: &Sandbox, query: &str) -> Value {
    get(
        sandbox.addr(),
        &format!(
            "{}{query}",
            with_token(sandbox, "/service/appOauthen/Ticket")
        ),
    )
    .json()
}

fn notice(openid: &str) -> [(&str, &str); 6] {
    [
        ("openid", openid),
        ("first", "亲爱的老司机"),
        ("activity", "老司机大比拼"),
        ("prize", "限量精美玩偶一个"),
        ("remark", "获奖者：17717500243"),
        ("url", "https://prize.test/?a=1&b=2"),
    ]
}

const LOGIN_REPORT: [(&str, &str); 6] = [
    ("openid", test_data::OPENID),
    ("deviceno", "18900000000"),
    ("operators", "电信"),
    ("qcellcore", "上海"),
    ("channel", "1"),
    ("from", "love flow"),
];

const ORDER_REPORT: [(&str, &str); 6] = [
    ("openid", test_data::OPENID),
    ("deviceno", "18900000000"),
    ("traffic_package_name", "1G包"),
    ("transaction_date", "2016-10-14"),
    ("channel", "1"),
    ("from", "love flow"),
];

fn without<'a>(parameters: &[(&'a str, &'a str)], absent: &str) -> Vec<(&'a str, &'a str)> {
    parameters
        .iter()
        .copied()
        .filter(|(name, _)| *name != absent)
        .collect()
}

#[tokio::test]
async fn a_bound_user_has_full_entries_and_empty_slots() {
    let sandbox = start().await;
    let answer = bound(&sandbox, test_data::OPENID);
    assert_eq!(answer["flag"], 0);
    assert_eq!(answer["result"]["openid"], test_data::OPENID);
    assert_eq!(answer["result"]["__v"], 0);
    let accounts = answer["result"]["accounts"].as_array().unwrap();
    let full = accounts
        .iter()
        .filter(|account| account.as_object().unwrap().len() == 6)
        .count();
    let empty = accounts
        .iter()
        .filter(|account| **account == json!({ "sort": "1" }))
        .count();
    assert_eq!((full, empty), (3, 2));
    assert_eq!(accounts[2]["devicename"], "手机");
}

#[tokio::test]
async fn a_user_may_have_bound_nothing() {
    let sandbox = start().await;
    let answer = bound(&sandbox, test_data::OPENID_UNBOUND);
    assert_eq!(answer["flag"], 0);
    assert_eq!(
        answer["result"]["accounts"],
        json!(vec![json!({ "sort": "1" }); 5])
    );
}

#[tokio::test]
async fn an_unknown_user_has_a_flag_that_is_not_zero() {
    let sandbox = start().await;
    for openid in ["nobody", ""] {
        assert_eq!(bound(&sandbox, openid)["flag"], 1);
    }
}

#[tokio::test]
async fn a_notice_is_sent_in_every_encoding_and_kept() {
    let sandbox = start().await;
    for way in Way::ALL {
        let answer = post(&sandbox, way, NOTICE, &notice(test_data::OPENID));
        assert_eq!(
            answer,
            json!({ "status": 200, "result": "发送成功" }),
            "{way:?}"
        );
    }
    let state = sandbox.state();
    let kept = state["weiting"]["notices"].as_array().unwrap();
    assert_eq!(kept.len(), 4);
    for one in kept {
        for (name, value) in notice(test_data::OPENID) {
            assert_eq!(one[name], value);
        }
    }
}

#[tokio::test]
async fn a_notice_to_an_unknown_user_or_with_a_field_absent_fails() {
    let sandbox = start().await;
    let failed = json!({ "status": 0, "result": "发送失败" });
    assert_eq!(post(&sandbox, Way::Form, NOTICE, &notice("nobody")), failed);
    for name in ["openid", "first", "activity", "prize", "remark", "url"] {
        assert_eq!(
            post(
                &sandbox,
                Way::Form,
                NOTICE,
                &without(&notice(test_data::OPENID), name)
            ),
            failed,
            "{name}"
        );
        assert_eq!(
            sandbox.log().pop().unwrap().why.unwrap(),
            format!("{name} is absent")
        );
    }
    assert_eq!(sandbox.state()["weiting"]["notices"], json!([]));
}

#[tokio::test]
async fn a_notice_can_meet_a_push_fault() {
    let sandbox = start().await;
    let answer = post(
        &sandbox,
        Way::Form,
        NOTICE,
        &notice(test_data::OPENID_PUSH_FAULT),
    );
    assert_eq!(answer, json!({ "status": 40005, "errMsg": "推送接口异常" }));
    assert_eq!(sandbox.state()["weiting"]["notices"], json!([]));
}

#[tokio::test]
async fn a_login_report_is_taken_in_every_encoding_and_kept() {
    let sandbox = start().await;
    for way in Way::ALL {
        let answer = post(&sandbox, way, LOGIN, &LOGIN_REPORT);
        assert_eq!(
            answer,
            json!({ "data": "success", "status": 200, "info": 0 }),
            "{way:?}"
        );
    }
    let kept = &sandbox.state()["weiting"]["login_reports"];
    assert_eq!(kept.as_array().unwrap().len(), 4);
    assert_eq!(
        (&kept[3]["deviceno"], &kept[3]["operators"]),
        (&json!("18900000000"), &json!("电信"))
    );
}

#[tokio::test]
async fn an_order_report_answers_a_number_of_its_own() {
    let sandbox = Sandbox::builder()
        .clock_start("2026-01-01T20:00:00Z".parse().unwrap())
        .start()
        .await
        .unwrap();
    for (way, number) in Way::ALL.into_iter().zip(1..) {
        let answer = post(&sandbox, way, ORDER, &ORDER_REPORT);
        let expected: String = format!("20260102{number:08}");
        assert_eq!(
            answer,
            json!({ "data": expected, "status": 200, "info": 0 }),
            "{way:?}"
        );
    }
    let kept = &sandbox.state()["weiting"]["orders"];
    assert_eq!(kept[3]["order_number"], "2026010200000004");
    assert_eq!(kept[3]["traffic_package_name"], "1G包");
}

#[tokio::test]
async fn optional_fields_of_reports_may_be_absent() {
    let sandbox = start().await;
    let login = without(&without(&LOGIN_REPORT, "operators"), "qcellcore");
    assert_eq!(post(&sandbox, Way::Json, LOGIN, &login)["status"], 200);
    assert_eq!(
        post(
            &sandbox,
            Way::Json,
            ORDER,
            &without(&ORDER_REPORT, "transaction_date")
        )["status"],
        200
    );
    assert_eq!(
        sandbox.state()["weiting"]["login_reports"][0]["operators"],
        Value::Null
    );
}

#[tokio::test]
async fn reports_are_refused_with_a_reason() {
    let sandbox = start().await;
    for (path, report, required) in [
        (LOGIN, LOGIN_REPORT, &["openid", "deviceno"][..]),
        (
            ORDER,
            ORDER_REPORT,
            &["openid", "deviceno", "traffic_package_name"][..],
        ),
    ] {
        for name in required {
            let answer = post(&sandbox, Way::Json, path, &without(&report, name));
            assert_eq!(
                answer,
                json!({ "data": format!("{name}不能为空"), "status": 0, "info": 0 })
            );
        }
        let answer = post(&sandbox, Way::Json, path, &without(&report, "channel"));
        assert_eq!(
            answer,
            json!({ "data": "channel必须为1", "status": 0, "info": 0 })
        );
        let answer = post(&sandbox, Way::Json, path, &without(&report, "from"));
        assert_eq!(
            answer,
            json!({ "data": "from必须为love flow", "status": 0, "info": 0 })
        );
    }
    let state = sandbox.state();
    assert_eq!(
        (
            &state["weiting"]["login_reports"],
            &state["weiting"]["orders"]
        ),
        (&json!([]), &json!([]))
    );
}

#[tokio::test]
async fn a_ticket_answers_a_mobile_number_once() {
    let sandbox = start().await;
    for (known, mobile) in test_data::TICKETS {
        let query = format!("&ticket={known}");
        assert_eq!(
            ticket(&sandbox, &query),
            json!({ "errcode": 0, "data": { "mobile": mobile } })
        );
        assert_eq!(ticket(&sandbox, &query)["errcode"], 1);
    }
}

#[tokio::test]
async fn a_ticket_is_refused_in_all_four_documented_shapes() {
    let sandbox = Sandbox::builder()
        .clock_start("2016-10-14T00:40:34Z".parse().unwrap())
        .start()
        .await
        .unwrap();
    let wrong_token = get(
        sandbox.addr(),
        "/service/appOauthen/Ticket?access_token=wrong&ticket=sandbox-ticket-1",
    );
    assert_eq!(
        wrong_token.json(),
        json!({ "status": 0, "errMsg": "access_token校验异常" })
    );

    let fault = ticket(&sandbox, &format!("&ticket={}", test_data::TICKET_FAULT));
    assert_eq!(
        fault,
        json!({ "status": 40005, "errMsg": "接口异常，请稍后再试" })
    );

    for query in ["", "&ticket="] {
        assert_eq!(
            ticket(&sandbox, query),
            json!({ "errcode": 1, "data": { "mobile": "ticket必须给出" } })
        );
    }

    let unknown = ticket(&sandbox, "&ticket=unknown");
    assert_eq!(unknown["errcode"], 1);
    assert_eq!(unknown["data"], "手机号码获取异常");
    let expected = json!([{
        "TransactionID": ["3599901201610140000000001"],
        "ActionCode": ["1"],
        "RspTime": ["20161014084034"],
        "Response": [{ "RspType": ["1"], "RspCode": ["1992"], "RspDesc": ["根据ticket查询网站注册用户信息为空!"] }],
    }]);
    assert_eq!(unknown["msg"]["CAPRoot"]["SessionHeader"], expected);
}
