//! Calls that are made again, with the token of their moment.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use weifen_transport::mock::ManualClock;
use weifen_transport::{RepeatPolicy, TransportError, http};
use weifen_weiting::AuthorizeUrl;

use crate::canned::{Canned, is_token, token};

const REDIRECT: &str = r#"{"status": 200, "redirect": "https://open.weixin.qq.com/x#wechat_redirect"}"#;

#[tokio::test(start_paused = true)]
async fn a_repetition_carries_the_token_of_its_moment() {
    let clock = Arc::new(ManualClock::at(1_557_200_022));
    let (vendors, calls, fetches) = (clock.clone(), AtomicUsize::new(0), AtomicUsize::new(0));
    let transport = Canned::new(move |request| {
        if is_token(request) {
            return Ok(token(&format!("token-{}", fetches.fetch_add(1, Ordering::SeqCst))));
        }
        if calls.fetch_add(1, Ordering::SeqCst) == 0 {
            // It takes the token's whole life to lose the reply.
            vendors.advance(Duration::from_secs(7200));
            return Err(TransportError::no_reply(io::Error::other("lost")));
        }
        Ok(REDIRECT.to_owned())
    });
    let client = transport.builder().clock(clock).repeats(RepeatPolicy::default()).build().unwrap();
    client.authorize_url(&AuthorizeUrl::new("https://shop.example/").unwrap()).await.unwrap();
    let requests = transport.requests();
    let queries: Vec<_> = requests.iter().filter(|request| !is_token(request)).map(query).collect();
    assert!(queries[0].contains("access_token=token-0") && queries[1].contains("access_token=token-1"), "{queries:?}");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_could_not_be_asked_for_is_asked_for_again() {
    let attempts = AtomicUsize::new(0);
    let transport = Canned::new(move |_| match attempts.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => Err(TransportError::not_sent(io::Error::other("refused"))),
        _ => Ok(token("token")),
    });
    let client = transport.builder().repeats(RepeatPolicy::default()).build().unwrap();
    client.access_token().await.unwrap();
    assert_eq!(transport.token_fetches(), 3);
}

fn query<B>(request: &http::Request<B>) -> String {
    request.uri().query().unwrap_or_default().to_owned()
}
