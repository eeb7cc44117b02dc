//! Deliveries over the API: claimed by consumers, and acknowledged.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use weifen_sandbox::{Sandbox, test_data};
use weifen_server::weifen::inbox::{Receipt, Rules, Status, Unsolicited};
use weifen_server::{Deliveries, Running, Server};

use super::client::{Answer, Request};
use super::service::{KEY, Service, config, vendors};
use crate::setup::{HANGS, Setup, page};

const OTHER_KEY: &str = "till-key-0123456789abcdef0123456789";

fn claim(max: u32, wait: u32, lease: u32) -> Request {
    Request::post("/v1/deliveries/claim", json!({"max": max, "wait_s": wait, "lease_s": lease}).to_string())
}

fn ack(acks: &Value) -> Request {
    Request::post("/v1/deliveries/ack", json!({ "acks": acks }).to_string())
}

async fn follow(running: &Running, user: &str) {
    let push = json!({
        "key": test_data::KEY, "develop_appid": test_data::DEVELOP_APPID, "auth_open_id": user, "bidding": 90,
        "appid": "wx-account", "nickname": "",
    });
    let rules = Rules::new(test_data::DEVELOP_APPID).keys([test_data::KEY]).unsolicited(Unsolicited::Pay);
    let intake = running.inbox().receiving(rules);
    assert_eq!(intake.receive(push.to_string()).await.unwrap(), Receipt::Stored);
}

async fn claimed(service: &Service, request: Request) -> Vec<Value> {
    service.send(request).await.ok()["deliveries"].as_array().unwrap().clone()
}

async fn said(service: &Service, acks: Value) -> Vec<String> {
    let results = service.send(ack(&acks)).await.ok()["results"].clone();
    results.as_array().unwrap().iter().map(|result| result["result"].as_str().unwrap().to_owned()).collect()
}

fn by(delivery: &Value, mut words: Value) -> Value {
    (words["id"], words["lease"]) = (delivery["id"].clone(), delivery["lease"].clone());
    words
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_claimed_and_acknowledged() {
    let service = Service::start("").await;
    assert_eq!(service.running.deliveries(), Deliveries::Claimed);
    assert_eq!(claimed(&service, claim(10, 0, 60)).await, Vec::<Value>::new());
    follow(&service.running, "u").await;
    let deliveries = claimed(&service, claim(10, 0, 60)).await;
    let [delivery] = &deliveries[..] else { panic!("one: {deliveries:?}") };
    let event = service.running.inbox().events(None, 0).await.unwrap().remove(0);
    assert_eq!((&delivery["id"], &delivery["attempt"]), (&json!(event.id), &json!(1)));
    assert_eq!(delivery["webhook_id"], event.key.as_str());
    assert_eq!(delivery["payload"]["type"], "fensi.follow");
    assert_eq!(delivery["payload"]["data"]["auth_open_id"], "u");
    assert_eq!(delivery["payload"]["booking"], Value::Null);
    for _ in 0..2 {
        assert_eq!(said(&service, json!([by(delivery, json!({"ok": true}))])).await, ["done"]);
    }
    assert_eq!(said(&service, json!([by(delivery, json!({"ok": false}))])).await, ["overtaken"]);
    assert_eq!(service.running.inbox().events(None, 0).await.unwrap()[0].status, Status::Delivered);
    assert!(page(&service.running, "/metrics").await.contains("weifen_inbox_delivered_total 1\n"));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_are_acknowledged_at_once_each_in_its_way() {
    let service = Service::start("").await;
    for user in ["a", "b", "c"] {
        follow(&service.running, user).await;
    }
    let deliveries = claimed(&service, claim(3, 0, 60)).await;
    let [taken, refused, longer] = &deliveries[..] else { panic!("three: {deliveries:?}") };
    let results = said(
        &service,
        json!([
            by(longer, json!({"extend_s": 3600, "ok": null})),
            by(taken, json!({"ok": true})),
            by(refused, json!({"ok": false, "retry_after_s": 3600, "error": "out of stock"})),
            {"id": 99, "lease": taken["lease"], "ok": true},
            by(taken, json!({"extend_s": 5})),
        ]),
    );
    assert_eq!(results.await, ["done", "done", "done", "overtaken", "overtaken"]);
    let events = service.running.inbox().events(None, 0).await.unwrap();
    let statuses: Vec<_> = events.iter().map(|event| event.status).collect();
    assert_eq!(statuses, [Status::Delivered, Status::Pending, Status::Pending]);
    assert_eq!(events[1].last_failure.as_deref(), Some("out of stock"));
    assert_eq!(claimed(&service, claim(10, 0, 60)).await, Vec::<Value>::new());
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_claim_whose_consumer_is_gone_only_what_it_did_not_acknowledge_has_failed() {
    let service = Service::start("").await;
    for user in ["a", "b"] {
        follow(&service.running, user).await;
    }
    let deliveries = claimed(&service, claim(10, 0, 1)).await;
    let [handled, left] = &deliveries[..] else { panic!("two: {deliveries:?}") };
    assert_eq!(said(&service, json!([by(handled, json!({"ok": true}))])).await, ["done"]);
    let again = tokio::time::timeout(HANGS, async {
        loop {
            if let [again] = &claimed(&service, claim(10, 5, 60)).await[..] {
                return again.clone();
            }
        }
    });
    let again = again.await.expect("it comes again after its lease and a backoff");
    assert_eq!((&again["id"], &again["attempt"]), (&left["id"], &json!(2)));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_by_its_place_and_changes_nothing() {
    let service = Service::start("").await;
    follow(&service.running, "u").await;
    let delivery = claimed(&service, claim(1, 0, 60)).await.remove(0);
    let right = by(&delivery, json!({"ok": true}));
    let many = Value::Array(vec![right.clone(); 101]);
    for (acks, places) in [
        (
            json!([right, {"id": "1", "lease": "", "okay": true}]),
            vec!["#/acks/1/id", "#/acks/1/lease", "#/acks/1/okay"],
        ),
        (json!([right, {"ok": true}, 5]), vec!["#/acks/1/id", "#/acks/1/lease", "#/acks/2"]),
        (json!([right, by(&delivery, json!({}))]), vec!["#/acks/1"]),
        (json!([by(&delivery, json!({"ok": true, "extend_s": 5}))]), vec!["#/acks/0/extend_s"]),
        (json!([by(&delivery, json!({"ok": true, "error": "e"}))]), vec!["#/acks/0/error"]),
        (json!([by(&delivery, json!({"extend_s": 5, "retry_after_s": 5}))]), vec!["#/acks/0/retry_after_s"]),
        (json!([by(&delivery, json!({"extend_s": 3601}))]), vec!["#/acks/0/extend_s"]),
        (json!([]), vec!["#/acks"]),
        (many, vec!["#/acks"]),
        (json!({}), vec!["#/acks"]),
        (json!("a/b"), vec!["#/acks"]),
    ] {
        let answer = service.send(ack(&acks)).await;
        assert_eq!((answer.status, &*answer.problem()), (400, "invalid_request"), "{acks}");
        assert_eq!(answer.faults(), places, "{answer:?}");
    }
    for (wrong, places) in [
        (json!({}), vec!["#/lease_s", "#/max", "#/wait_s"]),
        (json!({"max": 101, "wait_s": 31, "lease_s": 0}), vec!["#/lease_s", "#/max", "#/wait_s"]),
        (json!({"max": 1, "wait_s": 1, "lease_s": 1, "caller": null}), vec![]),
        (json!({"max": 1, "wait_s": 1, "lease_s": 1, "caller": 1}), vec!["#/caller"]),
    ] {
        let answer = service.send(Request::post("/v1/deliveries/claim", wrong.to_string())).await;
        let mut found = if places.is_empty() { Vec::new() } else { answer.faults() };
        found.sort_unstable();
        assert_eq!(
            (found, answer.status == 400),
            (places.iter().map(|&place| place.to_owned()).collect(), !places.is_empty())
        );
    }
    assert_eq!(said(&service, json!([right])).await, ["done"]);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_caller_with_the_scope_claims() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("till");
    std::fs::write(&file, OTHER_KEY).unwrap();
    let till =
        |scopes: &str| format!("[[api.callers]]\nname = 'till'\nkey_file = '{}'\nscopes = [{scopes}]", file.display());
    for (scopes, status) in [("'inbox:read', 'bookings'", 403), ("'deliveries'", 200)] {
        let service = Service::start(&till(scopes)).await;
        for request in [claim(1, 0, 1), ack(&json!([{"id": 1, "lease": "l", "ok": true}]))] {
            assert_eq!(request.key(OTHER_KEY).send(service.address()).await.status, status, "{scopes}");
        }
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_answered_when_a_push_comes_and_else_after_the_wait() {
    let service = Service::start("").await;
    let begun = Instant::now();
    assert!(claimed(&service, claim(5, 1, 60)).await.is_empty());
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let waiting = tokio::spawn(claim(5, 30, 60).key(KEY).send(service.address()));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished(), "{:?}", waiting.await);
    follow(&service.running, "u").await;
    let answer = tokio::time::timeout(HANGS, waiting).await.expect("it is answered before its wait is over").unwrap();
    assert_eq!(answer.ok()["deliveries"].as_array().unwrap().len(), 1);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_answers_those_who_wait_and_keeps_what_they_hold() {
    let (setup, sandbox) = (Setup::new(), Sandbox::start().await.unwrap());
    let config = config(&setup, &vendors(&sandbox), "");
    let running = Server::builder(config.clone()).start().await.unwrap();
    follow(&running, "u").await;
    let send = |running: &Running, request: Request| request.key(KEY).send(running.api_address().unwrap());
    let held = send(&running, claim(1, 0, 3600)).await.ok()["deliveries"][0].clone();
    let waiting = tokio::spawn(send(&running, claim(1, 30, 60)));
    tokio::time::sleep(Duration::from_millis(300)).await;
    running.drain().await;
    assert_eq!(waiting.await.unwrap().ok(), json!({"deliveries": []}));

    let running = Server::builder(config).start().await.unwrap();
    assert_eq!(send(&running, claim(1, 0, 60)).await.ok(), json!({"deliveries": []}));
    let results = send(&running, ack(&json!([by(&held, json!({"ok": true}))]))).await.ok();
    assert_eq!(results, json!({"results": [{"id": held["id"], "result": "done"}]}));
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_max_waiters_nobody_waits() {
    let service = Service::start_with("max_waiters = 0", "").await;
    let begun = Instant::now();
    claimed(&service, claim(1, 30, 60)).await;
    assert!(begun.elapsed() < Duration::from_secs(30));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_hangs_up_while_it_waits_takes_nothing_away() {
    let service = Service::start("").await;
    for _ in 0..20 {
        let request = claim(100, 30, 3600).key(KEY);
        let body = json!({"max": 100, "wait_s": 30, "lease_s": 3600}).to_string();
        let mut stream = TcpStream::connect(service.address()).await.unwrap();
        stream.write_all(format!("{}{body}", request.head()).as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    follow(&service.running, "u").await;
    let deliveries = claimed(&service, claim(1, 30, 60)).await;
    assert_eq!(deliveries[0]["attempt"], 1);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_deliveries_go_to_a_url_a_claim_says_so() {
    let (setup, sandbox) = (Setup::new(), Sandbox::start().await.unwrap());
    let mut config = config(&setup, &vendors(&sandbox), "");
    std::fs::write(setup.path("deliver-secret"), "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=").unwrap();
    let posting = setup.config("deliver_url = 'http://127.0.0.1:9/'\ndeliver_secret_file = 'deliver-secret'");
    config.serve = posting.serve;
    let running = Server::builder(config).start().await.unwrap();
    assert_eq!(running.deliveries(), Deliveries::Posted);
    let answer: Answer = claim(1, 30, 60).key(KEY).send(running.api_address().unwrap()).await;
    assert_eq!((answer.status, &*answer.problem()), (501, "config"));
    let problem = answer.json();
    assert!(problem["detail"].as_str().unwrap().contains("serve.deliver_url"), "{problem}");
    assert_eq!((&problem["retryable"], problem["hint"].is_string()), (&json!(false), true));
    running.drain().await;
}
