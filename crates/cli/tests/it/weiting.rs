//! Each command of 微厅: what it prints, and what arrived.

use serde_json::json;
use weifen::sandbox::test_data;

use crate::support::{Reply, Sandboxed, Server};

#[test]
fn a_token_is_fetched_and_printed_with_its_end() {
    let sandbox = Sandboxed::start();
    let document = sandbox.json(&["weiting", "token"]).done();
    let issued = sandbox.state()["weiting"]["tokens"]["issued"][0].clone();
    assert_eq!(document["access_token"], issued["access_token"]);

    let ends: jiff::Timestamp = document["expires_at"].as_str().unwrap().parse().unwrap();
    let issued_end: jiff::Timestamp = issued["expires_at"].as_str().unwrap().parse().unwrap();
    assert!((ends.as_second() - issued_end.as_second()).abs() <= 60, "{ends} {issued_end}");
    assert!(document["expires_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(document.as_object().unwrap().len(), 2);

    let people = sandbox.run(&["weiting", "token"]);
    assert!(people.stdout.starts_with("access_token"), "{people:?}");
}

#[test]
fn a_user_goes_through_consent_and_their_code_works_once() {
    let sandbox = Sandboxed::start();
    let document = sandbox.json(&["weiting", "authorize-url", "--state", "http://127.0.0.1/back?a=1#top"]).done();
    let redirect = document["redirect"].as_str().unwrap();
    assert!(redirect.ends_with("#wechat_redirect"));

    let callback = sandbox.consent(redirect);
    let document = sandbox.json(&["weiting", "openid", "--callback", &callback]).done();
    assert_eq!(document, json!({"openid": test_data::OPENID}));

    let error = sandbox.json(&["weiting", "openid", "--callback", &callback]).error(4);
    assert_eq!(
        error,
        json!({
            "kind": "refused", "vendor": "weiting", "operation": "openid_by_code", "code": 40005,
            "message": "code 已过期", "http_status": 200, "retryable": false,
            "hint": "a code is valid once and only for a short time: send the user to the consent page again \
                (authorize-url)",
        })
    );
}

#[test]
fn a_code_may_be_an_argument_or_come_from_stdin() {
    let sandbox = Sandboxed::start();
    for from_stdin in [false, true] {
        let redirect = sandbox.json(&["weiting", "authorize-url", "--state", "http://127.0.0.1/"]).done();
        let callback = sandbox.consent(redirect["redirect"].as_str().unwrap());
        let (_, code) = callback.split_once("code=").unwrap();
        let given = if from_stdin { "-" } else { code };
        let program = sandbox.program(&["weiting", "openid", "--json", "--code", given]).stdin(format!("{code}\n"));
        assert_eq!(program.run().done(), json!({"openid": test_data::OPENID}));
    }
}

#[test]
fn a_user_is_shown_under_the_wires_names() {
    let sandbox = Sandboxed::start();
    let document = sandbox.json(&["weiting", "user", "--openid", test_data::OPENID]).done();
    assert_eq!(document["user"], sandbox.log().last().unwrap().answer["result"]);

    let people = sandbox.run(&["weiting", "user", "--openid", test_data::OPENID]).stdout;
    assert!(people.contains("18964524000") && people.contains("2016-01-21 08:48:53 (Beijing)"), "{people}");
}

#[test]
fn a_user_without_a_configured_path_is_an_error_that_says_why() {
    let sandbox = Sandboxed::start();
    let program = sandbox.program(&["weiting", "user", "--openid", "o", "--json"]);
    let error = program.without("WEIFEN_WEITING_USER_PATH").run().error(3);
    assert_eq!((&error["kind"], &error["operation"]), (&json!("config"), &json!("bound_user")));
    assert!(error["message"].as_str().unwrap().contains("user_path"), "{error}");
    assert!(sandbox.log().is_empty());
}

#[test]
fn a_notice_arrives_with_every_field() {
    let sandbox = Sandboxed::start();
    let texts = ["--first", "恭喜", "--activity", "抽奖", "--prize=-50%", "--remark", ""];
    let to = ["weiting", "notify", "--openid", test_data::OPENID, "--url", "http://127.0.0.1/p?a=b&c=d"];
    assert_eq!(sandbox.json(&[&to[..], &texts].concat()).done(), json!({"ok": true}));
    let notice = sandbox.state()["weiting"]["notices"][0].clone();
    for (name, value) in [
        ("openid", test_data::OPENID),
        ("first", "恭喜"),
        ("activity", "抽奖"),
        ("prize", "-50%"),
        ("remark", ""),
        ("url", "http://127.0.0.1/p?a=b&c=d"),
    ] {
        assert_eq!(notice[name], value, "{name}");
    }
}

#[test]
fn reports_arrive_with_every_field() {
    let sandbox = Sandboxed::start();
    let login = ["weiting", "login-report", "--openid", test_data::OPENID, "--deviceno", "ad62306600"];
    let arguments = [&login[..], &["--operators", "电信", "--qcellcore", "上海"]].concat();
    assert_eq!(sandbox.json(&arguments).done(), json!({"ok": true}));
    let report = sandbox.state()["weiting"]["login_reports"][0].clone();
    assert_eq!((&report["deviceno"], &report["operators"]), (&json!("ad62306600"), &json!("电信")));
    assert_eq!(report["qcellcore"], "上海");

    let order = ["weiting", "order-report", "--openid", test_data::OPENID, "--deviceno", "-"];
    let arguments = [&order[..], &["--package", "1G包", "--date", "2016-05-27", "--json"]].concat();
    let document = sandbox.program(&arguments).stdin("18964524000\r\n").run().done();
    let order = sandbox.state()["weiting"]["orders"][0].clone();
    assert_eq!(document, json!({"order_number": order["order_number"]}));
    assert_eq!((&order["deviceno"], &order["transaction_date"]), (&json!("18964524000"), &json!("2016-05-27")));
    assert_eq!(order["traffic_package_name"], "1G包");
}

#[test]
fn optional_fields_that_are_not_given_are_not_sent() {
    let sandbox = Sandboxed::start();
    let login = ["weiting", "login-report", "--openid", "o", "--deviceno", "18900000000"];
    sandbox.json(&login).done();
    let order = ["weiting", "order-report", "--openid", "o", "--deviceno", "18900000000", "--package", "p"];
    sandbox.json(&order).done();
    for entry in sandbox.log() {
        for name in ["operators", "qcellcore", "transaction_date"] {
            assert!(!entry.parameters.contains_key(name), "{name}");
        }
    }
}

#[test]
fn a_ticket_is_worth_a_mobile_number() {
    let sandbox = Sandboxed::start();
    let (ticket, mobile) = test_data::TICKETS[0];
    assert_eq!(sandbox.json(&["weiting", "mobile", "--ticket", ticket]).done(), json!({"mobile": mobile}));
    let (ticket, mobile) = test_data::TICKETS[1];
    let people = sandbox.run(&["weiting", "mobile", "--ticket", ticket]);
    assert_eq!(people.stdout, format!("{mobile}\n"));
}

#[test]
fn a_spent_tickets_error_carries_what_the_system_behind_said() {
    let sandbox = Sandboxed::start();
    let error = sandbox.json(&["weiting", "mobile", "--ticket", "unknown"]).error(4);
    assert_eq!((&error["code"], &error["message"]), (&json!(1), &json!("手机号码获取异常")));
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.contains("3599901") && hint.contains("1992") && hint.contains("信息为空") && hint.contains("a new ticket"),
        "{hint}"
    );

    let people = sandbox.run(&["weiting", "mobile", "--ticket", "unknown"]).stderr;
    assert_eq!(people.matches("1992").count(), 1, "said once: {people}");
}

#[test]
fn a_rejected_token_is_fetched_again_once() {
    let server = Server::behind_token(|_| Reply::json(r#"{"status":0,"errMsg":"access_token校验异常"}"#));
    let ended = crate::support::Program::at(&server.url(), &["weiting", "mobile", "--ticket", "T", "--json"]).run();
    let error = ended.error(4);
    assert_eq!(error["message"], "access_token校验异常");
    assert!(error["hint"].as_str().unwrap().contains("also the new token"), "{error}");
    assert_eq!((server.calls().len(), server.requests().len()), (2, 4));
}
