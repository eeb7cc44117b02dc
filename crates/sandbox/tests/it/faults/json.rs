//! Answers whose JSON has drifted, or is none.

use encoding_rs::GBK;
use serde_json::{Value, json};
use weifen_sandbox::Sandbox;

use super::{bound_user, last, report_order, scenes, start_with};

/// The operation's own answer, and what came in its place.
async fn report_with(fault: Value) -> (Value, Vec<u8>) {
    let (sandbox, token) = start_with(fault).await;
    let reply = report_order(&sandbox, &token);
    assert_eq!(reply.status, 200);
    (logged(&sandbox), reply.body)
}

fn logged(sandbox: &Sandbox) -> Value {
    let entry = sandbox.log().pop().unwrap();
    assert!(entry.done && entry.fault.is_some());
    entry.answer
}

fn read(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

#[tokio::test]
async fn a_wrong_type_stands_where_a_scalar_stood() {
    for field in ["data", "status", "info"] {
        let (answer, body) = report_with(json!({ "kind": "wrong-type", "field": field })).await;
        let mut came = read(&body);
        let wrong = came[field].take();
        assert!(wrong.is_array() || wrong.is_object() || wrong.is_boolean(), "{wrong}");
        came[field] = answer[field].clone();
        assert_eq!(came, answer);
    }
}

#[tokio::test]
async fn a_field_nobody_knows_is_in_every_object() {
    let (sandbox, token) = start_with(json!({ "kind": "extra-field" })).await;
    let came = bound_user(&sandbox, &token).json();
    for object in [&came, &came["result"], &came["result"]["accounts"][0]] {
        assert!(object["sandbox_extra"].is_object(), "{object}");
    }
    assert_eq!(came["flag"], logged(&sandbox)["flag"]);
    let (_, body) = report_with(json!({ "kind": "extra-field", "field": "neu" })).await;
    assert!(read(&body)["neu"].is_object());
}

#[tokio::test]
async fn a_field_that_is_there_is_not_written_over_by_an_extra_one() {
    let (sandbox, token) = start_with(json!({ "kind": "extra-field", "field": "status" })).await;
    let came = bound_user(&sandbox, &token).json();
    assert!(came["status"].is_object() && came["result"]["status"].is_object(), "{came}");
    let reply = report_order(&sandbox, &token).json();
    assert_eq!((&reply["status"], last(&sandbox)), (&json!(200), (json!(null), true)), "there is no other object");
}

#[tokio::test]
async fn a_missing_field_is_gone_and_all_else_is_there() {
    let (mut answer, body) = report_with(json!({ "kind": "missing-field", "field": "data" })).await;
    answer.as_object_mut().unwrap().remove("data").unwrap();
    assert_eq!(read(&body), answer);
    let (answer, body) = report_with(json!({ "kind": "missing-field" })).await;
    assert_eq!(read(&body).as_object().unwrap().len(), answer.as_object().unwrap().len() - 1);
}

#[tokio::test]
async fn a_field_is_named_by_its_path_as_well() {
    let (sandbox, token) = start_with(json!({ "kind": "missing-field", "field": "result.nickname" })).await;
    let mut answer = bound_user(&sandbox, &token).json();
    assert!(answer["result"].get("nickname").is_none());
    answer["result"]["nickname"] = logged(&sandbox)["result"]["nickname"].clone();
    assert_eq!(answer, logged(&sandbox));
}

#[tokio::test]
async fn numbers_become_strings() {
    let (answer, body) = report_with(json!({ "kind": "number-as-string" })).await;
    assert_eq!(read(&body), json!({ "data": answer["data"], "status": "200", "info": "0" }));
    let (answer, body) = report_with(json!({ "kind": "number-as-string", "field": "info" })).await;
    assert_eq!(read(&body), json!({ "data": answer["data"], "status": 200, "info": "0" }));
}

#[tokio::test]
async fn strings_become_numbers() {
    let (answer, body) = report_with(json!({ "kind": "string-as-number" })).await;
    let number: u64 = answer["data"].as_str().unwrap().parse().unwrap();
    assert_eq!(read(&body)["data"], number);
    // A text that reads as no number becomes one all the same.
    let (sandbox, _) = start_with(json!({ "kind": "string-as-number" })).await;
    let came = scenes(&sandbox).json().to_string();
    assert_ne!(came, logged(&sandbox).to_string());
}

#[tokio::test]
async fn a_byte_order_mark_comes_first() {
    let (answer, body) = report_with(json!({ "kind": "bom" })).await;
    assert_eq!(body, [&b"\xEF\xBB\xBF"[..], answer.to_string().as_bytes()].concat());
}

#[tokio::test]
async fn chinese_comes_in_gbk_under_a_header_that_says_utf_8() {
    let (sandbox, _) = start_with(json!({ "kind": "gbk" })).await;
    let reply = scenes(&sandbox);
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    assert!(std::str::from_utf8(&reply.body).is_err());
    assert_eq!(GBK.decode(&reply.body).0, logged(&sandbox).to_string());
    assert!(reply.body.windows(4).any(|bytes| bytes == b"\xD1\xA7\xD0\xA3"), "学校");
}

#[tokio::test]
async fn an_answer_without_chinese_gets_some_for_gbk() {
    let (_, body) = report_with(json!({ "kind": "gbk" })).await;
    assert!(std::str::from_utf8(&body).is_err());
}

#[tokio::test]
async fn a_key_comes_twice_with_different_values() {
    let (answer, body) = report_with(json!({ "kind": "duplicate-key", "field": "status" })).await;
    let text = String::from_utf8(body).unwrap();
    assert_eq!(text.matches("\"status\":").count(), 2, "{text}");
    assert!(text.contains("\"status\":200") && text.ends_with(",\"status\":201}"), "{text}");
    assert_eq!(read(text.replace(",\"status\":201", "").as_bytes()), answer);
}

#[tokio::test]
async fn a_key_inside_comes_twice_there() {
    let (sandbox, token) = start_with(json!({ "kind": "duplicate-key", "field": "result.nickname" })).await;
    let text = bound_user(&sandbox, &token).text();
    assert_eq!(text.matches("\"nickname\":").count(), 2, "{text}");
    let result = text.split_once("\"result\":").unwrap().1;
    assert_eq!(result.matches("\"nickname\":").count(), 2, "{text}");
}

#[tokio::test]
async fn nesting_is_ten_thousand_deep() {
    let (_, body) = report_with(json!({ "kind": "deep-nesting" })).await;
    let text = String::from_utf8(body).unwrap();
    let nest = "[".repeat(10_000) + &"]".repeat(10_000);
    assert!(text.contains(&format!("\"sandbox_nested\":{nest}")) && text.contains("\"status\":200"));
    let (_, body) = report_with(json!({ "kind": "deep-nesting", "field": "data", "depth": 3 })).await;
    assert_eq!(read(&body)["data"], json!([[[]]]));
}

#[tokio::test]
async fn a_field_that_an_answer_has_not_spoils_nothing_and_counts_for_nothing() {
    for kind in ["wrong-type", "missing-field", "duplicate-key", "number-as-string"] {
        let (sandbox, token) = start_with(json!({ "kind": kind, "field": "nowhere", "times": 1 })).await;
        assert_eq!(report_order(&sandbox, &token).json()["status"], 200);
        assert_eq!(last(&sandbox), (json!(null), true));
        assert_eq!(sandbox.state()["faults"]["list"][0]["happened"], 0);
    }
}
