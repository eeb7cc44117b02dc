//! The stream of changes, read as Server-Sent Events.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use weifen_sandbox::test_data;
use weifen_server::weifen::inbox::{Inbox, Rules};

use super::client::Request;
use super::service::{KEY, Service};
use crate::setup::HANGS;

/// A client that reads what comes.
pub(super) struct Stream {
    stream: TcpStream,
    text: String,
}

impl Stream {
    pub(super) async fn open(service: &Service, request: Request) -> Self {
        let mut stream = TcpStream::connect(service.address()).await.unwrap();
        stream.write_all(request.key(KEY).head().as_bytes()).await.unwrap();
        let mut opened = Self { stream, text: String::new() };
        opened.until("\r\n\r\n").await;
        opened
    }

    /// Returns what was read up to and with `end`, without it and what was returned before.
    async fn until(&mut self, end: &str) -> String {
        loop {
            if let Some((before, after)) = self.text.split_once(end) {
                let (before, after) = (format!("{before}{end}"), after.to_owned());
                self.text = after;
                return before;
            }
            assert!(self.more().await, "it ended: {}", self.text);
        }
    }

    /// Reads on; false at the end.
    async fn more(&mut self) -> bool {
        let mut bytes = vec![0; 4096];
        let read = timeout(HANGS, self.stream.read(&mut bytes)).await.expect("something comes").unwrap();
        self.text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        read > 0
    }

    /// The next event: its name and its data.
    pub(super) async fn event(&mut self) -> (String, Value) {
        self.until("event: ").await;
        let name = self.until("\n").await.trim().to_owned();
        self.until("data: ").await;
        (name, serde_json::from_str(&self.until("\n\n").await).unwrap())
    }

    /// The id and status of the event that the next change is about.
    pub(super) async fn change(&mut self) -> (String, Value, Value) {
        let (name, data) = self.event().await;
        (name, data["id"].clone(), data["status"].clone())
    }
}

pub(super) fn stream() -> Request {
    Request::get("/v1/events/stream")
}

pub(super) async fn follow(inbox: &Inbox, user: &str) {
    follow_as(inbox, user, "a\nb").await;
}

async fn follow_as(inbox: &Inbox, user: &str, nickname: &str) {
    let push = json!({
        "key": test_data::KEY, "develop_appid": test_data::DEVELOP_APPID, "auth_open_id": user, "bidding": 90,
        "appid": "wx-account", "nickname": nickname,
    });
    inbox.receiving(Rules::new(test_data::DEVELOP_APPID)).receive(push.to_string()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_streamed_to_all_who_ask_whoever_makes_them() {
    let service = Service::start("").await;
    follow(service.running.inbox(), "before").await;
    let (mut one, mut other) = (Stream::open(&service, stream()).await, Stream::open(&service, stream()).await);
    // As the command line or another server has it open.
    let elsewhere = Inbox::open(&service.database()).await.unwrap();
    follow(&elsewhere, "u").await;
    for stream in [&mut one, &mut other] {
        assert_eq!(stream.change().await, ("received".to_owned(), json!(2), json!("held")));
        let (name, event) = stream.event().await;
        assert_eq!((&*name, &event["push"]["nickname"]), ("held", &json!("a\nb")));
        assert_eq!(event, service.send(Request::get("/v1/events/2")).await.ok()["event"], "as it is shown");
    }
    drop(one);
    follow(&elsewhere, "v").await;
    assert_eq!(other.change().await, ("received".to_owned(), json!(3), json!("held")));
    elsewhere.close().await;
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_that_no_proxy_may_keep_it_and_that_there_is_no_resuming() {
    let service = Service::start("").await;
    let mut opened = TcpStream::connect(service.address()).await.unwrap();
    opened.write_all(stream().key(KEY).head().as_bytes()).await.unwrap();
    let mut first = Stream { stream: opened, text: String::new() };
    let head = first.until("\r\n\r\n").await.to_ascii_lowercase();
    for line in [
        "http/1.1 200",
        "content-type: text/event-stream",
        "x-accel-buffering: no",
        "cache-control: no-store, no-transform",
    ] {
        assert!(head.contains(line), "{head}");
    }
    let begin = first.until("\n\n").await;
    let id = begin.lines().find_map(|line| line.strip_prefix("id: ")).expect("a client that comes again sends it");
    let mut again = Stream::open(&service, stream().header("last-event-id", id)).await;
    assert_eq!(again.event().await, ("gap".to_owned(), json!({"reason": "reconnected"})));
    follow(service.running.inbox(), "u").await;
    assert_eq!(again.change().await.0, "received");
    assert_eq!(first.change().await.0, "received", "what was never connected has no gap");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_closes_its_streams_at_once() {
    let service = Service::start("").await;
    let mut open = Stream::open(&service, stream()).await;
    let reading = tokio::spawn(async move {
        while open.more().await {}
        open.text
    });
    // Its drain is shorter than the test's patience, but longer than what is closed at once takes.
    timeout(Duration::from_secs(4), service.stop()).await.expect("nothing is waited for");
    let text = timeout(HANGS, reading).await.unwrap().unwrap();
    assert!(text.ends_with("0\r\n\r\n"), "it ends in order: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_count_among_the_requests_that_wait() {
    let service = Service::start_with("max_waiters = 1", "").await;
    let open = Stream::open(&service, stream()).await;
    let refused = service.send(stream()).await;
    assert_eq!((refused.status, &*refused.problem()), (429, "rate_limited"));
    assert!(refused.header("retry-after").is_some());
    drop(open);
    a_place_gets_free(&service).await;
    service.stop().await;
}

/// Waits until another stream can be opened: the server sees at a change that a client has gone.
async fn a_place_gets_free(service: &Service) {
    let mut user = 0;
    let place = timeout(2 * HANGS, async {
        loop {
            follow(service.running.inbox(), &format!("u{user}")).await;
            user += 1;
            let mut probe = TcpStream::connect(service.address()).await.unwrap();
            probe.write_all(stream().key(KEY).head().as_bytes()).await.unwrap();
            let mut probe = Stream { stream: probe, text: String::new() };
            if probe.until("\r\n").await.contains("200") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    place.await.expect("the place is free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_reads_holds_up_nobody_and_loses_its_connection() {
    const CHANGES: usize = 150;

    let service = Service::start_with("max_waiters = 2", "").await;
    let mut silent = TcpStream::connect(service.address()).await.unwrap();
    silent.write_all(stream().key(KEY).head().as_bytes()).await.unwrap();
    let mut reader = Stream::open(&service, stream()).await;
    // Together more than any socket keeps.
    let long = "x".repeat(60_000);
    for user in 0..CHANGES {
        follow_as(service.running.inbox(), &format!("long-{user}"), &long).await;
    }
    for _ in 0..2 * CHANGES {
        reader.event().await;
    }
    a_place_gets_free(&service).await;
    drop(silent);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_needs_a_key_with_the_scope() {
    let service = Service::start("").await;
    assert_eq!(stream().send(service.address()).await.status, 401);
    service.stop().await;
}
