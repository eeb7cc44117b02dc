//! Bookings over the API: made, listed, and waited for by a shop and by the page on a machine's screen.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use weifen_sandbox::test_data;
use weifen_server::weifen::inbox::{Receipt, Rules};

use super::client::{Answer, Request};
use super::service::Service;
use crate::setup::HANGS;

fn wanted(user: &str) -> Value {
    json!({"auth_open_id": user, "key": test_data::KEY, "appid": "wx-account", "ttl_s": 600})
}

async fn booked(service: &Service, wanted: &Value) -> Value {
    service.send(Request::post("/v1/bookings", wanted.to_string())).await.ok()["booking"].clone()
}

async fn follow(service: &Service, user: &str) {
    let push = json!({
        "key": test_data::KEY, "develop_appid": test_data::DEVELOP_APPID, "auth_open_id": user, "bidding": 90,
        "appid": "wx-account", "nickname": "",
    });
    let intake = service.running.inbox().receiving(Rules::new(test_data::DEVELOP_APPID).keys([test_data::KEY]));
    assert_eq!(intake.receive(push.to_string()).await.unwrap(), Receipt::Stored);
}

fn path(booking: &Value, rest: &str) -> String {
    format!("/v1/bookings/{}{rest}", booking["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_is_made_and_shown_with_what_became_of_it() {
    let service = Service::start("").await;
    let mut order = wanted("u");
    for (name, value) in [("state", json!("s 1")), ("reference", json!("order 7")), ("bid", json!(90))] {
        order[name] = value;
    }
    let booking = booked(&service, &order).await;
    let times = [&booking["booked_at"], &booking["ends_at"]];
    assert!(times.iter().all(|time| time.as_str().is_some_and(|time| time.ends_with('Z'))), "{booking}");
    assert_eq!(
        booking,
        json!({
            "id": booking["id"], "status": "open", "auth_open_id": "u", "key": test_data::KEY, "appid": "wx-account",
            "state": "s 1", "reference": "order 7", "bid": 90, "booked_at": times[0], "ends_at": times[1], "event_id": null,
        })
    );
    let second = booked(&service, &wanted("u")).await;
    assert_eq!((&second["state"], &second["reference"], &second["bid"]), (&Value::Null, &Value::Null, &Value::Null));
    follow(&service, "u").await;
    for (booking, status, event) in [(&booking, "replaced", Value::Null), (&second, "followed", json!(1))] {
        let shown = service.send(Request::get(&path(booking, ""))).await.ok()["booking"].clone();
        assert_eq!((&shown["status"], &shown["event_id"]), (&json!(status), &event), "{shown}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_answered_when_the_status_changes_and_else_after_the_wait() {
    let service = Service::start("").await;
    let booking = booked(&service, &wanted("u")).await;
    let begun = Instant::now();
    let open = service.send(Request::get(&path(&booking, "?wait_s=1"))).await.ok();
    assert_eq!(open["booking"]["status"], "open");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let status = Request::get(&path(&booking, "/status?wait_s=30&while=open"));
    let waiting = tokio::spawn(status.send(service.address()));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished(), "{:?}", waiting.await);
    follow(&service, "u").await;
    let answer = tokio::time::timeout(HANGS, waiting).await.expect("it is answered before its wait is over").unwrap();
    assert_eq!(answer.ok(), json!({"status": "followed"}));
    let begun = Instant::now();
    service.send(Request::get(&path(&booking, "?wait_s=30"))).await.ok();
    assert!(begun.elapsed() < HANGS, "it is another one already");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_answers_those_who_wait() {
    let service = Service::start("").await;
    let booking = booked(&service, &wanted("u")).await;
    let waiting = tokio::spawn(Request::get(&path(&booking, "/status?wait_s=30")).send(service.address()));
    tokio::time::sleep(Duration::from_millis(300)).await;
    service.stop().await;
    assert_eq!(waiting.await.unwrap().ok(), json!({"status": "open"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_max_waiters_nobody_waits() {
    let service = Service::start_with("max_waiters = 0", "").await;
    let booking = booked(&service, &wanted("u")).await;
    let begun = Instant::now();
    service.send(Request::get(&path(&booking, "?wait_s=30"))).await.ok();
    assert!(begun.elapsed() < Duration::from_secs(30));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_hangs_up_leaves_its_place_to_another() {
    let service = Service::start_with("max_waiters = 1", "").await;
    let booking = booked(&service, &wanted("u")).await;
    let mut stream = TcpStream::connect(service.address()).await.unwrap();
    stream.write_all(Request::get(&path(&booking, "/status?wait_s=30")).head().as_bytes()).await.unwrap();
    let waits = async || {
        let begun = Instant::now();
        service.send(Request::get(&path(&booking, "?wait_s=1"))).await.ok();
        begun.elapsed() >= Duration::from_secs(1)
    };
    let begun = Instant::now();
    while waits().await {
        assert!(begun.elapsed() < HANGS, "the first takes no place");
    }
    drop(stream);
    while !waits().await {
        assert!(begun.elapsed() < Duration::from_secs(25), "the place is not free");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_on_a_screen_asks_without_a_key_from_a_known_origin() {
    let service = Service::start_with("origins = ['https://shop.example']", "").await;
    let booking = booked(&service, &wanted("u")).await;
    let ask = async |origin: &str| -> Answer {
        Request::get(&path(&booking, "/status")).header("origin", origin).send(service.address()).await
    };
    let known = ask("https://shop.example").await;
    assert_eq!(known.ok(), json!({"status": "open"}));
    assert_eq!(known.header("access-control-allow-origin"), Some("https://shop.example"));
    assert_eq!(known.header("vary"), Some("Origin"));
    let preflight = Request::get(&path(&booking, "/status")).method("OPTIONS").header("origin", "https://shop.example");
    let preflight = preflight.header("access-control-request-headers", "content-type").send(service.address()).await;
    let allowed = ["origin", "methods", "headers"].map(|of| preflight.header(&format!("access-control-allow-{of}")));
    assert_eq!((preflight.status, allowed), (204, [Some("https://shop.example"), Some("GET"), Some("*")]));
    for origin in ["https://shop.example:8443", "http://shop.example", "null", "https://evil.example"] {
        assert_eq!(ask(origin).await.header("access-control-allow-origin"), None, "{origin}");
    }
    assert_eq!(Request::get(&path(&booking, "")).send(service.address()).await.status, 401, "the booking needs a key");
    let guessed = Request::get("/v1/bookings/0123456789abcdef0123456789abcdef/status").send(service.address()).await;
    assert_eq!((guessed.status, &*guessed.problem()), (404, "not_found"));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bookings_are_listed_page_by_page() {
    let service = Service::start("").await;
    for (user, reference) in [("a", "r & 1"), ("b", "r & 1"), ("c", "r2")] {
        let mut order = wanted(user);
        order["reference"] = json!(reference);
        booked(&service, &order).await;
    }
    let page = async |query: &str| {
        let page = service.send(Request::get(&format!("/v1/bookings{query}"))).await.ok();
        let users = page["bookings"].as_array().unwrap().iter().map(|booking| booking["auth_open_id"].clone());
        (users.collect::<Vec<_>>(), page["next_cursor"].clone())
    };
    assert_eq!(page("").await, (vec![json!("c"), json!("b"), json!("a")], Value::Null));
    assert_eq!(page("?reference=r%20%26%201").await.0, ["b", "a"]);
    assert_eq!(page("?reference=r+%26+1&auth_open_id=a").await.0, ["a"]);
    let (users, cursor) = page("?limit=2").await;
    assert_eq!(users, ["c", "b"]);
    let (users, cursor) = page(&format!("?limit=2&cursor={}", cursor.as_str().unwrap())).await;
    assert_eq!((users, cursor), (vec![json!("a")], Value::Null));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_booking_is_told_whole_and_none_is_made() {
    let service = Service::start("").await;
    for (wrong, places) in [
        (json!({"refrence": "order 7"}), vec!["#/refrence", "#/appid", "#/auth_open_id", "#/key", "#/ttl_s"]),
        (
            json!({"auth_open_id": "a b", "key": "a b", "appid": "x\u{1}", "state": " s", "reference": "\t",
                "ttl_s": "1"}),
            vec!["#/key", "#/appid", "#/state", "#/auth_open_id", "#/reference", "#/ttl_s"],
        ),
        (json!({"auth_open_id": "u", "key": "another", "appid": "a", "ttl_s": 1}), vec!["#/key"]),
        (
            json!({"auth_open_id": 1, "key": "", "appid": "a", "ttl_s": 0, "bid": -1}),
            vec!["#/auth_open_id", "#/bid", "#/key", "#/ttl_s"],
        ),
    ] {
        let answer = service.send(Request::post("/v1/bookings", wrong.to_string())).await;
        assert_eq!((answer.status, &*answer.problem()), (400, "invalid_request"), "{wrong}");
        let mut found = answer.faults();
        found.sort_unstable();
        let mut places = places;
        places.sort_unstable();
        assert_eq!(found, places, "{answer:?}");
    }
    let longest = json!({
        "auth_open_id": "户".repeat(255), "key": test_data::KEY, "appid": "a".repeat(255), "state": "s".repeat(1024),
        "ttl_s": 1,
    });
    for (name, place) in [("auth_open_id", "#/auth_open_id"), ("appid", "#/appid"), ("state", "#/state")] {
        let mut longer = longest.clone();
        longer[name] = json!(format!("{}x", longest[name].as_str().unwrap()));
        let answer = service.send(Request::post("/v1/bookings", longer.to_string())).await;
        assert_eq!((answer.status, answer.faults()), (400, vec![place.to_owned()]), "{answer:?}");
    }
    for query in ["?wait_s=31", "?while=closed", "?wait_s=x", "?wait=1"] {
        let answer = service.send(Request::get(&format!("/v1/bookings/0{query}"))).await;
        assert_eq!((answer.status, answer.faults().len()), (400, 1), "{query}: {answer:?}");
    }
    let listed = service.send(Request::get("/v1/bookings?limit=501&cursor=x")).await;
    assert_eq!(listed.faults(), ["cursor", "limit"]);
    assert_eq!(service.send(Request::get("/v1/bookings")).await.ok()["bookings"], json!([]));
    booked(&service, &longest).await;
    service.stop().await;
}
