//! More pushes than can be stored.

use sqlx::{AnyConnection, Executor};
use tokio::task::JoinSet;
use weifen_inbox::Receipt;

use crate::support::{Folder, Receiving, paying_inbox, push, receive, words};

/// An inbox that another program has locked, and pushes that wait for it.
struct Locked {
    folder: Folder,
    inbox: Receiving,
    other: AnyConnection,
    pushes: JoinSet<Result<Receipt, String>>,
}

impl Locked {
    async fn with(count: usize) -> Self {
        let (folder, inbox) = paying_inbox().await;
        let mut other = folder.stranger().await;
        other.execute("BEGIN IMMEDIATE").await.unwrap();
        let mut pushes = JoinSet::new();
        for user in 0..count {
            let inbox = inbox.clone();
            pushes.spawn(async move { inbox.receive(push(&format!("u{user}"))).await.map_err(|error| words(&error)) });
        }
        Self { folder, inbox, other, pushes }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_beyond_a_full_queue_is_refused_at_once() {
    /// Two times and a half what may wait.
    const TOO_MANY: usize = 20_000;
    let Locked { folder: _folder, inbox, mut other, mut pushes } = Locked::with(TOO_MANY).await;
    let is_refused =
        |answer: &Result<_, String>| answer.as_ref().is_err_and(|error| error.contains("too many writes are waiting"));
    let mut answers = Vec::new();
    // Nothing can be stored yet, and whoever finds no place has its answer all the same.
    while !answers.last().is_some_and(is_refused) {
        answers.push(pushes.join_next().await.unwrap().unwrap());
    }
    assert!(answers.iter().all(Result::is_err));
    other.execute("ROLLBACK").await.unwrap();
    while let Some(answer) = pushes.join_next().await {
        answers.push(answer.unwrap());
    }
    let stored = answers.iter().filter(|answer| answer.is_ok()).count();
    // On a slow machine some have waited too long by now, and are stored all the same.
    let late = answers
        .iter()
        .filter(|answer| answer.as_ref().is_err_and(|error| error.contains("may still be committed")))
        .count();
    let pending = usize::try_from(inbox.stats().await.unwrap().events["pending"]).unwrap();
    assert!(stored > 0 && (stored..=stored + late).contains(&pending), "{pending}: {stored}, {late}");
    assert_eq!(receive(&inbox, &push("after")).await, Receipt::Stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_behind_others_waits_no_longer_than_they_and_is_stored_all_the_same() {
    /// Several transactions of them, of which each waits for the lock as long as any may.
    const PUSHES: usize = 4000;
    let Locked { folder: _folder, inbox, mut other, pushes } = Locked::with(PUSHES).await;
    let errors: Vec<_> = pushes.join_all().await.into_iter().map(Result::unwrap_err).collect();
    let late = errors.iter().filter(|error| error.contains("may still be committed")).count();
    assert!(late > 0 && errors.iter().any(|error| error.contains("locked")));
    other.execute("ROLLBACK").await.unwrap();
    receive(&inbox, &push("after")).await;
    let pending = usize::try_from(inbox.stats().await.unwrap().events["pending"]).unwrap();
    assert!(pending > 1, "{pending} of {late}");
}
