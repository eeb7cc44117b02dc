//! The life of a token in one process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use weifen_transport::mock::{Canned, FixedJitter, ManualClock};
use weifen_transport::{CallError, Clock, ErrorKind, Failure, TransportError, Withheld, async_trait};
use weifen_weiting::token::{Token, TokenFetcher, TokenManager, TokenPolicy};
use weifen_weiting::{AccessToken, AuthorizeUrlRequest, OpenidByCodeRequest, RefusalKind, Weiting};

use crate::canned::{REJECTED, TOKEN, answering, builder, client, is_token, reply, token, token_fetches};
use crate::fetching::{Fetcher, NOON};

const LIFE: Duration = Duration::from_secs(7200);

fn request() -> AuthorizeUrlRequest {
    AuthorizeUrlRequest::new("https://shop.example/").unwrap()
}

const REDIRECT: &str = r#"{"status": 200, "redirect": "https://open.weixin.qq.com/x#wechat_redirect"}"#;

/// A vendor that gives a new token for each fetch after `delay`, and a client with a clock that begins at 0.
fn numbered(delay: Duration) -> (Arc<Canned>, Arc<ManualClock>, Weiting) {
    let (clock, fetches) = (Arc::new(ManualClock::at(0)), AtomicUsize::new(0));
    let vendors = clock.clone();
    let vendor = Canned::by(move |_| {
        vendors.advance(delay);
        Ok(token(&format!("token-{}", fetches.fetch_add(1, Ordering::SeqCst) + 1)))
    });
    let vendor = Arc::new(vendor.delay(delay));
    let client = builder(&vendor).clock(clock.clone()).jitter(Arc::new(FixedJitter(0.5))).build().unwrap();
    (vendor, clock, client)
}

#[tokio::test]
async fn the_documented_token_is_percent_encoded_in_the_query() {
    let transport = answering(REDIRECT);
    client(&transport).authorize_url(&request()).await.unwrap();
    let sent = transport.requests().pop().unwrap();
    let query = "access_token=%3DjLdmlnLUyr-BzKfriqsMEr3X9%3DrRjrtSln9ryLcH";
    assert_eq!(sent.uri().query(), Some(query));
    assert_eq!(form_urlencoded::parse(query.as_bytes()).next().unwrap().1, TOKEN);
}

#[tokio::test(start_paused = true)]
async fn the_life_of_a_token_counts_from_before_the_request() {
    let (_, clock, client) = numbered(Duration::from_secs(5));
    let token = client.access_token().await.unwrap();
    assert_eq!(token.expires_at(), SystemTime::UNIX_EPOCH + LIFE);
    assert_eq!(clock.elapsed(), Duration::from_secs(5));
}

/// A thousand callers on eight threads, all at once.
async fn a_thousand(manager: &TokenManager) -> Vec<Result<Token, CallError>> {
    let start = Arc::new(tokio::sync::Barrier::new(1000));
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let (manager, start) = (manager.clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                manager.current().await
            })
        })
        .collect();
    futures_util::future::join_all(calls).await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_thousand_first_callers_make_one_fetch() {
    for delay in [Duration::ZERO, Duration::from_millis(20)] {
        let fetcher = Fetcher::new(delay);
        let manager = fetcher.manager(&Arc::new(ManualClock::at(NOON)));
        for outcome in a_thousand(&manager).await {
            assert_eq!(outcome.unwrap().value().as_str(), "token-1");
        }
        assert_eq!(fetcher.fetches(), 1);
    }
    println!("reliability[token-start] 1 fetch for 1,000 callers on 8 threads");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_thousand_first_callers_share_one_failure() {
    for delay in [Duration::ZERO, Duration::from_millis(20)] {
        let (fetcher, clock) = (Fetcher::new(delay), Arc::new(ManualClock::at(NOON)));
        fetcher.fails(true);
        let manager = fetcher.manager(&clock);
        for outcome in a_thousand(&manager).await {
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::NoReply);
        }
        assert_eq!(fetcher.fetches(), 1);

        fetcher.fails(false);
        clock.advance(Duration::from_secs(1));
        assert_eq!(manager.current().await.unwrap().value().as_str(), "token-2");
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_caller_that_gives_up_does_not_take_the_fetch_with_it() {
    let (vendor, _, client) = numbered(Duration::from_secs(1));
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.access_token().await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let second = tokio::spawn(async move { client.access_token().await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    first.abort();
    assert_eq!(second.await.unwrap().unwrap().value().as_str(), "token-1");
    assert_eq!(token_fetches(&vendor), 1);
}

#[tokio::test]
async fn a_token_is_renewed_in_the_background_before_its_end() {
    let (vendor, clock, client) = numbered(Duration::ZERO);
    for (seconds, expected) in [(0, 1), (6899, 1), (1, 2), (6899, 2), (7300, 3)] {
        clock.advance(Duration::from_secs(seconds));
        client.access_token().await.unwrap();
        client.tokens().settle().await.unwrap();
        assert_eq!(client.access_token().await.unwrap().generation(), expected, "after {seconds} s more");
    }
    assert_eq!(token_fetches(&vendor), 3);
}

#[tokio::test]
async fn a_renewal_that_fails_leaves_the_old_token_until_its_end() {
    let clock = Arc::new(ManualClock::at(0));
    let refused = TransportError::not_sent(std::io::Error::other("refused"));
    let transport = Arc::new(Canned::in_turn([Ok(token("first")), Err(refused)]));
    let client = builder(&transport).clock(clock.clone()).build().unwrap();
    assert_eq!(client.access_token().await.unwrap().value().as_str(), "first");
    clock.advance(Duration::from_secs(7000));
    for _ in 0..10 {
        assert_eq!(client.access_token().await.unwrap().value().as_str(), "first");
        let _failed = client.tokens().settle().await;
    }
    assert_eq!(token_fetches(&transport), 2, "a renewal that failed is not tried again at once");
    clock.advance(Duration::from_secs(11));
    assert_eq!(client.access_token().await.unwrap().value().as_str(), "first");
    assert_eq!(client.tokens().settle().await.unwrap_err().kind(), ErrorKind::NotDelivered);
    assert_eq!(token_fetches(&transport), 3);
    clock.advance(Duration::from_secs(189));
    assert_eq!(client.access_token().await.unwrap_err().kind(), ErrorKind::NotDelivered);
}

#[tokio::test]
async fn a_renewal_that_fails_and_fails_is_tried_ever_more_rarely() {
    let (fetcher, clock) = (Fetcher::new(Duration::ZERO), Arc::new(ManualClock::at(NOON)));
    let manager = fetcher.manager(&clock);
    manager.current().await.unwrap();
    fetcher.fails(true);
    clock.advance(Duration::from_secs(6900));
    let mut tried_at = Vec::new();
    for second in 0..300 {
        let before = fetcher.fetches();
        manager.current().await.expect("the old token is valid");
        let _failed = manager.settle().await;
        tried_at.extend((before < fetcher.fetches()).then_some(second));
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!(tried_at, [0, 5, 15, 35, 75, 195], "the next was due at 135, where the brake held until 155");
}

#[tokio::test]
async fn a_rejected_token_is_fetched_again_exactly_once() {
    let fetched = AtomicUsize::new(0);
    let transport = Arc::new(Canned::by(move |request| {
        if is_token(request) {
            return Ok(token(&format!("token-{}", fetched.fetch_add(1, Ordering::SeqCst) + 1)));
        }
        let old = request.uri().query().is_some_and(|query| query.contains("token-1"));
        Ok(reply(if old { REJECTED } else { REDIRECT }))
    }));
    let client = client(&transport);
    let calls = (0..100).map(|_| async { client.authorize_url(&request()).await });
    for outcome in futures_util::future::join_all(calls).await {
        outcome.unwrap();
    }
    assert_eq!(token_fetches(&transport), 2);
}

#[tokio::test]
async fn a_vendor_that_rejects_every_token_is_asked_twice() {
    let transport = answering(REJECTED);
    let error = client(&transport).authorize_url(&request()).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().kind(), RefusalKind::TokenRejected);
    assert!(error.hint().unwrap().contains("also the new token"), "{:?}", error.hint());
    assert_eq!((token_fetches(&transport), transport.requests().len()), (2, 4));
}

#[tokio::test]
async fn a_vendor_that_rejects_every_token_does_not_use_up_the_day() {
    let transport = answering(REJECTED);
    let clock = Arc::new(ManualClock::at(NOON));
    let client = builder(&transport).clock(clock.clone()).build().unwrap();
    client.authorize_url(&request()).await.unwrap_err();
    let until = "the next request is allowed at 2019-05-07T12:00:10+08:00";
    let met = client.authorize_url(&request()).await.unwrap_err();
    assert!(matches!(met.failure(), Failure::Withheld(Withheld::Brake { .. })), "{met}");
    assert!(met.is_retryable() && met.to_string().contains(until), "{met}");
    assert_eq!(met.hint(), Some("the vendor rejected the token: refused with code 0: access_token校验异常"));
    for _ in 0..100 {
        let stopped = client.authorize_url(&request()).await.unwrap_err();
        assert_eq!(stopped.kind(), ErrorKind::NotDelivered);
        assert!(stopped.to_string().contains(until), "{stopped}");
    }
    assert_eq!(token_fetches(&transport), 2);
    for _ in 0..60 {
        clock.advance(Duration::from_secs(60));
        client.authorize_url(&request()).await.unwrap_err();
    }
    assert!(token_fetches(&transport) < 20, "{} fetches in an hour", token_fetches(&transport));
}

#[tokio::test]
async fn a_late_rejection_does_not_drop_a_newer_token() {
    let fetcher = Fetcher::new(Duration::ZERO);
    let manager = fetcher.manager(&Arc::new(ManualClock::at(NOON)));
    let first = manager.current().await.unwrap();
    manager.rejected(&first);
    let second = manager.current().await.unwrap();
    manager.rejected(&first);
    assert_eq!(manager.current().await.unwrap(), second);
    assert_eq!(manager.stored().await.unwrap().token.unwrap(), second);
    assert_eq!(fetcher.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_whose_callers_all_give_up_is_not_lost() {
    let fetcher = Fetcher::new(Duration::from_secs(1));
    let manager = fetcher.manager(&Arc::new(ManualClock::at(NOON)));
    let late = tokio::time::timeout(Duration::from_millis(100), manager.current()).await;
    assert!(late.is_err());
    manager.settle().await.unwrap();
    assert_eq!(manager.cached().unwrap().value().as_str(), "token-1");
    assert_eq!(fetcher.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_renewal_that_has_time() {
    const CALLS: u32 = 10_000;

    let (fetcher, clock) = (Fetcher::new(Duration::from_secs(2)), Arc::new(ManualClock::at(NOON)));
    let manager = fetcher.manager(&clock);
    manager.current().await.unwrap();
    clock.advance(Duration::from_secs(6899));
    let mut renewed = 0;
    for _ in 0..CALLS {
        clock.advance(Duration::from_millis(1));
        tokio::time::advance(Duration::from_millis(1)).await;
        let before = tokio::time::Instant::now();
        let token = manager.current().await.unwrap();
        assert_eq!(before.elapsed(), Duration::ZERO, "a call waited");
        renewed += u32::from(token.value().as_str() == "token-2");
    }
    assert_eq!(fetcher.fetches(), 2);
    assert!((6_000..8_000).contains(&renewed), "the old token was used for 2 s, the new one after: {renewed}");
    println!("reliability[token-renewal] 0 of {CALLS} calls waited while a renewal took 2 s");
}

#[tokio::test]
async fn reading_a_valid_token_takes_no_memory() {
    let manager = Fetcher::new(Duration::ZERO).manager(&Arc::new(ManualClock::at(NOON)));
    manager.current().await.unwrap();
    let read = || assert!(futures_util::FutureExt::now_or_never(manager.current()).unwrap().is_ok());
    // A thread's first read allocates its slot among the readers.
    read();
    assert_eq!(allocation_counter::measure(|| (0..100).for_each(|_| read())).count_total, 0);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_never_ends_is_given_up() {
    let fetcher = Fetcher::new(Duration::from_secs(86_400));
    let manager = fetcher.manager(&Arc::new(ManualClock::at(NOON)));
    assert_eq!(manager.current().await.unwrap_err().kind(), ErrorKind::NoReply);
}

#[tokio::test]
async fn a_runtime_that_ends_in_mid_fetch_leaves_nothing_stuck() {
    let fetcher = Fetcher::new(Duration::from_millis(50));
    let policy = TokenPolicy { lease: Duration::from_secs(5), ..TokenPolicy::default() };
    let clock = Arc::new(ManualClock::at(NOON));
    let manager = fetcher.manager_with(&clock, |builder| builder.policy(policy)).unwrap();
    let first = manager.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let late = runtime.block_on(async { tokio::time::timeout(Duration::from_millis(5), first.current()).await });
        assert!(late.is_err());
    })
    .join()
    .unwrap();
    clock.advance(Duration::from_secs(6));
    assert_eq!(manager.current().await.unwrap().value().as_str(), "token-2");
}

#[tokio::test]
async fn a_fetcher_that_panics_fails_the_call_and_leaves_nothing_stuck() {
    #[derive(Debug)]
    struct Panicking;

    #[async_trait]
    impl TokenFetcher for Panicking {
        async fn fetch(&self) -> Result<AccessToken, CallError> {
            panic!("a fault of the fetcher");
        }
    }

    let clock = Arc::new(ManualClock::at(NOON));
    let client = builder(&answering("")).clock(clock.clone()).token_fetcher(Arc::new(Panicking)).build().unwrap();
    for _ in 0..2 {
        assert_eq!(client.access_token().await.unwrap_err().kind(), ErrorKind::NoReply);
        assert_eq!(client.tokens().stored().await.unwrap().taken_until, None, "the right to fetch was given back");
        clock.advance(Duration::from_secs(2));
    }
}

#[tokio::test]
async fn a_refresh_fetches_though_the_token_is_valid_and_a_failed_one_leaves_it() {
    let fetcher = Fetcher::new(Duration::ZERO);
    let manager = fetcher.manager(&Arc::new(ManualClock::at(NOON)));
    manager.current().await.unwrap();
    assert_eq!(manager.refresh().await.unwrap().value().as_str(), "token-2");
    let error = manager.refresh().await.unwrap_err();
    assert!(matches!(error.failure(), Failure::Withheld(Withheld::Brake { .. })), "{error}");
    assert_eq!(error.kind(), ErrorKind::NotDelivered);
    assert_eq!(manager.current().await.unwrap().value().as_str(), "token-2");
}

#[tokio::test]
async fn the_days_limit_ends_with_the_day() {
    let (fetcher, clock) = (Fetcher::new(Duration::ZERO), Arc::new(ManualClock::at(NOON)));
    let policy = TokenPolicy { daily_limit: 2, ..TokenPolicy::default() };
    let manager = fetcher.manager_with(&clock, |builder| builder.policy(policy)).unwrap();
    for _ in 0..2 {
        manager.current().await.unwrap();
        clock.advance(Duration::from_secs(7200));
    }
    let error = manager.current().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotDelivered);
    let words = error.to_string();
    assert!(
        words.contains("the daily limit of 2 is used up; the next day begins at 2019-05-08T00:00:00+08:00"),
        "{words}"
    );
    assert!(error.hint().unwrap().contains("daily_limit"));
    clock.advance(Duration::from_secs(8 * 3600));
    assert_eq!(manager.current().await.unwrap().value().as_str(), "token-3");
}

#[tokio::test]
async fn another_refusal_fetches_no_token() {
    let transport = answering(r#"{"status": 40005, "errMsg": "code 已过期"}"#);
    let error = client(&transport).openid_by_code(&OpenidByCodeRequest::new("c".parse().unwrap())).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().kind(), RefusalKind::CodeExpired);
    assert_eq!(transport.requests().len(), 2);
}

#[tokio::test]
async fn a_refused_token_is_the_callers_error() {
    let transport = Arc::new(Canned::body(r#"{"status": 40001, "errMsg": "appid或secret错误"}"#));
    let error = client(&transport).authorize_url(&request()).await.unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!((refusal.kind(), refusal.code()), (RefusalKind::TokenNotIssued, 40001));
    assert_eq!(error.operation().name, "access_token");
}

#[tokio::test]
async fn a_refresh_that_fails_brings_no_renewal_forward() {
    let (fetcher, clock) = (Fetcher::new(Duration::ZERO), Arc::new(ManualClock::at(NOON)));
    let manager = fetcher.manager(&clock);
    manager.current().await.unwrap();
    manager.refresh().await.unwrap();
    manager.refresh().await.unwrap_err();
    for _ in 0..10 {
        clock.advance(Duration::from_secs(60));
        assert_eq!(manager.current().await.unwrap().value().as_str(), "token-2");
        manager.settle().await.unwrap();
    }
    assert_eq!(fetcher.fetches(), 2, "nobody asked for another while the token has time");
}

#[tokio::test]
async fn a_look_from_outside_the_runtime_keeps_no_renewal_back() {
    let (fetcher, clock) = (Fetcher::new(Duration::ZERO), Arc::new(ManualClock::at(NOON)));
    let manager = fetcher.manager(&clock);
    manager.current().await.unwrap();
    clock.advance(Duration::from_secs(6900));
    let outside = manager.clone();
    std::thread::spawn(move || assert!(outside.cached().is_some())).join().unwrap();
    manager.current().await.unwrap();
    manager.settle().await.unwrap();
    assert_eq!(manager.cached().unwrap().value().as_str(), "token-2");
}

#[tokio::test]
async fn figures_beyond_all_reason_are_refused() {
    let sane = TokenPolicy::default();
    for (policy, field) in [
        (TokenPolicy { life: Duration::MAX, ..sane }, "token_life"),
        (TokenPolicy { lease: Duration::MAX, ..sane }, "token_lease"),
        (TokenPolicy { lease: Duration::ZERO, ..sane }, "token_lease"),
        (TokenPolicy { refresh_before: sane.life, ..sane }, "refresh_before"),
    ] {
        let refused = Fetcher::new(Duration::ZERO)
            .manager_with(&Arc::new(ManualClock::at(NOON)), |builder| builder.policy(policy));
        let words = refused.unwrap_err().to_string();
        assert!(words.contains(field), "{words}");
    }
}
