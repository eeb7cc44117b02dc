//! Clients that are slow, greedy, many, or gone.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use weifen_inbox::ServerLimits;

use super::wire::{HANGS, post};
use super::{Connection, SECRET, Site, counted, patient};
use crate::support::push;

const SHORT: Duration = Duration::from_millis(200);
const CAP: usize = 64 * 1024;

fn head(headers: &str) -> String {
    format!("POST /push/{SECRET} HTTP/1.1\r\nhost: h\r\n{headers}\r\n")
}

/// A push with so many bytes around it.
fn push_of(length: usize) -> String {
    let push = push("u");
    format!("{push}{}", " ".repeat(length - push.len()))
}

#[tokio::test]
async fn a_body_of_64_kib_is_taken_and_a_larger_one_is_not() {
    let site = Site::new().await;
    assert_eq!(site.post(&push_of(CAP + 1)).await.status, 413);
    assert!(site.is_empty().await);
    assert_eq!(site.post(&push_of(CAP)).await.status, 200);
    assert!(!site.is_empty().await);
}

#[tokio::test]
async fn a_body_that_does_not_say_how_large_it_is_ends_at_64_kib() {
    let site = Site::new().await;
    let mut connection = site.connect().await;
    connection.send(head("transfer-encoding: chunked\r\n")).await;
    let piece = push_of(1024);
    for _ in 0..=64 {
        connection.send(format!("400\r\n{piece}\r\n")).await;
    }
    connection.send("0\r\n\r\n").await;
    assert_eq!(connection.answer().await.status, 413);
    assert!(site.is_empty().await);
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let site = Site::new().await;
    let mut connection = site.connect().await;
    connection.send(head("transfer-encoding: chunked\r\n")).await;
    let piece = format!("4000\r\n{}\r\n", push_of(0x4000));
    let sending = async { while connection.stream.write_all(piece.as_bytes()).await.is_ok() {} };
    timeout(HANGS, sending).await.expect("the connection is closed");
    assert!(site.is_empty().await);
}

#[tokio::test]
async fn a_refused_client_may_send_on_and_reads_its_answer() {
    let site = Site::new().await;
    for (target, status) in [("/push/wrong".to_owned(), 404), (format!("/push/{SECRET}"), 413)] {
        let mut connection = site.connect().await;
        connection.send(format!("POST {target} HTTP/1.1\r\nhost: h\r\ncontent-length: 1000000\r\n\r\n")).await;
        connection.send(" ".repeat(1_000_000)).await;
        assert_eq!(connection.answer().await.status, status);
    }
}

#[tokio::test]
async fn a_large_body_is_not_asked_for() {
    let site = Site::new().await;
    let mut connection = site.connect().await;
    connection.send(head("expect: 100-continue\r\ncontent-length: 65537\r\n")).await;
    assert_eq!(connection.answer().await.status, 413);
}

#[tokio::test]
async fn what_comes_after_the_length_that_was_told_is_no_part_of_a_push() {
    let site = Site::new().await;
    let mut connection = site.connect().await;
    let push = push("u");
    connection.send(format!("{}{push}{}", head(&format!("content-length: {}\r\n", push.len())), "x".repeat(CAP))).await;
    assert_eq!(connection.answer().await.status, 200);
    connection.end().await;
    let events = site.inbox.events(None, 0).await.unwrap();
    assert_eq!(events.len(), 1);
    assert!(site.inbox.quarantined(0).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_body_that_ends_too_early_is_not_stored() {
    let site = Site::new().await;
    let mut connection = site.connect().await;
    let push = push("u");
    connection.send(format!("{}{push}", head(&format!("content-length: {}\r\n", push.len() + 1)))).await;
    connection.stream.shutdown().await.unwrap();
    let said = connection.end().await;
    assert!(!said.starts_with(b"HTTP/1.1 2"), "{said:?}");
    assert!(site.is_empty().await);
}

#[tokio::test]
async fn a_header_that_is_too_large_is_refused() {
    let site = Site::new().await;
    let mut connection = site.connect().await;
    connection.send(head(&format!("x: {}\r\n", "x".repeat(CAP)))).await;
    assert_eq!(connection.answer().await.status, 431);
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_given_up() {
    let site = Site::with_limits(ServerLimits { body_time: SHORT, ..patient() }).await;
    let mut stuck = site.connect().await;
    stuck.send(format!("{}{{", head("content-length: 10\r\n"))).await;
    let answer = stuck.answer().await;
    assert_eq!(answer.status, 408);
    assert!(answer.head.contains("connection: close"), "{}", answer.head);

    let mut dripping = site.connect().await;
    dripping.send(head("content-length: 60000\r\n")).await;
    let dripping_on = async {
        while dripping.stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(HANGS, dripping_on).await.expect("the connection is closed");
    assert!(site.is_empty().await);
}

#[tokio::test]
async fn a_header_that_comes_too_slowly_is_given_up() {
    let site = Site::with_limits(ServerLimits { header_time: SHORT, ..patient() }).await;
    let silent = site.connect().await;
    let mut slow = site.connect().await;
    slow.send("POST /push/").await;
    let mut idle = Connection::open_with(site.server.local_addr(), b"GET / HTTP/1.1\r\nhost: h\r\n\r\n");
    assert_eq!(idle.answer().await.status, 404);
    for connection in [silent, slow, idle] {
        assert_eq!(connection.end().await, b"");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_five_hundred_clients_that_never_end_their_headers_others_are_served() {
    allow_many_files();
    // Nothing frees the slow ones here: others are served beside them or not at all.
    let site = Site::new().await;
    let mut slow = Vec::new();
    for _ in 0..500 {
        let mut connection = site.connect().await;
        connection.send(format!("POST /push/{SECRET} HTTP/1.1\r\nhost:")).await;
        slow.push(connection);
    }
    for user in 0..50 {
        assert_eq!(site.post(&push(&format!("u{user}"))).await.status, 200);
    }
    drop(slow);
}

#[tokio::test]
async fn slow_clients_lose_their_places() {
    let site = Site::with_limits(ServerLimits { connections: 2, header_time: SHORT, ..patient() }).await;
    let _silent = site.connect().await;
    let mut slow = site.connect().await;
    slow.send("POST").await;
    assert_eq!(site.post(&push("u")).await.status, 200);
}

#[tokio::test]
async fn a_client_that_never_reads_loses_its_place() {
    let site = Site::with_limits(ServerLimits { body_time: SHORT, ..patient() }).await;
    let mut connection = site.connect().await;
    let requests = "GET / HTTP/1.1\r\nhost: h\r\n\r\n".repeat(1000);
    let asking = async { while connection.stream.write_all(requests.as_bytes()).await.is_ok() {} };
    timeout(HANGS, asking).await.expect("the connection is closed");
}

#[tokio::test]
async fn a_client_that_has_said_all_it_has_to_say_still_gets_its_answer() {
    let site = Site::new().await;
    let mut connection = site.connect().await;
    connection.send(post(&format!("/push/{SECRET}"), "", &push("u"))).await;
    connection.stream.shutdown().await.unwrap();
    assert_eq!(connection.answer().await.status, 200);
}

#[tokio::test]
async fn a_push_whose_client_has_gone_is_stored_whole_or_not_at_all() {
    let site = Site::new().await;
    let lock = site.lock().await;
    let mut connection = site.connect().await;
    connection.send(post(&format!("/push/{SECRET}"), "", &push("u"))).await;
    site.until_received(1).await;
    connection.stream.set_zero_linger().unwrap();
    drop(connection);
    lock.release().await;
    site.until_answered(1).await;
    let metrics = site.inbox.metrics().await.unwrap();
    let held = counted(&metrics, "weifen_inbox_held_total");
    assert_eq!(held + counted(&metrics, "weifen_inbox_not_stored_total"), 1, "{metrics}");
    assert_eq!(site.inbox.events(None, 0).await.unwrap().len() as u64, held);
    assert_eq!(site.post(&push("v")).await.status, 200, "the database is as fit as before");
}

#[tokio::test]
async fn a_push_that_a_server_drops_half_way_comes_to_its_end() {
    let site = Site::new().await;
    let router = TowerToHyperService::new(super::receiver(&site.inbox).router());
    for (received, body) in [(1, push("u")), (3, "<html>".to_owned())] {
        let lock = site.lock().await;
        let request = Request::post(format!("/push/{SECRET}")).body(Body::from(body)).unwrap();
        let mut answering = Box::pin(router.call(request));
        tokio::select! {
            biased;
            _ = &mut answering => panic!("it can't be answered yet"),
            () = site.until_received(received) => {}
        }
        drop(answering);
        lock.release().await;
        site.until_answered(received).await;
        assert_eq!(site.post(&push("v")).await.status, 200, "the database is as fit as before");
        site.until_answered(received + 1).await;
    }
}

#[tokio::test]
async fn what_is_no_http_is_sent_away() {
    let site = Site::new().await;
    for bytes in
        [b"\x16\x03\x01\x02\x00".as_slice(), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\r\n\0\r\n\r\n", b"POST\r\n\r\n"]
    {
        let mut connection = site.connect().await;
        connection.send(bytes).await;
        connection.end().await;
    }
    assert!(site.is_empty().await);
    assert_eq!(site.post(&push("u")).await.status, 200);
}

/// Both ends of a thousand connections are in this process.
fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
}
