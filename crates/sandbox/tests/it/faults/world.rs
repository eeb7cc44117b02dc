//! Faults of the vendor's world: tokens that end early, and a day's fetches that are used up.

use serde_json::{Value, json};
use weifen_sandbox::Sandbox;

use super::{last, orders, report_order, scenes, start_with};
use crate::partner::{fetch_token, get, token_path};

#[tokio::test]
async fn a_token_that_ended_early_is_rejected_from_then_on() {
    let (sandbox, token) = start_with(json!({ "kind": "early-token-expiry", "times": 1 })).await;
    for fault in [json!("early-token-expiry"), json!(null)] {
        assert_eq!(report_order(&sandbox, &token).json(), json!({ "status": 0, "errMsg": "access_token校验异常" }));
        assert_eq!(last(&sandbox), (fault, false));
    }
    assert_eq!(sandbox.state()["weiting"]["tokens"]["issued"][0]["live"], false);
    let fresh = fetch_token(&sandbox);
    assert_eq!(report_order(&sandbox, &fresh).json()["status"], 200);
    assert_eq!(orders(&sandbox), 1);
}

#[tokio::test]
async fn a_token_that_is_none_can_not_end_early() {
    let (sandbox, _) = start_with(json!({ "kind": "early-token-expiry" })).await;
    assert_eq!(report_order(&sandbox, "nonsense").json()["status"], 0);
    assert_eq!(last(&sandbox), (json!(null), false));
    assert_eq!(scenes(&sandbox).json()["code"], 20000, "no token is carried there");
}

#[tokio::test]
async fn token_fetches_are_refused_as_by_the_daily_limit() {
    let (sandbox, token) = start_with(json!({ "kind": "quota-out", "times": 2 })).await;
    for _ in 0..2 {
        let refusal = get(sandbox.addr(), &token_path()).json();
        assert_eq!(refusal, json!({ "status": 0, "errMsg": "今日获取access_token次数已达上限" }));
        assert_eq!(last(&sandbox), (json!("quota-out"), false));
    }
    assert_eq!(sandbox.state()["weiting"]["tokens"]["fetched_today"], 1);
    assert_eq!(report_order(&sandbox, &token).json()["status"], 200);
    fetch_token(&sandbox);
}

#[tokio::test]
async fn a_fetch_with_wrong_credentials_takes_the_fault_with_it() {
    let (sandbox, _) = start_with(json!({ "kind": "quota-out", "times": 1 })).await;
    get(sandbox.addr(), "/service/1.0/access/token?appid=x&secret=y");
    assert_eq!((last(&sandbox), happened(&sandbox)), ((json!("quota-out"), false), json!(1)));
    fetch_token(&sandbox);
    assert_eq!((last(&sandbox), happened(&sandbox)), ((json!(null), true), json!(1)));
}

fn happened(sandbox: &Sandbox) -> Value {
    sandbox.state()["faults"]["list"][0]["happened"].clone()
}
