//! What the configuration says holds for a program in Rust, too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::timeout;
use weifen_server::Server;
use weifen_server::weifen::inbox::{Booking, Bookings, FollowEvent, Handler, HandlerError, IdempotencyKey, Status};
use weifen_server::weifen::transport::async_trait;

use crate::setup::{HANGS, Setup, answer, page, push, pushed, until};

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
    let setup = Setup::new();
    let handler = Arc::new(Fails::default());
    let config = setup.config("unsolicited = 'pay'\nmax_attempts = 2\nbackoff_base_ms = 1");
    let running = Server::builder(config).handler(handler.clone()).start().await.unwrap();
    assert_eq!(pushed(&running, &push("u")).await, 200);
    until(&running, Status::Dead).await;
    assert_eq!(handler.0.load(Ordering::Relaxed), 2);
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_ends_an_attempt_that_hangs() {
    let setup = Setup::new();
    let config = setup.config("unsolicited = 'pay'\nlease_s = 1\ndrain_s = 0");
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
    let setup = Setup::new();
    let running = Server::builder(setup.config("allow_ips = ['192.0.2.1']")).start().await.unwrap();
    assert_eq!(answer(&running, &push("u")).await, "", "the connection is closed");
    let closed = "weifen_http_connections_closed_total{reason=\"not_allowed\"} 1\n";
    let metrics = page(&running, "/metrics").await;
    assert!(metrics.contains(closed), "{metrics}");
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_push_is_answered_as_configured() {
    let setup = Setup::new();
    let running = Server::builder(setup.config("undecodable_status = 400")).start().await.unwrap();
    assert_eq!(pushed(&running, "<html>").await, 400);
    assert_eq!(running.inbox().stats().await.unwrap().quarantined, 1);
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_nobody_asked_for_is_held_unless_configured_otherwise() {
    for (serve, status) in [("", Status::Held), ("unsolicited = 'pay'", Status::Pending)] {
        let setup = Setup::new();
        let running = Server::builder(setup.config(serve)).start().await.unwrap();
        assert_eq!(pushed(&running, &push("u")).await, 200);
        until(&running, status).await;
        running.drain().await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_no_memory_behind() {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    let setup = Setup::new();
    let running = Server::builder(setup.config("")).start().await.unwrap();
    assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    assert_eq!(getrlimit(Resource::Core).current, Some(0));
    running.drain().await;
}

/// 100 MB and more, as a holder of the secret may send it.
#[tokio::test(flavor = "multi_thread")]
async fn junk_by_the_right_secret_fills_no_disk_and_keeps_no_push_out() {
    let setup = Setup::new();
    let config = setup.config("quarantine_mib = 4\nquarantine_rate = 1000000");
    let running = Server::builder(config).start().await.unwrap();
    let junk = "x".repeat(64 * 1024);
    let mut answers = std::collections::BTreeMap::new();
    for _ in 0..1600 {
        *answers.entry(pushed(&running, &junk).await).or_insert(0) += 1;
    }
    assert_eq!(answers.keys().copied().collect::<Vec<_>>(), [200, 503], "{answers:?}");
    // What comes in while what was there before is counted may count twice.
    assert!((60..=64).contains(&answers[&200]), "4 MiB: {answers:?}");
    let size = |name: &str| std::fs::metadata(setup.path(name)).map_or(0, |file| file.len());
    let disk = size("inbox.db") + size("inbox.db-wal");
    assert!(disk < 32 << 20, "{disk} bytes");
    let metrics = page(&running, "/metrics").await;
    for line in [
        &format!("weifen_inbox_quarantine_refused_total{{reason=\"bytes\"}} {}\n", answers[&503]),
        "weifen_inbox_quarantine_bytes_max 4194304\n",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }

    assert_eq!(pushed(&running, &push("nobody")).await, 503, "held pushes have the same room");
    let booking = Booking::new("fs-appid", "u".parse().unwrap(), "fs-key", "wx", Duration::from_secs(600));
    running.inbox().book(&booking).await.unwrap();
    assert_eq!(pushed(&running, &push("u")).await, 200);
    assert_eq!(running.inbox().stats().await.unwrap().events["pending"], 1);
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sender_brings_only_so_many_unwanted_pushes_a_minute() {
    let setup = Setup::new();
    let running = Server::builder(setup.config("quarantine_rate = 3")).start().await.unwrap();
    for (body, status) in [
        ("junk", 200),
        (push("a").as_str(), 200),
        (push("b").as_str(), 200),
        (push("c").as_str(), 429),
        ("more junk", 429),
        (push("a").as_str(), 200),
    ] {
        assert_eq!(pushed(&running, body).await, status, "{body}");
    }
    assert!(page(&running, "/metrics").await.contains("weifen_inbox_quarantine_refused_total{reason=\"rate\"} 2\n"));
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_before_a_start_counts_and_what_was_purged_does_not() {
    let setup = Setup::new();
    let config = setup.config("quarantine_mib = 1\nquarantine_rate = 1000000");
    let junk = "x".repeat(64 * 1024);
    let running = Server::builder(config.clone()).start().await.unwrap();
    for _ in 0..14 {
        assert_eq!(pushed(&running, &junk).await, 200);
    }
    running.drain().await;

    let running = Server::builder(config).start().await.unwrap();
    let is_refused = async { while pushed(&running, &junk).await != 503 {} };
    timeout(HANGS, is_refused).await.expect("it counts what waits");
    running.inbox().purge(Duration::ZERO).await.unwrap();
    let is_taken = async {
        while pushed(&running, &junk).await != 200 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(HANGS, is_taken).await.expect("there is room again");
    running.drain().await;
}
