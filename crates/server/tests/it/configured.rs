//! What the configuration says holds for a program in Rust, too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::timeout;
use weifen_server::Server;
use weifen_server::weifen::inbox::{FollowEvent, Handler, HandlerError, IdempotencyKey, Status};
use weifen_server::weifen::transport::async_trait;

use crate::place::{HANGS, Place, answer, page, push, pushed, until};

/// Fails, and counts how often.
#[derive(Debug, Default)]
struct Fails(AtomicU64);

#[async_trait]
impl Handler for Fails {
    async fn handle(&self, _: &FollowEvent, _: &IdempotencyKey) -> Result<(), HandlerError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Err(HandlerError::retry("switched off"))
    }
}

/// Never comes to an end.
#[derive(Debug)]
struct Hangs;

#[async_trait]
impl Handler for Hangs {
    async fn handle(&self, _: &FollowEvent, _: &IdempotencyKey) -> Result<(), HandlerError> {
        std::future::pending().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_and_their_waits_are_those_of_the_configuration() {
    let place = Place::new();
    let handler = Arc::new(Fails::default());
    let config = place.config("unsolicited = 'pay'\nmax_attempts = 2\nbackoff_base_ms = 1");
    let running = Server::builder(config).handler(handler.clone()).start().await.unwrap();
    assert_eq!(pushed(&running, &push("u")).await, 200);
    until(&running, Status::Dead).await;
    assert_eq!(handler.0.load(Ordering::Relaxed), 2);
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_ends_an_attempt_that_hangs() {
    let place = Place::new();
    let config = place.config("unsolicited = 'pay'\nlease_s = 1\ndrain_s = 0");
    let running = Server::builder(config).handler(Arc::new(Hangs)).start().await.unwrap();
    assert_eq!(pushed(&running, &push("u")).await, 200);
    let retried = async {
        while !page(&running, "/metrics").await.contains("weifen_inbox_retried_total 1\n") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(HANGS, retried).await.expect("its time is over before the lease is");
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn senders_are_those_of_the_configuration() {
    let place = Place::new();
    let running = Server::builder(place.config("allow_ips = ['192.0.2.1']")).start().await.unwrap();
    assert_eq!(answer(&running, &push("u")).await, "", "the connection is closed");
    let closed = "weifen_http_connections_closed_total{reason=\"not_allowed\"} 1\n";
    let metrics = page(&running, "/metrics").await;
    assert!(metrics.contains(closed), "{metrics}");
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_push_is_answered_as_configured() {
    let place = Place::new();
    let running = Server::builder(place.config("undecodable_status = 400")).start().await.unwrap();
    assert_eq!(pushed(&running, "<html>").await, 400);
    assert_eq!(running.inbox().stats().await.unwrap().quarantined, 1);
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_nobody_asked_for_is_held_unless_configured_otherwise() {
    for (serve, status) in [("", Status::Held), ("unsolicited = 'pay'", Status::Pending)] {
        let place = Place::new();
        let running = Server::builder(place.config(serve)).start().await.unwrap();
        assert_eq!(pushed(&running, &push("u")).await, 200);
        until(&running, status).await;
        running.drain().await;
    }
}
