//! Replies that are none: another status, a page, nothing, elsewhere.

use std::time::Duration;

use serde_json::json;
use weifen_sandbox::{Fault, FaultKind};

use super::{last, orders, report_order, start_with};

#[tokio::test]
async fn a_status_comes_without_the_answer() {
    let retry = Duration::from_secs(7);
    let (sandbox, token) = start_with(Fault::new(FaultKind::Status).status(503).retry_after(retry)).await;
    let reply = report_order(&sandbox, &token);
    assert_eq!((reply.status, reply.text().as_str()), (503, "Service Unavailable"));
    assert_eq!(reply.header("retry-after"), Some("7"));
    assert_eq!((orders(&sandbox), last(&sandbox)), (1, (json!("status"), true)));
}

#[tokio::test]
async fn a_status_can_come_with_the_answer() {
    let fault = Fault::new(FaultKind::Status).keep_body(true).retry_after(Duration::from_secs(7));
    let (sandbox, token) = start_with(fault).await;
    let reply = report_order(&sandbox, &token);
    assert_eq!((reply.status, reply.json()), (500, sandbox.log().pop().unwrap().answer));
    assert_eq!(reply.header("retry-after"), Some("7"));
}

#[tokio::test]
async fn html_is_a_page_with_status_200() {
    let (sandbox, token) = start_with(Fault::new(FaultKind::Html)).await;
    let reply = report_order(&sandbox, &token);
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(reply.text().starts_with("<!DOCTYPE html>"), "{}", reply.text());
    assert_eq!((orders(&sandbox), last(&sandbox)), (1, (json!("html"), true)));
}

#[tokio::test]
async fn empty_is_a_reply_without_a_byte_of_body() {
    let (sandbox, token) = start_with(Fault::new(FaultKind::Empty)).await;
    let reply = report_order(&sandbox, &token);
    assert_eq!((reply.status, reply.body.len(), reply.header("content-length")), (200, 0, Some("0")));
    assert_eq!((orders(&sandbox), last(&sandbox)), (1, (json!("empty"), true)));
}

#[tokio::test]
async fn a_redirect_leads_elsewhere() {
    let (sandbox, token) = start_with(Fault::new(FaultKind::Redirect)).await;
    let reply = report_order(&sandbox, &token);
    assert_eq!((reply.status, reply.header("location")), (302, Some("http://elsewhere.invalid/")));
    let to = Fault::new(FaultKind::Redirect).status(307).location("http://127.0.0.1:9/x");
    sandbox.set_faults(1, [to]).unwrap();
    let reply = report_order(&sandbox, &token);
    assert_eq!((reply.status, reply.header("location")), (307, Some("http://127.0.0.1:9/x")));
    assert_eq!((orders(&sandbox), last(&sandbox)), (2, (json!("redirect"), true)));
}

#[tokio::test]
async fn each_of_them_can_come_before_the_operation() {
    for (kind, status) in [
        (FaultKind::Status, 500),
        (FaultKind::Html, 200),
        (FaultKind::Empty, 200),
        (FaultKind::Redirect, 302),
        (FaultKind::GzipBomb, 200),
        (FaultKind::BadGzip, 200),
    ] {
        let (sandbox, token) = start_with(Fault::new(kind).before(true)).await;
        assert_eq!(report_order(&sandbox, &token).status, status, "{kind:?}");
        assert_eq!((orders(&sandbox), last(&sandbox)), (0, (json!(kind), false)));
    }
}
