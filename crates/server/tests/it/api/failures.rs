//! What a call that fails is answered with: the vendor, the operation, and whether it may be sent again.

use std::time::Duration;

use serde_json::{Value, json};
use weifen_sandbox::{Fault, FaultKind, Sandbox, test_data};
use weifen_server::Server;

use super::client::{Answer, Request};
use super::service::{KEY, Service, config};
use crate::setup::Setup;

fn mobile(ticket: &str) -> Request {
    Request::post("/v1/weiting/mobile", json!({ "ticket": ticket }).to_string())
}

/// Status, kind, operation and whether it may be sent again.
#[track_caller]
fn told(answer: &Answer) -> (u16, String, String, bool) {
    let problem = answer.json();
    let operation = problem["operation"].as_str().unwrap_or_default().to_owned();
    (answer.status, answer.problem(), operation, problem["retryable"] == true)
}

fn expected(status: u16, kind: &str, operation: &str, retryable: bool) -> (u16, String, String, bool) {
    (status, kind.to_owned(), operation.to_owned(), retryable)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_brings_the_vendors_code_and_words() {
    let service = Service::start("").await;
    let unknown = service.send(mobile("no-such-ticket")).await;
    assert_eq!(told(&unknown), expected(422, "refused", "mobile_by_ticket", false));
    let problem = unknown.json();
    assert_eq!(problem["vendor"], "weiting");
    assert!(problem["code"].is_i64() && problem["message"].is_string() && problem["hint"].is_string(), "{problem}");

    let temporary = service.send(mobile(test_data::TICKET_FAULT)).await;
    assert_eq!(told(&temporary), expected(422, "refused", "mobile_by_ticket", true));
    assert_eq!(temporary.json()["message"], "接口异常，请稍后再试");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_tells_whether_the_call_may_have_happened() {
    let service = Service::start("").await;
    for (request, answer) in [
        (Request::get("/v1/fensi/cities"), expected(504, "no_reply", "cities", true)),
        (mobile("sandbox-ticket-1"), expected(504, "unknown_outcome", "mobile_by_ticket", false)),
    ] {
        service.sandbox.set_faults(1, [Fault::new(FaultKind::Reset).operation(&answer.2)]).unwrap();
        assert_eq!(told(&service.send(request).await), answer);
    }
    for (request, answer) in [
        (Request::get("/v1/fensi/cities"), expected(502, "undecodable", "cities", true)),
        (mobile("sandbox-ticket-2"), expected(504, "undecodable", "mobile_by_ticket", false)),
    ] {
        let html = FaultKind::Html { status: None };
        service.sandbox.set_faults(1, [Fault::new(html).operation(&answer.2)]).unwrap();
        assert_eq!(told(&service.send(request).await), answer);
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_a_gateway_compressed_unasked_is_read() {
    let service = Service::start("").await;
    for (kind, detail) in
        [(FaultKind::GzipBomb { inflated_mib: Some(4) }, "larger than"), (FaultKind::BadGzip, "decompressed")]
    {
        service.sandbox.set_faults(1, [Fault::new(kind).operation("cities")]).unwrap();
        let answer = service.send(Request::get("/v1/fensi/cities")).await;
        assert_eq!(answer.problem(), "undecodable");
        assert!(answer.json()["detail"].as_str().unwrap().contains(detail), "{answer:?}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_nobody_reaches_gets_nothing() {
    let setup = Setup::new();
    let vendors = "[fensi]\nbase_url = 'http://127.0.0.1:9'\ndevelop_appid = 'a'\napp_secret = 's'\n\
                   [http]\ntimeout_s = 1\nconnect_timeout_s = 1\n";
    let running = Server::builder(config(&setup, vendors, "")).start().await.unwrap();
    let answer = Request::get("/v1/fensi/scenes").key(KEY).send(running.api_address().unwrap()).await;
    assert_eq!(told(&answer), expected(503, "not_delivered", "scenes", true));
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fetch_that_failed_is_named_where_a_call_needs_a_token() {
    let service = Service::start("").await;
    service.sandbox.set_faults(1, [Fault::new(FaultKind::QuotaOut)]).unwrap();
    for path in ["/v1/weiting/token", "/v1/weiting/users/a"] {
        let answer = service.send(Request::get(path)).await;
        let problem = answer.json();
        assert_eq!((&problem["vendor"], &problem["operation"]), (&json!("weiting"), &json!("access_token")), "{path}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_hangs_up_stops_no_call() {
    use tokio::io::AsyncWriteExt;

    let service = Service::start("").await;
    let late = FaultKind::Delay { delay_ms: Some(300) };
    service.sandbox.set_faults(1, [Fault::new(late).operation("access_token")]).unwrap();
    let mut stream = tokio::net::TcpStream::connect(service.address()).await.unwrap();
    let request = Request::get(&format!("/v1/weiting/users/{}", test_data::OPENID)).key(KEY);
    stream.write_all(request.head().as_bytes()).await.unwrap();
    let is_asked = |name| service.sandbox.log().iter().any(|entry| entry.operation == Some(name));
    let until = async |name| {
        while !is_asked(name) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let begun = tokio::time::timeout(Duration::from_secs(30), until("access_token"));
    begun.await.expect("the token is fetched");
    // The server learns of it at once, by a reset.
    stream.set_zero_linger().unwrap();
    drop(stream);
    let done = tokio::time::timeout(Duration::from_secs(30), until("bound_user"));
    done.await.expect("the call goes on with the token");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_set_up_is_answered_with_501() {
    let (setup, sandbox) = (Setup::new(), Sandbox::start().await.unwrap());
    let weiting = format!(
        "[weiting]\nbase_url = '{}'\nappid = '{}'\nsecret = '{}'\ntoken_store = 'memory'\n",
        sandbox.weiting_base_url(),
        test_data::APPID,
        test_data::SECRET,
    );
    let running = Server::builder(config(&setup, &weiting, "")).start().await.expect("微厅 alone needs no push secret");
    assert_eq!(running.push_address(), None, "no pushes are received");
    let send = async |request: Request| request.key(KEY).send(running.api_address().unwrap()).await;
    for (path, missing) in [("/v1/fensi/cities", "fensi.develop_appid"), ("/v1/weiting/users/a", "user_path")] {
        let answer = send(Request::get(path)).await;
        assert_eq!((answer.status, &*answer.problem()), (501, "config"), "{answer:?}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(missing), "{answer:?}");
    }
    assert_ne!(send(Request::get("/v1/weiting/token")).await.ok()["access_token"], Value::Null);
    running.drain().await;
}
