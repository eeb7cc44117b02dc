//! `获取AccessToken`, and what becomes of a token.

use std::{collections::HashSet, time::Duration};

use serde_json::{Value, json};
use weifen_sandbox::{Sandbox, test_data};

use crate::partner::{encode, fetch_token, get, post_json, start, token_path, with_token};

fn rejected() -> Value {
    json!({ "status": 0, "errMsg": "access_token校验异常" })
}

fn call_with(sandbox: &Sandbox, token: &str) -> Value {
    let path = format!("{}?openid={}&access_token={}", test_data::USER_PATH, test_data::OPENID, encode(token));
    get(sandbox.addr(), &path).json()
}

#[tokio::test]
async fn a_token_comes_in_the_documented_shape() {
    let sandbox = start().await;
    let answer = get(sandbox.addr(), &token_path()).json();
    assert_eq!(answer["status"], 200);
    assert_eq!(answer["info"], 0);
    assert_eq!(answer.as_object().unwrap().len(), 3);
    let token = answer["data"].as_str().unwrap();
    assert_eq!(token.len(), 40);
    assert!(token.starts_with('=') && token[1..].contains('='), "{token}");
    assert!(token.contains('+') && token.contains('/'), "{token}");
}

#[tokio::test]
async fn tokens_differ_and_come_in_the_same_sequence_on_every_start() {
    let (one, other) = (start().await, start().await);
    let first: Vec<_> = (0..50).map(|_| fetch_token(&one)).collect();
    let second: Vec<_> = (0..50).map(|_| fetch_token(&other)).collect();
    assert_eq!(first, second);
    assert_eq!(first.iter().collect::<HashSet<_>>().len(), 50);
}

#[tokio::test]
async fn wrong_credentials_are_refused_and_cost_no_fetch() {
    let sandbox = Sandbox::builder().daily_limit(1).start().await.unwrap();
    for path in [
        "/service/1.0/access/token".to_owned(),
        format!("/service/1.0/access/token?appid={}&secret=wrong", test_data::APPID),
        format!("/service/1.0/access/token?appid=wrong&secret={}", encode(test_data::SECRET)),
        // Not percent-encoded: its + becomes a space, its & cuts it.
        format!("/service/1.0/access/token?appid={}&secret={}", test_data::APPID, test_data::SECRET),
    ] {
        let answer = get(sandbox.addr(), &path).json();
        assert_eq!(answer, json!({ "status": 0, "errMsg": "appid或secret不正确" }), "{path}");
    }
    fetch_token(&sandbox);
}

#[tokio::test]
async fn a_token_is_read_from_the_query_alone() {
    let sandbox = start().await;
    let token = fetch_token(&sandbox);
    let body = json!({ "access_token": token, "code": "x" });
    let reply = post_json(sandbox.addr(), "/service/wxoauth/2.0/getOpenidByCode", &body);
    assert_eq!(reply.json(), rejected());
}

#[tokio::test]
async fn a_token_that_is_not_percent_encoded_is_refused_and_the_log_says_why() {
    let sandbox = start().await;
    let token = fetch_token(&sandbox);
    let path = format!("{}?openid={}&access_token={token}", test_data::USER_PATH, test_data::OPENID);
    assert_eq!(get(sandbox.addr(), &path).json(), rejected());
    let why = sandbox.log().pop().unwrap().why.unwrap();
    assert!(why.contains("percent-encode"), "{why}");
}

#[tokio::test]
async fn every_other_operation_refuses_a_wrong_token() {
    let sandbox = start().await;
    for path in [
        "/service/wxoauth/2.0/getBaseUrl",
        "/service/wxoauth/2.0/getOpenidByCode",
        "/service/1.0/sendPrizeNotice",
        "/service/weekBind/create",
        "/service/flowOrders/create",
    ] {
        let reply = post_json(sandbox.addr(), &format!("{path}?access_token=wrong"), &json!({}));
        assert_eq!((reply.status, reply.json()), (200, rejected()), "{path}");
    }
    for path in [test_data::USER_PATH, "/service/appOauthen/Ticket"] {
        assert_eq!(get(sandbox.addr(), path).json(), rejected(), "{path}");
    }
}

#[tokio::test]
async fn a_token_ends_after_two_hours_of_the_sandboxs_clock() {
    let sandbox = Sandbox::builder().clock_start("2026-01-01T00:00:00Z".parse().unwrap()).start().await.unwrap();
    let token = fetch_token(&sandbox);
    sandbox.advance(Duration::from_secs(7199)).unwrap();
    assert_eq!(call_with(&sandbox, &token)["flag"], 0);
    sandbox.advance(Duration::from_secs(1)).unwrap();
    assert_eq!(call_with(&sandbox, &token), rejected());
    assert_eq!(call_with(&sandbox, &fetch_token(&sandbox))["flag"], 0);
}

#[tokio::test]
async fn an_older_token_lives_on_unless_tokens_are_single() {
    let sandbox = start().await;
    let older = fetch_token(&sandbox);
    let newer = fetch_token(&sandbox);
    assert_eq!(call_with(&sandbox, &older)["flag"], 0);
    assert_eq!(call_with(&sandbox, &newer)["flag"], 0);

    let sandbox = Sandbox::builder().single_token(true).start().await.unwrap();
    let older = fetch_token(&sandbox);
    let newer = fetch_token(&sandbox);
    assert_eq!(call_with(&sandbox, &older), rejected());
    assert_eq!(call_with(&sandbox, &newer)["flag"], 0);
}

#[tokio::test]
async fn fetches_are_limited_by_the_beijing_day() {
    let sandbox =
        Sandbox::builder().daily_limit(2).clock_start("2026-01-01T15:59:58Z".parse().unwrap()).start().await.unwrap();
    let used_up = json!({ "status": 0, "errMsg": "今日获取access_token次数已达上限" });
    fetch_token(&sandbox);
    fetch_token(&sandbox);
    assert_eq!(get(sandbox.addr(), &token_path()).json(), used_up);
    sandbox.advance(Duration::from_secs(1)).unwrap();
    assert_eq!(get(sandbox.addr(), &token_path()).json(), used_up);
    // Midnight in Beijing.
    sandbox.advance(Duration::from_secs(1)).unwrap();
    assert_eq!(sandbox.state()["weiting"]["tokens"]["fetched_today"], 0);
    fetch_token(&sandbox);
    assert_eq!(sandbox.state()["weiting"]["tokens"]["fetched_today"], 1);
}

#[tokio::test]
async fn the_life_of_a_token_can_be_set() {
    let sandbox = Sandbox::builder()
        .token_life(Duration::from_secs(5))
        .clock_start("2026-01-01T00:00:00Z".parse().unwrap())
        .start()
        .await
        .unwrap();
    let path = with_token(&sandbox, test_data::USER_PATH);
    sandbox.advance(Duration::from_secs(5)).unwrap();
    assert_eq!(get(sandbox.addr(), &path).json(), rejected());
}
