//! Retried calls, each with the token that is then current.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use weifen_transport::mock::{Canned, ManualClock};
use weifen_transport::{ErrorKind, RepeatPolicy, TransportError, http};
use weifen_weiting::{AuthorizeUrlRequest, Weiting};

use crate::canned::{REJECTED, builder, is_token, reply, token, token_fetches};

const REDIRECT: &str = r#"{"status": 200, "redirect": "https://open.weixin.qq.com/x#wechat_redirect"}"#;

#[tokio::test(start_paused = true)]
async fn a_repetition_carries_the_token_of_its_moment() {
    let clock = Arc::new(ManualClock::at(1_557_200_022));
    let (vendors, calls, fetches) = (clock.clone(), AtomicUsize::new(0), AtomicUsize::new(0));
    let transport = Arc::new(Canned::by(move |request| {
        if is_token(request) {
            return Ok(token(&format!("token-{}", fetches.fetch_add(1, Ordering::SeqCst))));
        }
        if calls.fetch_add(1, Ordering::SeqCst) == 0 {
            // The reply is lost only after the token's whole life.
            vendors.advance(Duration::from_secs(7200));
            return Err(TransportError::no_reply(io::Error::other("lost")));
        }
        Ok(reply(REDIRECT))
    }));
    let client = builder(&transport).clock(clock).repeats(RepeatPolicy::default()).build().unwrap();
    client.authorize_url(&AuthorizeUrlRequest::new("https://shop.example/").unwrap()).await.unwrap();
    let requests = transport.requests();
    let queries: Vec<_> = requests.iter().filter(|request| !is_token(request)).map(query).collect();
    assert!(queries[0].contains("access_token=token-0") && queries[1].contains("access_token=token-1"), "{queries:?}");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_could_not_be_asked_for_is_asked_for_again() {
    let refused = || Err(TransportError::not_sent(io::Error::other("refused")));
    let transport = Arc::new(Canned::in_turn([refused(), refused(), Ok(token("token"))]));
    let client = builder(&transport).repeats(RepeatPolicy::default()).build().unwrap();
    client.access_token().await.unwrap();
    assert_eq!(token_fetches(&transport), 3);
}

fn query<B>(request: &http::Request<B>) -> String {
    request.uri().query().unwrap_or_default().to_owned()
}

/// The vendor is slow at every step, each within its transport's timeout.
#[tokio::test(start_paused = true)]
async fn a_call_with_its_token_its_rejection_and_its_repetitions_ends_in_time() {
    let fetches = AtomicUsize::new(0);
    let slow = Canned::by(move |request| {
        let fetch = fetches.fetch_add(1, Ordering::SeqCst);
        Ok(if is_token(request) { token(&format!("token-{fetch}")) } else { reply(REJECTED) })
    });
    let slow = Arc::new(slow.delay(Duration::from_secs(4)));
    let client = Weiting::builder("appid", "secret").transport(slow).build().unwrap();
    let begun = tokio::time::Instant::now();
    let error = client.authorize_url(&AuthorizeUrlRequest::new("https://shop.example/").unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoReply);
    assert!(begun.elapsed() <= Duration::from_millis(10_510), "{:?}", begun.elapsed());
    assert_eq!(error.operation().name, "access_token");
    // The fetch that was too late for this call serves the next.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(client.tokens().cached().is_some());
}
