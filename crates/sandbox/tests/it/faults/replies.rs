//! Replies that are none: another status, a page, nothing, elsewhere.

use serde_json::json;

use super::{last, orders, report_order, set_faults, start_with};

#[tokio::test]
async fn a_status_comes_without_the_answer() {
    let (sandbox, token) = start_with(json!({ "kind": "status", "status": 503, "retry_after_s": 7 })).await;
    let reply = report_order(&sandbox, &token);
    assert_eq!((reply.status, reply.text().as_str()), (503, "Service Unavailable"));
    assert_eq!(reply.header("retry-after"), Some("7"));
    assert_eq!((orders(&sandbox), last(&sandbox)), (1, (json!("status"), true)));
}

#[tokio::test]
async fn a_status_can_come_with_the_answer() {
    let fault = json!({ "kind": "status", "keep_body": true, "retry_after_s": 7 });
    let (sandbox, token) = start_with(fault).await;
    let reply = report_order(&sandbox, &token);
    assert_eq!((reply.status, reply.json()), (500, sandbox.log().pop().unwrap().answer));
    assert_eq!(reply.header("retry-after"), Some("7"));
}

#[tokio::test]
async fn html_is_a_page_with_status_200() {
    let (sandbox, token) = start_with(json!({ "kind": "html" })).await;
    let reply = report_order(&sandbox, &token);
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(reply.text().starts_with("<!DOCTYPE html>"), "{}", reply.text());
    assert_eq!((orders(&sandbox), last(&sandbox)), (1, (json!("html"), true)));
}

#[tokio::test]
async fn empty_is_a_reply_without_a_byte_of_body() {
    let (sandbox, token) = start_with(json!({ "kind": "empty" })).await;
    let reply = report_order(&sandbox, &token);
    assert_eq!((reply.status, reply.body.len(), reply.header("content-length")), (200, 0, Some("0")));
    assert_eq!((orders(&sandbox), last(&sandbox)), (1, (json!("empty"), true)));
}

#[tokio::test]
async fn a_redirect_leads_elsewhere() {
    let (sandbox, token) = start_with(json!({ "kind": "redirect" })).await;
    let reply = report_order(&sandbox, &token);
    assert_eq!((reply.status, reply.header("location")), (302, Some("http://elsewhere.invalid/")));
    let to = json!({ "kind": "redirect", "status": 307, "location": "http://127.0.0.1:9/x" });
    set_faults(&sandbox, 1, &json!([to]));
    let reply = report_order(&sandbox, &token);
    assert_eq!((reply.status, reply.header("location")), (307, Some("http://127.0.0.1:9/x")));
    assert_eq!((orders(&sandbox), last(&sandbox)), (2, (json!("redirect"), true)));
}

#[tokio::test]
async fn each_of_them_can_come_before_the_operation() {
    for (kind, status) in
        [("status", 500), ("html", 200), ("empty", 200), ("redirect", 302), ("gzip-bomb", 200), ("bad-gzip", 200)]
    {
        let (sandbox, token) = start_with(json!({ "kind": kind, "before": true })).await;
        assert_eq!(report_order(&sandbox, &token).status, status, "{kind}");
        assert_eq!((orders(&sandbox), last(&sandbox)), (0, (json!(kind), false)));
    }
}
