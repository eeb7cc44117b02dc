//! The rows that a purge erases, and those that it keeps.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::{AnyConnection, Executor};
use weifen_inbox::{Booking, Bookings, HoldReason, Receipt, Status, Unsolicited};

use crate::support::{
    Folder, Receiving, TestDatabase, behaviours, booking, paying, paying_inbox, push, receive, rules, words,
};

behaviours![
    what_was_pushed_goes_and_what_it_was_about_stays_known,
    what_is_to_be_delivered_keeps_its_push,
    bookings_go_when_they_have_ended,
    only_what_is_older_goes,
    more_than_fits_into_one_transaction_goes,
    pushes_are_taken_in_meanwhile,
];

/// A booking that has ended already.
fn over(user: &str) -> Booking {
    let mut over = booking(user);
    over.lasts = Duration::ZERO;
    over
}

async fn what_was_pushed_goes_and_what_it_was_about_stays_known(database: TestDatabase) {
    let inbox = database.inbox().await;
    for user in ["a", "b", "c"] {
        assert_eq!(receive(&inbox, &push(user)).await, Receipt::Held(HoldReason::NotBooked));
    }
    receive(&inbox, "<html>").await;
    let before = inbox.events(None, 0).await.unwrap();
    let purged = inbox.purge(Duration::ZERO).await.unwrap();
    assert_eq!((purged.events, purged.quarantined, purged.bookings), (3, 1, 0));
    let after = inbox.events(None, 0).await.unwrap();
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((&after.key, after.status, after.received_at), (&before.key, Status::Held, before.received_at));
        assert!(before.push.is_some() && after.push.is_none());
    }
    assert!(inbox.quarantined(0).await.unwrap().is_empty());
    assert!(!inbox.release(after[0].id).await.unwrap(), "its data is erased");
    assert_eq!(receive(&inbox, &push("a")).await, Receipt::Duplicate);
    assert_eq!(receive(&database.inbox_with(paying()).await, &push("b")).await, Receipt::Duplicate);
    inbox.book(&booking("c")).await.unwrap();
    assert_eq!(receive(&inbox, &push("c")).await, Receipt::Stored, "it was a forger's, and this one is true");
    assert_eq!(inbox.event(after[2].id).await.unwrap().unwrap().push.unwrap().auth_open_id.as_str(), "c");
    let purged = inbox.purge(Duration::ZERO).await.unwrap();
    assert_eq!((purged.events, purged.quarantined, purged.bookings), (0, 0, 0));
}

async fn what_is_to_be_delivered_keeps_its_push(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    receive(&inbox, &push("u")).await;
    assert_eq!(inbox.purge(Duration::ZERO).await.unwrap().events, 0);
    let event = inbox.events(Some(Status::Pending), 0).await.unwrap().remove(0);
    assert_eq!(event.push.unwrap().auth_open_id.as_str(), "u");
}

async fn bookings_go_when_they_have_ended(database: TestDatabase) {
    let inbox = database.inbox().await;
    for user in ["lost", "came"] {
        inbox.book(&over(user)).await.unwrap();
    }
    inbox.book(&booking("open")).await.unwrap();
    receive(&inbox, &push("came")).await;
    assert_eq!(inbox.missing(Duration::ZERO).await.unwrap().len(), 1);
    assert_eq!(inbox.purge(Duration::ZERO).await.unwrap().bookings, 2);
    assert!(inbox.missing(Duration::ZERO).await.unwrap().is_empty());
    assert!(inbox.has_bookings().await.unwrap());
    assert_eq!(receive(&inbox, &push("open")).await, Receipt::Stored);
    assert_eq!(receive(&inbox, &push("lost")).await, Receipt::Held(HoldReason::NotBooked));
}

async fn only_what_is_older_goes(database: TestDatabase) {
    let inbox = database.inbox_with(rules().unsolicited(Unsolicited::Hold)).await;
    receive(&inbox, &push("u")).await;
    receive(&inbox, "<html>").await;
    inbox.book(&over("u")).await.unwrap();
    let purged = inbox.purge(Duration::from_secs(3600)).await.unwrap();
    assert_eq!((purged.events, purged.quarantined, purged.bookings), (0, 0, 0));
}

async fn more_than_fits_into_one_transaction_goes(database: TestDatabase) {
    const MANY: u64 = 2500;
    let inbox = database.inbox().await;
    let mut pushes = tokio::task::JoinSet::new();
    for user in 0..MANY {
        let inbox = inbox.clone();
        pushes.spawn(async move {
            inbox.book(&over(&format!("u{user}"))).await.unwrap();
            inbox.receive(push(&format!("u{user}"))).await.unwrap();
            inbox.receive(format!("<html>{user}")).await.unwrap();
        });
    }
    pushes.join_all().await;
    let purged = inbox.purge(Duration::ZERO).await.unwrap();
    assert_eq!((purged.events, purged.quarantined, purged.bookings), (MANY, MANY, MANY));
}

async fn pushes_are_taken_in_meanwhile(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let (inbox, is_over) = (inbox.clone(), is_over.clone());
            tokio::spawn(async move {
                for number in 1.. {
                    inbox.receive(push(&format!("u{sender}-{number}"))).await.unwrap();
                    inbox.receive("<html>").await.unwrap();
                    if is_over.load(Ordering::Relaxed) {
                        return number;
                    }
                }
                unreachable!("it has no end")
            })
        })
        .collect();
    // As a command beside a running server does it.
    let beside = database.inbox_with(paying()).await;
    let mut quarantined = 0;
    for _ in 0..20 {
        quarantined += beside.purge(Duration::ZERO).await.unwrap().quarantined;
    }
    is_over.store(true, Ordering::Relaxed);
    let mut sent = 0;
    for sender in senders {
        sent += sender.await.unwrap();
    }
    quarantined += beside.purge(Duration::ZERO).await.unwrap().quarantined;
    assert_eq!(quarantined, sent);
    assert_eq!(beside.stats().await.unwrap().events["pending"], sent);
}

/// The bytes of all files of an inbox.
fn bytes(folder: &Folder) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(folder.path().parent().unwrap()).unwrap() {
        bytes.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    bytes
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_it_is_left_in_any_file() {
    const CANARY: &str = "canary-of-a-person";
    let folder = Folder::new();
    let inbox = folder.inbox().await;
    // Pages are filled, split, merged and emptied, by rows of all sizes.
    for round in 0..5 {
        let mut work = tokio::task::JoinSet::new();
        for number in 0..400 {
            let (inbox, user) = (inbox.clone(), format!("{CANARY}-{round}-{number}"));
            work.spawn(async move {
                inbox.book(&over(&user)).await.unwrap();
                let long = "x".repeat(number * number % 9000);
                inbox.receive(push(&user).replace("an account", &format!("{long}{CANARY}"))).await.unwrap();
                inbox.receive(format!("<{long}{CANARY}>")).await.unwrap();
            });
        }
        work.join_all().await;
        assert!(holds(&bytes(&folder), CANARY));
        // A part at first, so that what is left has to move.
        inbox.purge(Duration::from_millis(20)).await.unwrap();
    }
    inbox.purge(Duration::ZERO).await.unwrap();
    assert!(!holds(&bytes(&folder), CANARY));
}

/// An inbox whose newest event another program's reading does not see yet.
async fn with_reader_in_the_log() -> (Folder, Receiving, AnyConnection) {
    let folder = Folder::new();
    let inbox = folder.inbox().await;
    receive(&inbox, &push("canary")).await;
    let mut reader = folder.stranger().await;
    reader.execute("BEGIN; SELECT count(*) FROM events").await.unwrap();
    receive(&inbox, &push("canary-2")).await;
    (folder, inbox, reader)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_is_taken_for_longer_than_anybody_waits_is_asked_for_again() {
    let (folder, inbox) = paying_inbox().await;
    receive(&inbox, "<html>").await;
    let mut writer = folder.stranger().await;
    writer.execute("BEGIN IMMEDIATE").await.unwrap();
    let purging = tokio::spawn(async move { inbox.purge(Duration::ZERO).await });
    // SQLite waits for two.
    tokio::time::sleep(Duration::from_millis(3500)).await;
    writer.execute("COMMIT").await.unwrap();
    assert_eq!(purging.await.unwrap().unwrap().quarantined, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_someone_reads_in_is_waited_for() {
    let (folder, inbox, mut reader) = with_reader_in_the_log().await;
    let purging = tokio::spawn({
        let inbox = inbox.clone();
        async move { inbox.purge(Duration::ZERO).await }
    });
    // Others go on as they do.
    for number in 0..3 {
        receive(&inbox, &format!("<html>{number}")).await;
    }
    reader.execute("COMMIT").await.unwrap();
    purging.await.unwrap().unwrap();
    assert!(!holds(&bytes(&folder), "canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_someone_never_stops_to_read_in_is_no_success() {
    let (folder, inbox, mut reader) = with_reader_in_the_log().await;
    let error = words(&inbox.purge(Duration::ZERO).await.unwrap_err());
    assert!(error.contains("another program kept reading"), "{error}");
    reader.execute("COMMIT").await.unwrap();
    assert_eq!(inbox.purge(Duration::ZERO).await.unwrap().events, 0, "it was all erased before");
    assert!(!holds(&bytes(&folder), "canary"));
}
