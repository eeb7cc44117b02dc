//! Events as they come in and are settled, seen by a program that has the database open.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use weifen_inbox::{ChangeKind, Dispatcher, HandlerError, Status, Tail};
use weifen_transport::mock::ManualClock;

use crate::scripted::Scripted;
use crate::support::{Folder, Receiving, TestDatabase, behaviours, paying, push, receive, until_all_are, words};

behaviours![
    each_change_is_told_once_whoever_makes_it,
    what_was_before_is_not_told,
    more_changes_than_are_told_at_once_are_told_one_after_the_other,
];

/// Longer than a change takes to be told.
pub(crate) const HANGS: Duration = Duration::from_secs(60);
/// Shorter than any; longer than two looks.
const QUIET: Duration = Duration::from_millis(1500);

/// The next changes, as many as there are to be.
pub(crate) async fn told(tail: &mut Tail, count: usize) -> Vec<(ChangeKind, i64)> {
    let mut told = Vec::new();
    let waited = tokio::time::timeout(HANGS, async {
        while told.len() < count {
            told.extend(tail.next().await.unwrap().into_iter().map(|change| (change.kind, change.event.id)));
        }
    });
    assert!(waited.await.is_ok(), "only {told:?}");
    told
}

async fn nothing_is_told(tail: &mut Tail) {
    let told = tokio::time::timeout(QUIET, tail.next()).await;
    assert!(told.is_err(), "{told:?}");
}

async fn each_change_is_told_once_whoever_makes_it(database: TestDatabase) {
    use ChangeKind::{Dead, Delivered, Held, Received};

    let (here, elsewhere) = (database.inbox().await, database.inbox().await);
    let mut tail = here.tail().await.unwrap();
    receive(&elsewhere, &push("u")).await;
    assert_eq!(told(&mut tail, 2).await, [(Received, 1), (Held, 1)]);
    let refusing = Scripted::new(async |_| Err(HandlerError::give_up("no such machine")));
    let dispatcher = Dispatcher::builder(&elsewhere, refusing).start().unwrap();
    assert!(here.release(1).await.unwrap());
    assert_eq!(told(&mut tail, 1).await, [(Dead, 1)]);
    dispatcher.stop(HANGS).await;
    let _dispatcher = Dispatcher::builder(&elsewhere, Scripted::taking_all()).start().unwrap();
    assert!(here.redrive(1).await.unwrap());
    assert_eq!(told(&mut tail, 1).await, [(Delivered, 1)]);
    receive(&database.inbox_with(paying()).await, &push("v")).await;
    assert_eq!(told(&mut tail, 2).await, [(Received, 2), (Delivered, 2)]);
    nothing_is_told(&mut tail).await;
}

async fn what_was_before_is_not_told(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    receive(&inbox, &push("before")).await;
    let dispatcher = Dispatcher::builder(&inbox, Scripted::taking_all()).start().unwrap();
    until_all_are(&inbox, Status::Delivered).await;
    dispatcher.stop(HANGS).await;
    let mut tail = inbox.tail().await.unwrap();
    nothing_is_told(&mut tail).await;
    receive(&inbox, &push("after")).await;
    assert_eq!(told(&mut tail, 1).await, [(ChangeKind::Received, 2)]);
}

async fn more_changes_than_are_told_at_once_are_told_one_after_the_other(database: TestDatabase) {
    const MANY: i64 = 500;

    let inbox = database.inbox_with(paying()).await;
    let mut tail = inbox.tail().await.unwrap();
    let mut pushes = tokio::task::JoinSet::new();
    for user in 0..MANY {
        let inbox = inbox.clone();
        pushes.spawn(async move { inbox.receive(push(&format!("u{user}"))).await.unwrap() });
    }
    pushes.join_all().await;
    let mut ids: Vec<_> = told(&mut tail, 500).await.into_iter().map(|(_, id)| id).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=MANY).collect::<Vec<_>>());
}

/// Times of before and after can't be told apart then.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_is_told_and_nothing_is_told_twice() {
    let folder = Folder::new();
    let start = SystemTime::now();
    let clock = Arc::new(ManualClock::new(start));
    let inbox = Receiving::by_clock(&folder.database(), paying(), clock.clone()).await;
    let mut tail = inbox.tail().await.unwrap();
    let _dispatcher = Dispatcher::builder(&inbox, Scripted::taking_all()).start().unwrap();
    receive(&inbox, &push("u")).await;
    assert_eq!(told(&mut tail, 2).await.len(), 2);
    clock.set_wall(start - Duration::from_secs(3600));
    let error = tokio::time::timeout(HANGS, tail.next()).await.unwrap().unwrap_err();
    assert!(words(&error).contains("set back"), "{error:?}");
    receive(&inbox, &push("v")).await;
    let told = told(&mut tail, 2).await;
    assert!(told.iter().all(|(_, id)| *id == 2), "{told:?}");
}
