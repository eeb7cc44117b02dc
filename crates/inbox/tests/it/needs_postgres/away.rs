//! A server that is away for a while, or stands still.

use std::time::Duration;

use sqlx::Executor;
use tokio::time::timeout;
use weifen_inbox::{Bookings, Receipt, Status};

use super::Server;
use super::link::Link;
use crate::support::{Receiving, TestDatabase, booking, eventually, paying, push, receive, words};

/// A time limit that only a hang exceeds.
const FOREVER: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_is_an_error_while_it_is_away_and_loses_nothing() {
    let mut server = Server::start();
    let inbox = server.test_database().await.inbox_with(paying()).await;
    let mut acknowledged = 0;
    for round in 0..2 {
        for user in 0..20 {
            receive(&inbox, &push(&format!("u{round}-{user}"))).await;
            acknowledged += 1;
        }
        server.postgres.stop();
        // The first meets a connection that is dead, the others find none.
        let first = timeout(FOREVER, inbox.receive(push("away"))).await.expect("it hangs");
        let (again, booked) = all_at_once(&inbox, inbox.book(&booking("u"))).await;
        for error in [words(&first.unwrap_err()), again] {
            assert!(error.contains("refused"), "{error}");
        }
        booked.unwrap_err();
        server.postgres.restart();
        // The first that comes afterwards meets connections that are dead.
        receive(&inbox, &push(&format!("first-{round}"))).await;
        acknowledged += 1;
        assert_eq!(inbox.events(None, 0).await.unwrap().len(), acknowledged);
    }
}

/// Receives a push, lists events and runs `other`, all at once. The first two must fail; returns the first's error.
async fn all_at_once<T>(inbox: &Receiving, other: impl Future<Output = T>) -> (String, T) {
    let all = async { tokio::join!(inbox.receive(push("u")), inbox.events(None, 0), other) };
    let (received, read, done) = timeout(FOREVER, all).await.expect("it hangs");
    read.unwrap_err();
    (words(&received.unwrap_err()), done)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_crash_under_load_is_there_after_it() {
    let mut server = Server::start();
    let inbox = server.test_database().await.inbox_with(paying()).await;
    let senders: Vec<_> = (0..8).map(|sender| tokio::spawn(send_until_it_fails(inbox.clone(), sender))).collect();
    while inbox.events(None, 0).await.unwrap().len() < 200 {
        tokio::task::yield_now().await;
    }
    server.postgres.stop();
    let mut acknowledged = Vec::new();
    for sender in senders {
        acknowledged.extend(timeout(FOREVER, sender).await.expect("it hangs").unwrap());
    }
    server.postgres.restart();
    for user in acknowledged {
        assert_eq!(eventually(async || inbox.receive(push(&user)).await).await, Receipt::Duplicate, "{user}");
    }
}

async fn send_until_it_fails(inbox: Receiving, sender: u32) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let user = format!("u{sender}-{number}");
        if inbox.receive(push(&user)).await.is_err() {
            break;
        }
        acknowledged.push(user);
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_hangs_is_an_error_and_later_ones_work() {
    let server = Server::start();
    let database = server.test_database().await;
    let inbox = database.inbox_with(paying()).await;
    receive(&inbox, &push("before")).await;
    let mut other = database.stranger().await;
    other.execute("BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE").await.unwrap();
    all_at_once(&inbox, async {}).await;
    other.execute("COMMIT").await.unwrap();
    receive(&inbox, &push("after")).await;
    assert_eq!(inbox.events(Some(Status::Pending), 0).await.unwrap().len(), 2);
}

/// An inbox on the server that is reached through a link.
async fn through_a_link(server: &Server) -> (Link, Receiving) {
    let url = server.new_url().await;
    let link = Link::to(server.postgres.port()).await;
    let through = url.replace(&format!(":{}", server.postgres.port()), &format!(":{}", link.port()));
    let inbox = TestDatabase::postgres(through).inbox_with(paying()).await;
    (link, inbox)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_whose_commit_got_no_answer_is_stored_and_counted_once() {
    let server = Server::start();
    let (link, inbox) = through_a_link(&server).await;
    let duplicates = async || inbox.events(None, 0).await.unwrap().iter().map(|event| event.duplicates).sum::<u64>();

    // Again with a connection that knows the statement.
    for (stored, user) in [(1, "new-follow"), (2, "new-follow-2")] {
        link.cut_before_the_answer_to(user);
        assert_eq!(receive(&inbox, &push(user)).await, Receipt::Stored);
        assert!(link.has_cut());
        assert_eq!((inbox.events(None, 0).await.unwrap().len(), duplicates().await), (stored, 0));
    }

    for counted in 1..3 {
        link.cut_before_the_answer_to("COMMIT");
        assert_eq!(receive(&inbox, &push("new-follow")).await, Receipt::Duplicate);
        assert!(link.has_cut());
        assert_eq!(duplicates().await, counted);
    }

    for kept in 1..3 {
        link.cut_before_the_answer_to("COMMIT");
        assert_eq!(receive(&inbox, "no push at all").await, Receipt::Quarantined);
        assert!(link.has_cut());
        assert_eq!(inbox.quarantined(0).await.unwrap().len(), kept);
    }
    let metrics = inbox.metrics().await.unwrap();
    for counted in ["stored_total 2", "duplicate_total 2", "quarantined_total 2", "not_stored_total 0"] {
        assert!(metrics.contains(&format!("\nweifen_inbox_{counted}\n")), "{counted}: {metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_swallows_everything_is_an_error_and_later_pushes_work() {
    let server = Server::start();
    let (link, inbox) = through_a_link(&server).await;
    receive(&inbox, &push("before")).await;
    link.hold();
    Box::pin(all_at_once(&inbox, inbox.probe())).await.1.unwrap_err();
    link.go_on();
    eventually(async || inbox.receive(push("after")).await).await;
    assert_eq!(inbox.receive(push("before")).await.unwrap(), Receipt::Duplicate);
}
