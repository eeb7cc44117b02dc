//! Calls under an `Idempotency-Key`: nothing is sent twice, whatever happens to callers, vendor and database.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;
use weifen_sandbox::{Fault, FaultKind, test_data};
use weifen_server::Server;
use weifen_server::weifen::inbox::Inbox;
use weifen_server::weifen::journal::{Journal, Times};

use super::client::{Answer, Request};
use super::service::{KEY, Service, config, vendors};
use crate::setup::Setup;

const DEVICE: &str = "13300001111";

fn order(key: &str) -> Request {
    order_of(
        key,
        &json!({
            "openid": test_data::OPENID,
            "deviceno": DEVICE,
            "traffic_package_name": "1G",
        }),
    )
}

fn order_of(key: &str, body: &Value) -> Request {
    Request::post("/v1/weiting/order-reports", body.to_string()).header("idempotency-key", key)
}

fn qrcode(user: &str, reference: &str) -> Request {
    let body = json!({ "auth_open_id": user, "nickname": "甲", "sex": 0, "ip": "127.0.0.1", "reference": reference });
    Request::post("/v1/fensi/qrcodes", body.to_string())
}

async fn outcome(service: &Service, key: &str) -> Value {
    service.send(Request::get(&format!("/v1/calls/{key}"))).await.ok()["call"].clone()
}

/// Number of requests for this operation that reached the vendor.
fn arrived(service: &Service, operation: &str) -> usize {
    service.sandbox.log().iter().filter(|entry| entry.operation == Some(operation)).count()
}

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_comes_again_is_answered_as_before() {
    let service = Service::start("").await;
    let first = service.send(order("order-1")).await;
    assert!(!is_replayed(&first));
    let number = first.ok();
    for again in [order("order-1"), order("\"order-1\"")] {
        let again = service.send(again).await;
        assert!(is_replayed(&again), "{again:?}");
        assert_eq!(again.ok(), number);
    }
    let reordered = json!({
        "transaction_date": null,
        "traffic_package_name": "1G",
        "deviceno": DEVICE,
        "openid": test_data::OPENID,
    });
    assert!(is_replayed(&service.send(order_of("order-1", &reordered)).await));
    assert_eq!(arrived(&service, "order_report"), 1);
    let call = outcome(&service, "order-1").await;
    assert_eq!((&call["outcome"], &call["answer"], &call["status"]), (&json!("done"), &number, &json!(200)));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_needed_and_stands_for_one_request() {
    let service = Service::start("").await;
    let keyless = service.send(order("k").without("idempotency-key")).await;
    assert_eq!((keyless.status, keyless.problem()), (400, "key_required".to_owned()));
    for wrong in ["", "a b", &"k".repeat(129)] {
        let answer = service.send(order(wrong)).await;
        assert_eq!((answer.status, answer.problem()), (400, "invalid_request".to_owned()), "{wrong}");
    }
    // A request that is refused by this server uses up no key.
    let blank = json!({ "openid": "", "deviceno": " ", "traffic_package_name": " " });
    let answer = service.send(order_of("k", &blank)).await;
    assert_eq!(answer.problem(), "invalid_request");
    assert_eq!(service.send(Request::get("/v1/calls/k")).await.status, 404);
    service.send(order("k")).await.ok();
    let other = json!({ "openid": test_data::OPENID, "deviceno": DEVICE, "traffic_package_name": "2G" });
    assert_eq!(outcome(&service, "%22k%22").await["key"], "k");
    let reused = service.send(order_of("k", &other)).await;
    assert_eq!((reused.status, reused.problem()), (422, "key_reused".to_owned()));
    assert_eq!(arrived(&service, "order_report"), 1);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_first_is_under_way_the_second_is_told_so() {
    let service = Service::start("").await;
    let delay = FaultKind::Delay { delay_ms: Some(1500) };
    service.sandbox.set_faults(1, [Fault::new(delay).operation("order_report").times(1)]).unwrap();
    let (first, second) = tokio::join!(service.send(order("k")), async {
        sleep(Duration::from_millis(500)).await;
        service.send(order("k")).await
    });
    first.ok();
    assert_eq!((second.status, second.problem()), (409, "key_in_use".to_owned()));
    assert!(second.header("retry-after").is_some(), "{second:?}");
    assert_eq!(arrived(&service, "order_report"), 1);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_hangs_up_finds_the_answer_under_its_key() {
    let service = Service::start("").await;
    let delay = FaultKind::Delay { delay_ms: Some(1000) };
    service.sandbox.set_faults(1, [Fault::new(delay).operation("order_report").times(1)]).unwrap();
    let request = order("k").key(KEY);
    let mut stream = TcpStream::connect(service.address()).await.unwrap();
    stream.write_all(request.head().as_bytes()).await.unwrap();
    stream.write_all(request.body()).await.unwrap();
    while arrived(&service, "access_token") == 0 {
        sleep(Duration::from_millis(10)).await;
    }
    sleep(Duration::from_millis(200)).await;
    drop(stream);
    while outcome(&service, "k").await["outcome"] == "begun" {
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(outcome(&service, "k").await["outcome"], "done");
    let again = service.send(order("k")).await;
    assert!(is_replayed(&again));
    assert!(again.ok()["order_number"].is_string());
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_left_leaves_the_key_free() {
    let setup = Setup::new();
    let vendors = "[weiting]\nbase_url = 'http://127.0.0.1:9'\nappid = 'a'\nsecret = 's'\ntoken_store = 'memory'\n\
                   [http]\ntimeout_s = 1\nconnect_timeout_s = 1\n";
    let running = Server::builder(config(&setup, vendors, "")).start().await.unwrap();
    let address = running.api_address().unwrap();
    for attempt in 1..=2 {
        let answer = order("k").key(KEY).send(address).await;
        assert_eq!((answer.status, answer.problem()), (503, "not_delivered".to_owned()));
        let call = Request::get("/v1/calls/k").key(KEY).send(address).await.ok()["call"].clone();
        assert_eq!((&call["outcome"], &call["attempt"]), (&json!("free"), &json!(attempt)));
    }
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_final_refusal_and_an_unknown_outcome_are_answered_again_and_a_temporary_refusal_is_not() {
    let service = Service::start("").await;
    let ticket = |ticket: &str, key: &str| {
        let body = json!({ "ticket": ticket }).to_string();
        Request::post("/v1/weiting/mobile", body).header("idempotency-key", key)
    };
    let first = service.send(ticket("no-such-ticket", "refused")).await;
    assert_eq!(first.problem(), "refused", "{first:?}");
    let again = service.send(ticket("no-such-ticket", "refused")).await;
    assert!(is_replayed(&again));
    assert_eq!(again.json(), first.json());
    assert_eq!(outcome(&service, "refused").await["outcome"], "refused");

    let before = arrived(&service, "order_report");
    service.sandbox.set_faults(1, [Fault::new(FaultKind::Reset).operation("order_report").times(1)]).unwrap();
    for _ in 0..2 {
        let answer = service.send(order("unknown")).await;
        assert_eq!((answer.status, answer.problem()), (504, "unknown_outcome".to_owned()));
    }
    assert_eq!(arrived(&service, "order_report"), before + 1);
    let unknown = service.send(Request::get("/v1/calls?outcome=unknown")).await.ok();
    assert_eq!(unknown["calls"].as_array().unwrap().len(), 1, "{unknown}");

    for attempt in 1..=2 {
        let answer = service.send(ticket(test_data::TICKET_FAULT, "temporary")).await;
        assert!(!is_replayed(&answer) && answer.json()["retryable"] == true, "{answer:?}");
        let call = outcome(&service, "temporary").await;
        assert_eq!((&call["outcome"], &call["attempt"]), (&json!("free"), &json!(attempt)));
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_refused_for_its_token_leaves_the_key_free() {
    let service = Service::start("").await;
    service.sandbox.set_faults(1, [Fault::new(FaultKind::EarlyTokenExpiry).operation("order_report")]).unwrap();
    // The new token is rejected too, and then the next is not fetched yet.
    for (status, kind) in [(422, "refused"), (503, "not_delivered")] {
        let answer = service.send(order("k")).await;
        assert_eq!((answer.status, &*answer.problem()), (status, kind), "{answer:?}");
        assert_eq!(outcome(&service, "k").await["outcome"], "free");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_for_whom_no_account_is_left_may_come_again_under_the_key() {
    let service = Service::start("").await;
    // The sandbox has no such scene.
    let body = json!({ "auth_open_id": "kiosk-1", "nickname": "甲", "sex": 0, "ip": "127.0.0.1", "label": 99 });
    for attempt in 1..=2 {
        let request = Request::post("/v1/fensi/qrcodes", body.to_string()).header("idempotency-key", "k");
        let answer = service.send(request).await;
        assert!(!is_replayed(&answer), "{answer:?}");
        assert_eq!(answer.ok(), json!({ "qrcode": null, "booking": null }));
        let call = outcome(&service, "k").await;
        assert_eq!((&call["outcome"], &call["attempt"]), (&json!("free"), &json!(attempt)));
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_ends_when_its_key_is_unknown_is_not_told_to_be_repeated() {
    let service = Service::start("").await;
    let delay = FaultKind::Delay { delay_ms: Some(1500) };
    service.sandbox.set_faults(1, [Fault::new(delay).operation("mobile_by_ticket").times(1)]).unwrap();
    let body = json!({ "ticket": test_data::TICKET_FAULT }).to_string();
    let late = Request::post("/v1/weiting/mobile", body).header("idempotency-key", "late");
    let (answer, ()) = tokio::join!(service.send(late), async {
        while service.send(Request::get("/v1/calls/late")).await.status == 404 {
            sleep(Duration::from_millis(50)).await;
        }
        // Another server that starts on the file takes what is begun for the calls of one that has ended.
        let inbox = Inbox::open(&service.database()).await.unwrap();
        let times = Times { sendable: Duration::from_secs(60), kept: Duration::from_secs(60) };
        Journal::open(inbox.pool().clone(), times).await.unwrap();
        inbox.close().await;
    });
    assert_eq!((answer.status, answer.problem()), (409, "overtaken".to_owned()));
    assert_eq!(answer.json()["retryable"], false);
    assert_eq!(outcome(&service, "late").await["outcome"], "unknown");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qr_code_is_booked_with_its_answer_and_shown_as_it_was() {
    let service = Service::start("").await;
    let keyless = service.send(qrcode("kiosk-1", "order-1")).await.ok();
    assert_eq!(keyless["booking"]["reference"], "order-1");
    assert_eq!(keyless["booking"]["bid"], keyless["qrcode"]["bidding"]);

    let keyed = || qrcode("kiosk-2", "order-2").header("idempotency-key", "qr-1");
    let first = service.send(keyed()).await.ok();
    let again = service.send(keyed()).await;
    assert!(is_replayed(&again));
    assert_eq!(again.ok(), first);
    let bookings = service.send(Request::get("/v1/bookings?auth_open_id=kiosk-2")).await.ok();
    assert_eq!(bookings["bookings"], json!([first["booking"]]));

    // A newer code for the same user and account changes the booking, and not the answer.
    let second = service.send(qrcode("kiosk-2", "order-3")).await.ok();
    assert_ne!(second["booking"]["id"], first["booking"]["id"]);
    assert_eq!(service.send(keyed()).await.ok()["booking"]["status"], "open");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qr_code_without_a_key_that_cannot_be_booked_is_not_to_be_asked_for_again() {
    let service = Service::start("").await;
    let database = service.path("inbox.db");
    std::fs::rename(&database, database.with_extension("away")).unwrap();
    let answer = service.send(qrcode("kiosk-1", "order-1")).await;
    assert_eq!((answer.status, answer.problem()), (503, "store".to_owned()));
    assert_eq!((&answer.json()["retryable"], answer.header("retry-after")), (&json!(false), None));
    assert!(!answer.body.contains("inbox.db"), "{answer:?}");
    assert_eq!(arrived(&service, "qrcode"), 1);
    std::fs::rename(database.with_extension("away"), &database).unwrap();
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_field_of_a_call_is_told_at_once() {
    let service = Service::start("").await;
    for sex in [json!(0), json!("0")] {
        let body = json!({ "auth_open_id": " ", "nickname": "甲", "sex": sex, "ip": "here", "key": "for eign",
                           "reference": "a\nb", "state": "s " });
        let answer = service.send(Request::post("/v1/fensi/qrcodes", body.to_string())).await;
        let mut wrong = vec!["#/auth_open_id", "#/ip", "#/key", "#/reference", "#/sex", "#/state"];
        wrong.retain(|place| sex != 0 || *place != "#/sex");
        assert_eq!(answer.faults(), wrong, "{answer:?}");
    }
    let body = json!({ "openid": "a b", "deviceno": " ", "traffic_package_name": " ", "transaction_date": "2016-02-30",
                       "amount": 1 });
    let answer = service.send(Request::post("/v1/weiting/order-reports", body.to_string())).await;
    let wrong = ["#/amount", "#/deviceno", "#/openid", "#/traffic_package_name", "#/transaction_date"];
    assert_eq!(answer.faults(), wrong, "{answer:?}");
    assert_eq!((arrived(&service, "qrcode"), arrived(&service, "order_report")), (0, 0));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_ended_server_has_begun_is_unknown_and_is_not_sent_again() {
    let (setup, sandbox) = (Setup::new(), weifen_sandbox::Sandbox::start().await.unwrap());
    let config = || config(&setup, &vendors(&sandbox), "");
    let running = Server::builder(config()).start().await.unwrap();
    let delay = FaultKind::Delay { delay_ms: Some(3000) };
    sandbox.set_faults(1, [Fault::new(delay).operation("order_report").times(1)]).unwrap();
    let address = running.api_address().unwrap();
    let sending = tokio::spawn(async move { order("k").key(KEY).send(address).await });
    while !sandbox.log().iter().any(|entry| entry.operation == Some("access_token")) {
        sleep(Duration::from_millis(10)).await;
    }
    sleep(Duration::from_millis(300)).await;
    sending.abort();
    // As a crash: nothing of it is ended in order.
    drop(running);
    let running = loop {
        match Server::builder(config()).start().await {
            Ok(running) => break running,
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    };
    let answer = order("k").key(KEY).send(running.api_address().unwrap()).await;
    assert_eq!((answer.status, answer.problem()), (504, "unknown_outcome".to_owned()));
    assert!(is_replayed(&answer));
    running.drain().await;
    sandbox.stop().await;
}
