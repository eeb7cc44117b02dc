//! Events and the quarantine over the API: listed, shown, released, redriven and readmitted.

use serde_json::{Value, json};
use weifen_sandbox::test_data;
use weifen_server::weifen::fensi::Reference;
use weifen_server::weifen::inbox::{Booking, Bookings, Dispatcher, Handler, HandlerError, IdempotencyKey, Rules};
use weifen_server::weifen::inbox::{FollowEvent, Unsolicited};
use weifen_server::weifen::transport::async_trait;

use super::client::Request;
use super::service::Service;
use crate::setup::HANGS;

/// Pushes for `users`, for which nobody booked: each is held.
async fn held(service: &Service, users: &[&str]) {
    for user in users {
        follow(service, user, Rules::new(test_data::DEVELOP_APPID)).await;
    }
}

async fn follow(service: &Service, user: &str, rules: Rules) {
    service.running.inbox().receiving(rules).receive(push(user)).await.unwrap();
}

fn push(user: &str) -> String {
    json!({
        "key": test_data::KEY, "develop_appid": test_data::DEVELOP_APPID, "auth_open_id": user, "bidding": 90,
        "appid": "wx-account", "nickname": "",
    })
    .to_string()
}

#[derive(Debug)]
struct Refusing;

#[async_trait]
impl Handler for Refusing {
    async fn handle(&self, _: &FollowEvent, _: &IdempotencyKey) -> Result<(), HandlerError> {
        Err(HandlerError::give_up("no such machine"))
    }
}

/// Dead events of these users.
async fn dead(service: &Service, users: &[&str]) {
    let inbox = service.running.inbox();
    let dispatcher = Dispatcher::builder(inbox, std::sync::Arc::new(Refusing)).start().unwrap();
    for user in users {
        follow(service, user, Rules::new(test_data::DEVELOP_APPID).unsolicited(Unsolicited::Pay)).await;
    }
    let are_dead = async {
        while inbox.stats().await.unwrap().events.get("dead") != Some(&(users.len() as u64)) {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(HANGS, are_dead).await.expect("they are dead");
    dispatcher.stop(HANGS).await;
}

async fn users(service: &Service, query: &str) -> Vec<Value> {
    let page = service.send(Request::get(&format!("/v1/events{query}"))).await.ok();
    page["events"].as_array().unwrap().iter().map(|event| event["push"]["auth_open_id"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_shown_as_the_command_line_shows_it() {
    let service = Service::start("").await;
    let mut booking = Booking::new(
        test_data::DEVELOP_APPID,
        "u".parse().unwrap(),
        test_data::KEY,
        "wx-account",
        std::time::Duration::from_secs(60),
    );
    booking.reference = Some("order 7".parse::<Reference>().unwrap());
    service.running.inbox().book(&booking).await.unwrap();
    follow(&service, "u", Rules::new(test_data::DEVELOP_APPID)).await;
    let event = service.send(Request::get("/v1/events/1")).await.ok()["event"].clone();
    assert_eq!(
        event,
        json!({
            "id": 1, "webhook_id": event["webhook_id"], "status": "pending", "attempts": 0,
            "received_at": event["received_at"], "duplicates": 0,
            "push": {
                "key": test_data::KEY, "develop_appid": test_data::DEVELOP_APPID, "auth_open_id": "u", "bidding": 90,
                "appid": "wx-account", "nickname": "",
            },
            "booking": {
                "id": event["booking"]["id"], "reference": "order 7", "bid": null,
                "booked_at": event["booking"]["booked_at"],
            },
        })
    );
    let name = event["webhook_id"].as_str().unwrap();
    assert_eq!(service.send(Request::get(&format!("/v1/events/{name}"))).await.ok()["event"], event);
    for unknown in ["2", "evt_00000000000000000000000000000000", "x", "-1"] {
        let answer = service.send(Request::get(&format!("/v1/events/{unknown}"))).await;
        assert_eq!((answer.status, &*answer.problem()), (404, "not_found"), "{unknown}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_listed_by_what_they_are_about_page_by_page() {
    let service = Service::start("").await;
    held(&service, &["a", "b", "c"]).await;
    assert_eq!(users(&service, "").await, ["c", "b", "a"]);
    assert_eq!(users(&service, "?status=held&auth_open_id=b").await, ["b"]);
    assert_eq!(users(&service, "?status=pending").await, [""; 0]);
    assert_eq!(users(&service, "?appid=wx-account&limit=2").await, ["c", "b"]);
    assert_eq!(users(&service, "?key=another").await, [""; 0]);
    assert_eq!(users(&service, "?reference=order%207").await, [""; 0]);
    assert_eq!(users(&service, "?received_before=2020-01-01T00:00:00Z").await, [""; 0]);
    let received = service.send(Request::get("/v1/events/1")).await.ok()["event"]["received_at"].clone();
    let since = format!("?received_after={}", received.as_str().unwrap());
    assert_eq!(users(&service, &since).await.len(), 3, "what is shown of a time includes the event");
    let page = service.send(Request::get("/v1/events?limit=2")).await.ok();
    let cursor = page["next_cursor"].as_str().unwrap().to_owned();
    held(&service, &["d"]).await;
    assert_eq!(users(&service, &format!("?limit=2&cursor={cursor}")).await, ["a"]);
    let last = service.send(Request::get(&format!("/v1/events?limit=2&cursor={cursor}"))).await.ok();
    assert_eq!(last["next_cursor"], Value::Null);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_wrong_with_a_question_is_told_at_once() {
    let service = Service::start("").await;
    for (query, places) in [
        (
            "/v1/events?state=held&status=open&limit=501&cursor=x&received_after=yesterday&key=",
            vec!["cursor", "key", "limit", "received_after", "state", "status"],
        ),
        ("/v1/events?limit=0&cursor=-7", vec!["cursor", "limit"]),
        ("/v1/events?limit=x", vec!["limit"]),
        ("/v1/events?limit=%2010", vec!["limit"]),
        ("/v1/events?limit=true", vec!["limit"]),
        ("/v1/events?reference=%FF&appid=%E4%BD%A0&limit=%FF", vec!["limit", "reference"]),
        ("/v1/events?%72eference%5B%5D=%FF", vec!["reference[]"]),
        (
            "/v1/events?received_after=2026-01-02T00:00:00Z&received_before=2026-01-01T00:00:00Z",
            vec!["received_before"],
        ),
        (
            "/v1/events?received_after=2026-01-01&received_before=2026-01-01T00:00:00",
            vec!["received_after", "received_before"],
        ),
        ("/v1/events/1?wait_s=1", vec!["wait_s"]),
        ("/v1/quarantine?limit=0&cursor=+1&status=x", vec!["cursor", "limit", "status"]),
        ("/v1/events/stream?status=held", vec!["status"]),
    ] {
        let answer = service.send(Request::get(query)).await;
        assert_eq!((answer.status, &*answer.problem()), (400, "invalid_request"), "{query}");
        let mut found = answer.faults();
        found.sort_unstable();
        assert_eq!(found, places, "{query}: {answer:?}");
    }
    for (path, body, places) in [
        ("/v1/events/redrive", json!({}), vec!["#/dry_run"]),
        (
            "/v1/events/redrive",
            json!({"dry_run": "yes", "received_after": 1, "device": "d"}),
            vec!["#/device", "#/dry_run", "#/received_after"],
        ),
        ("/v1/quarantine/x/readmit", json!({"dry_run": true}), vec!["#/dry_run", "id"]),
    ] {
        let answer = service.send(Request::post(path, body.to_string())).await;
        let mut found = answer.faults();
        found.sort_unstable();
        assert_eq!((answer.status, found), (400, places.iter().map(|place| (*place).to_owned()).collect()), "{path}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_event_is_released_once_and_what_does_not_wait_so_is_refused() {
    let service = Service::start("").await;
    held(&service, &["a", "b"]).await;
    let event = service.send(Request::post("/v1/events/1/release", "")).await.ok()["event"].clone();
    assert_eq!((&event["status"], &event["hold_reason"]), (&json!("pending"), &json!("not_booked")));
    let name = service.send(Request::get("/v1/events/2")).await.ok()["event"]["webhook_id"].clone();
    let released = service.send(Request::post(&format!("/v1/events/{}/release", name.as_str().unwrap()), "{}")).await;
    assert_eq!(released.ok()["event"]["status"], "pending");
    for (path, words) in [
        ("/v1/events/1/release", "event 1 is not held but pending"),
        ("/v1/events/1/redrive", "event 1 is not dead but pending"),
    ] {
        let answer = service.send(Request::post(path, "")).await;
        assert_eq!((answer.status, &*answer.problem()), (400, "invalid_request"));
        assert_eq!((answer.faults(), &answer.json()["errors"][0]["detail"]), (vec!["id".to_owned()], &json!(words)));
    }
    assert_eq!(service.send(Request::post("/v1/events/3/release", "")).await.status, 404);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_events_are_redriven_one_by_one_or_all_that_match() {
    let service = Service::start("").await;
    dead(&service, &["a", "b", "c"]).await;
    let shown = service.send(Request::get("/v1/events/1")).await.ok()["event"].clone();
    assert_eq!((&shown["status"], &shown["last_failure"]), (&json!("dead"), &json!("no such machine")));
    assert!(shown["settled_at"].is_string(), "{shown}");
    let event = service.send(Request::post("/v1/events/1/redrive", "")).await.ok()["event"].clone();
    assert_eq!((&event["status"], &event["attempts"]), (&json!("pending"), &json!(0)));
    let all = async |body: Value| service.send(Request::post("/v1/events/redrive", body.to_string())).await.ok();
    assert_eq!(all(json!({"dry_run": true})).await, json!({"matched": 2, "redriven": 0}));
    assert_eq!(all(json!({"dry_run": false, "key": "another"})).await, json!({"matched": 0, "redriven": 0}));
    let past = json!({"dry_run": false, "received_before": "2020-01-01T00:00:00Z"});
    assert_eq!(all(past).await, json!({"matched": 0, "redriven": 0}));
    let ours = json!({"dry_run": false, "key": test_data::KEY, "received_after": "2020-01-01T00:00:00Z"});
    assert_eq!(all(ours).await, json!({"matched": 2, "redriven": 2}));
    assert_eq!(users(&service, "?status=dead").await, [""; 0]);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_quarantine_is_listed_as_it_came_and_readmitted_once_it_is_ours() {
    let service = Service::start("").await;
    let inbox = service.running.inbox();
    let strict = inbox.receiving(Rules::new("another-developer"));
    for body in
        [b"<html>".to_vec(), push("u").into_bytes(), vec![0xff, 0xfe], push("v").into_bytes(), push("v").into_bytes()]
    {
        strict.receive(body).await.unwrap();
    }
    let page = service.send(Request::get("/v1/quarantine?limit=3")).await.ok();
    let entries = page["entries"].as_array().unwrap();
    assert_eq!(entries.iter().map(|entry| entry["id"].as_i64().unwrap()).collect::<Vec<_>>(), [5, 4, 3]);
    assert_eq!((&entries[2]["raw_base64"], entries[2].get("raw")), (&json!("//4="), None));
    assert_eq!(entries[0]["raw"], push("v"));
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = service.send(Request::get(&format!("/v1/quarantine?limit=3&cursor={cursor}"))).await.ok();
    assert_eq!((rest["entries"].as_array().unwrap().len(), &rest["next_cursor"]), (2, &Value::Null));
    let readmit = async |id: i64| service.send(Request::post(&format!("/v1/quarantine/{id}/readmit"), "")).await;
    for (id, receipt) in [(2, "held"), (1, "quarantined"), (4, "held"), (5, "duplicate")] {
        assert_eq!(readmit(id).await.ok(), json!({ "receipt": receipt }), "{id}");
    }
    let gone = readmit(2).await;
    assert_eq!((gone.status, &*gone.problem()), (404, "not_found"));
    assert_eq!(users(&service, "").await, ["v", "u"]);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_quarantine_is_shorter_where_the_bodies_are_long() {
    let service = Service::start("").await;
    let intake = service.running.inbox().receiving(Rules::new(test_data::DEVELOP_APPID).quarantine_bytes(64 << 20));
    for _ in 0..5 {
        intake.receive("<".repeat(3 << 20)).await.unwrap();
    }
    let (mut cursor, mut seen) = (String::new(), 0);
    loop {
        let page = service.send(Request::get(&format!("/v1/quarantine?limit=500{cursor}"))).await.ok();
        seen += page["entries"].as_array().unwrap().len();
        assert_eq!(page["entries"].as_array().unwrap().len(), 1);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 5);
    service.stop().await;
}
