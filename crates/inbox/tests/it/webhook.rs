//! Events, posted to a URL as Standard Webhooks has it.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretSlice;
use sha2::{Digest, Sha256};
use weifen_inbox::transport::http::{Method, Request, Response, StatusCode};
use weifen_inbox::transport::{
    BodyFault, Bytes, CertificateFault, NetworkFault, NotPublic, RetryAfter, TransportError,
};
use weifen_inbox::{Bookings, DispatchPolicy, Dispatcher, Inbox, InvalidWebhook, Rules, Status, Unsolicited, Webhook};
use weifen_proto::fensi::Fen;
use weifen_transport::mock::{Canned, ManualClock};

use crate::support::{Folder, Receiving, booking, counted, only_event, push, receive, rules, until, until_all_are};

const URL: &str = "https://shop.example:8443/hooks/s3cret-path?token=s3cret-query";
const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";
/// 2019-05-07T03:33:42Z
const NOW: u64 = 1_557_200_022;

type Reply = Result<Response<Bytes>, TransportError>;

#[expect(clippy::unnecessary_wraps, reason = "one of several replies, of which some are errors")]
fn reply(status: u16) -> Reply {
    Ok(Response::builder().status(status).body(Bytes::from_static(b"s3cret-body")).unwrap())
}

#[expect(clippy::unnecessary_wraps, reason = "one of several replies, of which some are errors")]
fn reply_with(status: u16, header: &str, value: &str) -> Reply {
    Ok(Response::builder().status(status).header(header, value).body(Bytes::new()).unwrap())
}

fn refused() -> std::io::Error {
    std::io::Error::other("https://shop.example:8443/hooks/s3cret-path")
}

/// An inbox and a business that is told of its events, at a time that a test moves.
struct Shop {
    inbox: Receiving,
    clock: Arc<ManualClock>,
    business: Arc<Canned>,
    policy: DispatchPolicy,
    folder: Folder,
}

impl Shop {
    async fn answering(replies: impl IntoIterator<Item = Reply>) -> Self {
        let folder = Folder::new();
        let clock = Arc::new(ManualClock::at(NOW));
        let rules: Rules = rules().unsolicited(Unsolicited::Pay);
        let inbox = Receiving::by_clock(&folder.database(), rules, clock.clone()).await;
        let (second, policy) = (Duration::from_secs(1), DispatchPolicy::default());
        let policy = DispatchPolicy { backoff_base: second, backoff_cap: second, ..policy };
        Self { inbox, clock, business: Arc::new(Canned::in_turn(replies)), policy, folder }
    }

    fn start(&self) -> Dispatcher {
        let webhook = Webhook::new(URL, SecretSlice::from(KEY.to_vec()), self.business.clone()).unwrap();
        let handler = Arc::new(webhook.clock(self.clock.clone()));
        Dispatcher::builder(&self.inbox, handler).policy(self.policy).start().unwrap()
    }

    async fn until_posted(&self, times: usize) {
        until("it is posted", async || self.business.requests().len() == times).await;
    }

    async fn until_counted(&self, name: &str, count: &str) {
        until(name, async || counted(&self.inbox, name).await == count).await;
    }
}

/// HMAC-SHA256 as RFC 2104 has it, of nothing that the crate uses for it.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let padded = |with: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or_default() ^ with).collect() };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers()[name].to_str().unwrap()
}

fn is_signed(request: &Request<Bytes>, key: &[u8]) -> bool {
    let (id, timestamp) = (header(request, "webhook-id"), header(request, "webhook-timestamp"));
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", request.body()].concat();
    header(request, "webhook-signature") == format!("v1,{}", STANDARD.encode(hmac(key, &signed)))
}

#[test]
fn this_files_own_verification_agrees_with_the_published_example() {
    let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let request = |body: &'static str| {
        Request::builder()
            .header("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
            .header("webhook-timestamp", "1614265330")
            .header("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap()
    };
    assert!(is_signed(&request(r#"{"test": 2432232314}"#), &key));
    assert!(!is_signed(&request(r#"{"test":2432232314}"#), &key));
}

#[tokio::test]
async fn an_event_is_posted_signed_and_under_the_vendors_names() {
    let shop = Shop::answering([reply(204)]).await;
    let _dispatcher = shop.start();
    receive(&shop.inbox, &push("u")).await;
    until_all_are(&shop.inbox, Status::Delivered).await;
    let request = shop.business.requests().remove(0);
    assert_eq!((request.method(), request.uri().to_string().as_str()), (&Method::POST, URL));
    assert_eq!(header(&request, "content-type"), "application/json");
    assert_eq!(header(&request, "webhook-timestamp"), NOW.to_string());
    assert_eq!(header(&request, "webhook-id"), only_event(&shop.inbox).await.key.as_str());
    assert!(is_signed(&request, KEY));
    let body = r#"{"type":"fensi.follow","timestamp":"2019-05-07T03:33:42Z","data":{"key":"device-1","develop_appid":"fs-developer","auth_open_id":"u","bidding":90,"appid":"wx-account","appname":"an account","openid":"o-u","nickname":""},"booking":null}"#;
    assert_eq!(std::str::from_utf8(request.body()).unwrap(), body);
}

#[tokio::test]
async fn the_booking_that_asked_for_a_push_stands_in_the_body_and_another_bid_is_marked() {
    let shop = Shop::answering([reply(500), reply(204)]).await;
    let booking = booking("u").reference("order 7 单".parse().unwrap()).bid(Fen(60));
    shop.inbox.book(&booking).await.unwrap();
    let _dispatcher = shop.start();
    receive(&shop.inbox, &push("u")).await;
    shop.until_posted(1).await;
    // A later booking changes nothing about it.
    shop.inbox.book(&booking.reference("another".parse().unwrap())).await.unwrap();
    shop.clock.advance(Duration::from_secs(3600));
    until_all_are(&shop.inbox, Status::Delivered).await;
    let [first, again] = &shop.business.requests()[..] else { panic!("two attempts") };
    assert_eq!(first.body(), again.body());
    let id = only_event(&shop.inbox).await.booking.unwrap().id;
    let told = format!(
        "\"nickname\":\"\"}},\"booking\":{{\"id\":\"{id}\",\"reference\":\"order 7 单\",\"bid\":60,\
         \"booked_at\":\"2019-05-07T03:33:42Z\"}},\"bid_differs\":true}}"
    );
    let body = std::str::from_utf8(first.body()).unwrap();
    assert!(body.ends_with(&told), "{body}");
}

#[tokio::test]
async fn an_event_that_an_older_version_stored_keeps_its_body_and_its_id() {
    let shop = Shop::answering([reply(204)]).await;
    receive(&shop.inbox, &push("u")).await;
    let mut stranger = shop.folder.stranger().await;
    sqlx::Executor::execute(&mut stranger, "UPDATE events SET booking = NULL").await.unwrap();
    sqlx::Connection::close(stranger).await.unwrap();
    let _dispatcher = shop.start();
    until_all_are(&shop.inbox, Status::Delivered).await;
    let request = shop.business.requests().remove(0);
    assert_eq!(header(&request, "webhook-id"), "evt_dd40535a3664b29b42d4030e5bc8c7c9");
    let body = r#"{"type":"fensi.follow","timestamp":"2019-05-07T03:33:42Z","data":{"key":"device-1","develop_appid":"fs-developer","auth_open_id":"u","bidding":90,"appid":"wx-account","appname":"an account","openid":"o-u","nickname":""}}"#;
    assert_eq!(std::str::from_utf8(request.body()).unwrap(), body);
}

#[tokio::test]
async fn each_attempt_posts_the_same_bytes_under_the_same_id_and_a_time_of_its_own() {
    let shop = Shop::answering([reply(500), reply(500), reply(200)]).await;
    let dispatcher = shop.start();
    receive(&shop.inbox, &push("u")).await;
    shop.until_counted("retried_total", "1").await;
    dispatcher.stop(Duration::from_secs(60)).await;
    shop.clock.advance(Duration::from_secs(60));
    let dispatcher = shop.start();
    shop.until_counted("retried_total", "2").await;
    drop(dispatcher);
    shop.clock.advance(Duration::from_secs(3600));
    let _another = shop.start();
    until_all_are(&shop.inbox, Status::Delivered).await;
    let requests = shop.business.requests();
    let times: Vec<_> = requests.iter().map(|request| header(request, "webhook-timestamp").to_owned()).collect();
    assert_eq!(times, [NOW, NOW + 60, NOW + 3660].map(|time| time.to_string()));
    for request in &requests {
        assert!(is_signed(request, KEY));
        assert_eq!(request.body(), requests[0].body());
        assert_eq!(header(request, "webhook-id"), header(&requests[0], "webhook-id"));
    }
}

#[tokio::test]
async fn what_is_no_2xx_is_a_failure_and_told_without_body_and_url() {
    let fault = BodyFault::TooLarge { cap: 1 };
    let bad_body = |status| TransportError::BadBody { status, retry_after: None, fault };
    let expired = NetworkFault::Certificate(CertificateFault::Expired { at: None });
    let io = || Arc::new(std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
    let refused_here = NetworkFault::Refused { on_this_machine: true, error: io() };
    for (answer, failure) in [
        (reply(199), "HTTP 199"),
        (reply_with(302, "location", "https://elsewhere.example/s3cret"), "HTTP 302"),
        (reply(400), "HTTP 400"),
        (reply(404), "HTTP 404"),
        (reply(429), "HTTP 429"),
        (reply(500), "HTTP 500"),
        (reply_with(503, "retry-after", "s3cret"), "HTTP 503"),
        (Err(bad_body(StatusCode::BAD_GATEWAY)), "HTTP 502"),
        (Err(stalled(StatusCode::BAD_GATEWAY)), "HTTP 502"),
        (Err(TransportError::no_reply(refused())), "no reply"),
        (Err(TransportError::no_reply(NetworkFault::AnswerTimedOut)), "no reply: timed out waiting for the answer"),
        (Err(TransportError::not_sent(refused())), "not delivered"),
        (Err(TransportError::not_sent(refused_here)), "not delivered: connection refused"),
        (
            Err(TransportError::not_sent(NetworkFault::NameNotFound(io()))),
            "not delivered: name not found: connection refused",
        ),
        (Err(TransportError::not_sent(NetworkFault::ConnectTimedOut)), "not delivered: timed out connecting"),
        (Err(TransportError::not_sent(expired)), "not delivered: the certificate expired"),
        (
            Err(TransportError::not_sent(NetworkFault::NotPublic(NotPublic::new("10.0.0.1")))),
            "not delivered: 10.0.0.1 has no public address, and only public addresses are allowed",
        ),
    ] {
        let mut shop = Shop::answering([answer]).await;
        shop.policy.max_attempts = 2;
        let _dispatcher = shop.start();
        receive(&shop.inbox, &push("u")).await;
        shop.until_counted("retried_total", "1").await;
        shop.clock.advance(Duration::from_secs(1));
        until_all_are(&shop.inbox, Status::Dead).await;
        assert_eq!(only_event(&shop.inbox).await.last_failure.as_deref(), Some(failure));
    }
}

fn stalled(status: StatusCode) -> TransportError {
    TransportError::BodyTimedOut { status, retry_after: None }
}

#[tokio::test]
async fn any_2xx_takes_the_event_whatever_its_body() {
    let bad = |fault| Err(TransportError::BadBody { status: StatusCode::OK, retry_after: None, fault });
    let cut = [BodyFault::CutShort, BodyFault::Compression, BodyFault::TooLarge { cap: 1 }].map(bad);
    let whole = [reply(200), reply(202), reply(299)];
    for answer in whole.into_iter().chain(cut).chain([Err(stalled(StatusCode::OK))]) {
        let shop = Shop::answering([answer]).await;
        let _dispatcher = shop.start();
        receive(&shop.inbox, &push("u")).await;
        until_all_are(&shop.inbox, Status::Delivered).await;
    }
}

#[tokio::test]
async fn retry_after_is_obeyed_up_to_an_hour() {
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(NOW + 300));
    let without_body = TransportError::BodyTimedOut {
        status: StatusCode::TOO_MANY_REQUESTS,
        retry_after: Some(RetryAfter::For(Duration::from_secs(60))),
    };
    for (status, answer, seconds) in [
        (429, reply_with(429, "retry-after", "120"), 120),
        (503, reply_with(503, "retry-after", &date), 300),
        (503, reply_with(503, "retry-after", "86400"), 3600),
        (429, Err(without_body), 60),
    ] {
        let mut shop = Shop::answering([answer, reply(200)]).await;
        shop.policy.backoff_cap = DispatchPolicy::default().backoff_cap;
        let dispatcher = shop.start();
        receive(&shop.inbox, &push("u")).await;
        shop.until_counted("retried_total", "1").await;
        // What is claimed while the time leaps has lost its lease.
        dispatcher.stop(Duration::from_secs(60)).await;
        shop.clock.advance(Duration::from_secs(seconds - 1));
        let _anew = shop.start();
        // What is due together is taken together: the first event would be posted with this one.
        receive(&shop.inbox, &push("witness")).await;
        shop.until_counted("delivered_total", "1").await;
        assert_eq!(shop.business.requests().len(), 2);
        shop.clock.advance(Duration::from_secs(1));
        until_all_are(&shop.inbox, Status::Delivered).await;
        assert_eq!(only_failure(&shop.inbox).await, format!("HTTP {status}"));
    }
}

async fn only_failure(inbox: &Inbox) -> String {
    let events = inbox.events(None, 0).await.unwrap();
    events.into_iter().find_map(|event| event.last_failure).unwrap()
}

#[tokio::test]
async fn a_410_pauses_and_costs_no_event_an_attempt() {
    for answer in [reply(410), Err(stalled(StatusCode::GONE))] {
        pauses(answer).await;
    }
}

async fn pauses(answer: Reply) {
    let shop = Shop::answering([answer, reply(200)]).await;
    let dispatcher = shop.start();
    receive(&shop.inbox, &push("u")).await;
    until("it is paused", async || dispatcher.is_paused()).await;
    dispatcher.stop(Duration::from_secs(60)).await;
    let event = only_event(&shop.inbox).await;
    assert_eq!((event.status, event.attempts), (Status::Pending, 0));
    assert_eq!(event.last_failure.as_deref(), Some("HTTP 410"));
    assert_eq!(counted(&shop.inbox, "deliveries_paused").await, "1");
    shop.clock.advance(Duration::from_secs(1));
    let _anew = shop.start();
    until_all_are(&shop.inbox, Status::Delivered).await;
    shop.until_posted(2).await;
}

#[test]
fn a_url_or_key_that_cannot_be_right_is_refused_and_not_told() {
    let webhook = |url, key: &[u8]| {
        Webhook::new(url, SecretSlice::from(key.to_vec()), Arc::new(Canned::in_turn([reply(200)]))).map(drop)
    };
    for url in ["", "shop.example", "ftp://shop.example/s3cret", "https://", "/s3cret"] {
        assert_eq!(webhook(url, KEY), Err(InvalidWebhook::NotAUrl), "{url}");
    }
    assert_eq!(webhook("https://user:s3cret@shop.example", KEY), Err(InvalidWebhook::HasCredentials));
    assert_eq!(webhook("https://user@shop.example", KEY), Err(InvalidWebhook::HasCredentials));
    assert_eq!(webhook(URL, &KEY[..15]), Err(InvalidWebhook::ShortKey));
    assert_eq!(webhook(URL, &KEY[..16]), Ok(()));
}

#[test]
fn a_webhook_prints_neither_its_key_nor_its_path() {
    let webhook = Webhook::new(URL, SecretSlice::from(KEY.to_vec()), Arc::new(Canned::in_turn([reply(200)]))).unwrap();
    let printed = format!("{webhook:?}");
    assert!(printed.contains("shop.example"));
    assert!(!printed.contains("s3cret") && !printed.contains("0123"), "{printed}");
}
