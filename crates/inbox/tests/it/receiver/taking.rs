//! Requests that are taken in, and their answers.

use weifen_inbox::{Bookings, Status, UndecodableStatus};

use super::{SECRET, Site, patient};
use crate::support::{booking, push};

const FORM: &str =
    "key=device-1&develop_appid=fs-developer&auth_open_id=u&bidding=60&appid=wx-account&nickname=%E8%BF%BD";

/// The user of each event, as another program finds it.
async fn users(site: &Site) -> Vec<String> {
    let events = site.looked_at_by_another().await.events(None, 0).await.unwrap();
    events.iter().map(|event| event.push.as_ref().unwrap().auth_open_id.as_str().to_owned()).collect()
}

async fn in_quarantine(site: &Site) -> Vec<String> {
    let quarantined = site.looked_at_by_another().await.quarantined(0).await.unwrap();
    quarantined.iter().map(|it| String::from_utf8(it.raw.clone()).unwrap()).collect()
}

#[tokio::test]
async fn a_push_is_in_the_database_when_it_is_acknowledged() {
    let site = Site::new().await;
    site.inbox.book(&booking("u")).await.unwrap();
    let answer = site.post(&push("u")).await;
    let events = site.looked_at_by_another().await.events(Some(Status::Pending), 0).await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"status":"ok"}"#));
    assert_eq!(events.len(), 1);
    assert!(answer.head.contains("content-type: application/json"), "{}", answer.head);
}

#[tokio::test]
async fn whether_a_push_was_stored_held_or_a_copy_is_not_told() {
    let site = Site::new().await;
    site.inbox.book(&booking("booked")).await.unwrap();
    let stored = site.post(&push("booked")).await;
    assert_eq!(site.post(&push("booked")).await, stored, "a copy");
    assert_eq!(site.post(&push("stranger")).await, stored, "held");
    assert_eq!(site.post("<html>").await, stored, "in quarantine");
}

#[tokio::test]
async fn a_push_is_taken_in_whatever_form_it_comes() {
    let json = push("u");
    let bom = format!("\u{feff}{json}");
    let tidy = json.replace(",}", "}");
    let forms = [
        ("", json.as_str()),
        ("", &tidy),
        ("", &bom),
        ("", FORM),
        ("content-type: application/json\r\n", &json),
        ("content-type: text/html; charset=gbk\r\n", &json),
        ("content-type: application/x-www-form-urlencoded\r\n", &json),
        ("content-type: application/x-www-form-urlencoded\r\n", FORM),
        ("content-type: ,;\r\n", FORM),
        ("content-encoding: Identity\r\n", &json),
    ];
    for (headers, body) in forms {
        let site = Site::new().await;
        let answer = site.connect().await.post_with(&format!("/push/{SECRET}"), headers, body).await;
        assert_eq!(answer.status, 200, "{headers}{body}");
        assert_eq!(users(&site).await, ["u"], "{headers}{body}");
    }
}

#[tokio::test]
async fn a_push_may_come_in_pieces() {
    let site = Site::new().await;
    let mut connection = site.connect().await;
    connection.send(format!("POST /push/{SECRET} HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n")).await;
    for piece in push("u").as_bytes().chunks(10) {
        connection.send(format!("{:x}\r\n{}\r\n", piece.len(), std::str::from_utf8(piece).unwrap())).await;
    }
    connection.send("0\r\n\r\n").await;
    assert_eq!(connection.answer().await.status, 200);
    assert_eq!(users(&site).await, ["u"]);
}

#[tokio::test]
async fn a_client_that_asks_whether_to_go_on_is_told_so() {
    let site = Site::new().await;
    let mut connection = site.connect().await;
    let body = push("u");
    let headers = format!("expect: 100-continue\r\ncontent-length: {}\r\n", body.len());
    connection.send(format!("POST /push/{SECRET} HTTP/1.1\r\nhost: h\r\n{headers}\r\n")).await;
    assert_eq!(connection.answer().await.status, 100);
    connection.send(body).await;
    assert_eq!(connection.answer().await.status, 200);
}

#[tokio::test]
async fn the_query_counts_where_the_body_does_not() {
    let site = Site::new().await;
    let mut connection = site.connect().await;
    let other = FORM.replace("auth_open_id=u", "auth_open_id=v");
    let more = FORM.replace("auth_open_id=u", "auth_open_id=w");
    assert_eq!(connection.post(&format!("/push/{SECRET}?{FORM}"), "").await.status, 200);
    assert_eq!(connection.post(&format!("/push/{SECRET}?{other}"), "{}").await.status, 200);
    assert_eq!(connection.post(&format!("/push/{SECRET}?{more}"), &push("body")).await.status, 200);
    assert_eq!(users(&site).await, ["u", "v", "body"], "a body that is a push comes before a query that is one");
    assert!(in_quarantine(&site).await.is_empty());
}

#[tokio::test]
async fn a_test_of_the_address_is_answered_and_nothing_is_stored() {
    let site = Site::new().await;
    let address = format!("/push/{SECRET}");
    for target in [address.as_str(), &format!("{address}?")] {
        assert_eq!(site.connect().await.get(target).await.status, 200, "{target}");
    }
    for target in [address.as_str(), &format!("{address}?"), &format!("{address}?monitor=1")] {
        let mut connection = site.connect().await;
        connection.send(format!("HEAD {target} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")).await;
        let answer = String::from_utf8(connection.end().await).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n"), "{answer}");
    }
    let mut connection = site.connect().await;
    connection.send(format!("GET {address} HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n")).await;
    assert_eq!(connection.answer().await.status, 200);
    assert!(site.is_empty().await);
    assert!(site.inbox.metrics().await.unwrap().contains("weifen_inbox_received_total 0"));
}

#[tokio::test]
async fn a_push_by_another_method_than_post_is_taken_all_the_same() {
    let site = Site::new().await;
    let address = format!("/push/{SECRET}");
    let mut connection = site.connect().await;
    assert_eq!(connection.get(&format!("{address}?{FORM}")).await.status, 200);
    let body = push("in-a-body");
    let length = body.len();
    connection.send(format!("GET {address} HTTP/1.1\r\nhost: h\r\ncontent-length: {length}\r\n\r\n{body}")).await;
    assert_eq!(connection.answer().await.status, 200);
    let other = FORM.replace("auth_open_id=u", "auth_open_id=by-head");
    connection.send(format!("HEAD {address}?{other} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")).await;
    assert!(connection.end().await.starts_with(b"HTTP/1.1 200 "));
    assert_eq!(users(&site).await, ["u", "in-a-body", "by-head"]);
    assert_eq!(site.connect().await.get(&format!("{address}?hello=1")).await.status, 200);
    assert_eq!(in_quarantine(&site).await, ["hello=1"], "what is acknowledged is stored, but for a test");
}

#[tokio::test]
async fn a_text_that_is_no_push_of_any_form_is_told_so() {
    let site = Site::new().await;
    site.post("hello").await;
    let quarantined = site.looked_at_by_another().await.quarantined(0).await.unwrap().remove(0);
    assert_eq!(quarantined.reason, "the push cannot be decoded: the body is neither JSON nor a form");
}

#[tokio::test]
async fn what_can_not_be_understood_is_kept_whole_and_answered_as_it_is_set() {
    for (status, answer) in [(UndecodableStatus::Ok, 200), (UndecodableStatus::BadRequest, 400)] {
        let site = Site::with(|receiver| receiver.undecodable_status(status), patient()).await;
        let mut connection = site.connect().await;
        let address = format!("/push/{SECRET}");
        let another = push("u").replace("fs-developer", "another");
        assert_eq!(connection.post(&address, "<html>").await.status, answer);
        assert_eq!(connection.post(&address, "").await.status, answer);
        assert_eq!(connection.post(&address, &another).await.status, answer, "none of ours");
        assert_eq!(connection.post(&format!("{address}?shop=%31"), "").await.status, answer);
        assert_eq!(connection.post(&format!("{address}?shop=1"), "{\"key\":1}").await.status, answer);
        assert_eq!(connection.post(&address, &push("u")).await.status, 200, "a push is taken as before");
        assert_eq!(in_quarantine(&site).await, ["<html>", "", &another, "shop=%31", "{\"key\":1}\n?shop=1"]);
    }
}

#[tokio::test]
async fn one_connection_carries_many_pushes() {
    let site = Site::new().await;
    let mut connection = site.connect().await;
    for user in 0..20 {
        assert_eq!(connection.post(&format!("/push/{SECRET}"), &push(&format!("u{user}"))).await.status, 200);
    }
    assert_eq!(users(&site).await.len(), 20);
}

#[tokio::test]
async fn pushes_that_come_at_once_are_all_stored() {
    let site = Site::new().await;
    let mut pushes = tokio::task::JoinSet::new();
    for user in 0..200 {
        let mut connection = site.connect().await;
        pushes
            .spawn(async move { connection.post(&format!("/push/{SECRET}"), &push(&format!("u{user}"))).await.status });
    }
    assert!(pushes.join_all().await.iter().all(|status| *status == 200));
    assert_eq!(users(&site).await.len(), 200);
}

#[tokio::test]
async fn a_body_that_is_compressed_is_refused() {
    let site = Site::new().await;
    let mut connection = site.connect().await;
    for headers in ["content-encoding: gzip\r\n", "content-encoding: identity\r\ncontent-encoding: br\r\n"] {
        let answer = connection.post_with(&format!("/push/{SECRET}"), headers, &push("u")).await;
        assert_eq!(answer.status, 415, "{headers}");
    }
    assert!(site.is_empty().await);
}

#[tokio::test]
async fn a_receiver_shows_no_secret() {
    let site = Site::new().await;
    let shown = format!("{:?}", super::receiver(&site.inbox));
    assert!(shown.contains("PushSecrets { .. }"), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
}

#[tokio::test]
async fn the_secret_that_the_vendor_sends_along_is_not_kept() {
    let site = Site::new().await;
    site.inbox.book(&booking("u")).await.unwrap();
    let url = format!("https://shop.example/push/{SECRET}");
    site.post(&push("u").replace("\"nickname\"", &format!("\"server_url\":\"{url}\",\"nickname\""))).await;
    site.post(&format!("{url} {url}")).await;
    let kept = site.looked_at_by_another().await;
    let event = kept.events(None, 0).await.unwrap().remove(0);
    assert_eq!(event.push.unwrap().server_url.unwrap(), "https://shop.example/push/redacted");
    assert_eq!(in_quarantine(&site).await, ["https://shop.example/push/redacted https://shop.example/push/redacted"]);
    for file in std::fs::read_dir(site.folder.path().parent().unwrap()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()));
    }
}
