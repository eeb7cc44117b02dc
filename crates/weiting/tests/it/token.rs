//! The life of a token in one process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use weifen_transport::mock::{FixedJitter, ManualClock};
use weifen_transport::{Bytes, Clock, ErrorKind, Transport, TransportError, async_trait, http};
use weifen_weiting::{AuthorizeUrl, OpenidByCode, RefusalKind, Weiting};

use crate::canned::{Canned, REJECTED, TOKEN, is_token, token};

const LIFE: Duration = Duration::from_secs(7200);

fn request() -> AuthorizeUrl {
    AuthorizeUrl::new("https://shop.example/").unwrap()
}

const REDIRECT: &str = r#"{"status": 200, "redirect": "https://open.weixin.qq.com/x#wechat_redirect"}"#;

/// Hands out a new token for each fetch, and takes as long about it as the test wants.
#[derive(Debug)]
struct Vendor {
    fetches: AtomicUsize,
    delay: Duration,
    clock: Arc<ManualClock>,
    fails: bool,
}

impl Vendor {
    fn new(delay: Duration) -> Arc<Self> {
        Arc::new(Self { fetches: AtomicUsize::new(0), delay, clock: Arc::new(ManualClock::at(0)), fails: false })
    }

    fn client(self: &Arc<Self>) -> Weiting {
        Weiting::builder("appid", "secret")
            .transport(self.clone())
            .clock(self.clock.clone())
            .jitter(Arc::new(FixedJitter(0.5)))
            .build()
            .unwrap()
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Transport for Vendor {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        if !is_token(&request) {
            return Ok(http::Response::new(REDIRECT.into()));
        }
        let fetch = self.fetches.fetch_add(1, Ordering::SeqCst) + 1;
        tokio::time::sleep(self.delay).await;
        self.clock.advance(self.delay);
        if self.fails {
            return Err(TransportError::no_reply(std::io::Error::other("lost")));
        }
        Ok(http::Response::new(token(&format!("token-{fetch}")).into()))
    }
}

#[tokio::test]
async fn the_documented_token_is_percent_encoded_in_the_query() {
    let transport = Canned::answering(REDIRECT);
    transport.client().authorize_url(&request()).await.unwrap();
    let sent = transport.requests().pop().unwrap();
    let query = "access_token=%3DjLdmlnLUyr-BzKfriqsMEr3X9%3DrRjrtSln9ryLcH";
    assert_eq!(sent.uri().query(), Some(query));
    assert_eq!(form_urlencoded::parse(query.as_bytes()).next().unwrap().1, TOKEN);
}

#[tokio::test(start_paused = true)]
async fn the_life_of_a_token_counts_from_before_the_request() {
    let vendor = Vendor::new(Duration::from_secs(5));
    let token = vendor.client().access_token().await.unwrap();
    assert_eq!(token.expires_at(), SystemTime::UNIX_EPOCH + LIFE);
    assert_eq!(vendor.clock.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_first_callers_make_one_fetch() {
    let vendor = Vendor::new(Duration::from_secs(1));
    let client = vendor.client();
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.authorize_url(&request()).await.map(|_| ()) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(vendor.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn waiting_callers_share_one_failure() {
    let mut vendor = Vendor::new(Duration::from_secs(1));
    Arc::get_mut(&mut vendor).unwrap().fails = true;
    let client = vendor.client();
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.access_token().await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap_err().kind(), ErrorKind::NoReply);
    }
    assert_eq!(vendor.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_first_caller_that_gives_up_does_not_take_the_fetch_with_it() {
    let vendor = Vendor::new(Duration::from_secs(1));
    let client = vendor.client();
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.access_token().await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let second = tokio::spawn(async move { client.access_token().await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    first.abort();
    assert_eq!(second.await.unwrap().unwrap().value().as_str(), "token-1");
    assert_eq!(vendor.fetches(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_in_the_background_before_its_end() {
    let vendor = Vendor::new(Duration::ZERO);
    let client = vendor.client();
    for (seconds, expected) in [(0, 1), (6899, 1), (1, 2), (6899, 2), (7300, 3)] {
        vendor.clock.advance(Duration::from_secs(seconds));
        client.access_token().await.unwrap();
        client.tokens().settle().await.unwrap();
        assert_eq!(client.access_token().await.unwrap().generation(), expected, "after {seconds} s more");
    }
    assert_eq!(vendor.fetches(), 3);
}

#[tokio::test]
async fn a_renewal_that_fails_leaves_the_old_token_until_its_end() {
    let clock = Arc::new(ManualClock::at(0));
    let fetched = AtomicUsize::new(0);
    let transport = Canned::new(move |_| match fetched.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(token("first")),
        _ => Err(TransportError::not_sent(std::io::Error::other("refused"))),
    });
    let client = transport.builder().clock(clock.clone()).build().unwrap();
    assert_eq!(client.access_token().await.unwrap().value().as_str(), "first");
    clock.advance(Duration::from_secs(7000));
    for _ in 0..10 {
        assert_eq!(client.access_token().await.unwrap().value().as_str(), "first");
        let _failed = client.tokens().settle().await;
    }
    assert_eq!(transport.token_fetches(), 2, "a renewal that failed is not tried again at once");
    clock.advance(Duration::from_secs(11));
    assert_eq!(client.access_token().await.unwrap().value().as_str(), "first");
    assert_eq!(client.tokens().settle().await.unwrap_err().kind(), ErrorKind::NotDelivered);
    assert_eq!(transport.token_fetches(), 3);
    clock.advance(Duration::from_secs(189));
    assert_eq!(client.access_token().await.unwrap_err().kind(), ErrorKind::NotDelivered);
}

#[tokio::test]
async fn a_rejected_token_is_fetched_again_exactly_once() {
    let fetched = AtomicUsize::new(0);
    let transport = Canned::new(move |request| {
        if is_token(request) {
            return Ok(token(&format!("token-{}", fetched.fetch_add(1, Ordering::SeqCst) + 1)));
        }
        let old = request.uri().query().is_some_and(|query| query.contains("token-1"));
        Ok(if old { REJECTED } else { REDIRECT }.to_owned())
    });
    let client = transport.client();
    let calls = (0..100).map(|_| async { client.authorize_url(&request()).await });
    for outcome in futures_util::future::join_all(calls).await {
        outcome.unwrap();
    }
    assert_eq!(transport.token_fetches(), 2);
}

#[tokio::test]
async fn a_vendor_that_rejects_every_token_is_asked_twice() {
    let transport = Canned::answering(REJECTED);
    let error = transport.client().authorize_url(&request()).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().kind(), RefusalKind::TokenRejected);
    assert!(error.hint().unwrap().contains("the new one"), "{:?}", error.hint());
    assert_eq!((transport.token_fetches(), transport.requests().len()), (2, 4));
}

#[tokio::test]
async fn a_late_rejection_does_not_drop_a_newer_token() {
    #[derive(Debug)]
    struct Counting(AtomicUsize);

    #[async_trait]
    impl weifen_weiting::token::TokenFetcher for Counting {
        async fn fetch(&self) -> Result<weifen_weiting::AccessToken, weifen_transport::CallError> {
            let fetch = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            Ok(format!("token-{fetch}").parse().unwrap())
        }
    }

    let client =
        Canned::answering("").builder().token_fetcher(Arc::new(Counting(AtomicUsize::new(0)))).build().unwrap();
    let manager = client.tokens();
    let first = manager.current().await.unwrap();
    manager.rejected(&first);
    let second = manager.current().await.unwrap();
    manager.rejected(&first);
    assert_eq!(manager.current().await.unwrap().value(), second.value());
}

#[tokio::test]
async fn another_refusal_fetches_no_token() {
    let transport = Canned::answering(r#"{"status": 40005, "errMsg": "code 已过期"}"#);
    let error = transport.client().openid_by_code(&OpenidByCode::new("c".parse().unwrap())).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().kind(), RefusalKind::CodeExpired);
    assert_eq!(transport.requests().len(), 2);
}

#[tokio::test]
async fn a_refused_token_is_the_callers_error() {
    let transport = Canned::new(|_| Ok(r#"{"status": 40001, "errMsg": "appid或secret错误"}"#.to_owned()));
    let error = transport.client().authorize_url(&request()).await.unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!((refusal.kind(), refusal.code()), (RefusalKind::TokenNotIssued, 40001));
    assert_eq!(error.operation().name, "access_token");
}
