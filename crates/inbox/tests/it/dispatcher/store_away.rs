//! A store that goes away and comes back.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use weifen_inbox::{Database, DispatchPolicy, HandlerError, Status};

use super::{quick, start};
use crate::scripted::Scripted;
use crate::support::{Receiving, counted, only_event, paying, push, receive, until, until_all_are};

/// An inbox whose folder can be taken away.
struct Removable {
    folder: tempfile::TempDir,
}

impl Removable {
    fn new() -> Self {
        let removable = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(removable.here()).unwrap();
        removable
    }

    fn here(&self) -> PathBuf {
        self.folder.path().join("here")
    }

    async fn inbox(&self) -> Receiving {
        Receiving::open(&Database::sqlite(self.here().join("inbox.db")), paying()).await
    }
}

fn take_away(here: &Path) {
    fs::rename(here, here.with_file_name("away")).unwrap();
}

fn put_back(here: &Path) {
    fs::rename(here.with_file_name("away"), here).unwrap();
}

/// A handler that takes the store away, and answers so.
fn taking_away(here: &Path, answer: fn() -> Result<(), HandlerError>) -> Arc<Scripted> {
    let here = here.to_owned();
    Scripted::new(move |_| {
        take_away(&here);
        async move { answer() }
    })
}

#[tokio::test]
async fn an_outcome_is_written_down_when_the_store_is_back() {
    let removable = Removable::new();
    let inbox = removable.inbox().await;
    let here = removable.here();
    let handler = taking_away(&here, || Ok(()));
    let _dispatcher = start(&inbox, &handler, quick());
    receive(&inbox, &push("u")).await;
    until("the store is away", async || !here.exists()).await;
    assert!(inbox.probe().await.is_err());
    put_back(&here);
    until("it is counted", async || counted(&inbox, "delivered_total").await == "1").await;
    assert_eq!(only_event(&inbox).await.status, Status::Delivered);
    assert_eq!(handler.handed().len(), 1);
    assert_eq!(counted(&inbox, "overtaken_total").await, "0");
}

#[tokio::test]
async fn what_is_given_back_twice_as_the_store_went_away_counts_once() {
    let removable = Removable::new();
    let inbox = removable.inbox().await;
    let here = removable.here();
    let handler = taking_away(&here, || Err(HandlerError::pause("the shop moves")));
    let dispatcher = start(&inbox, &handler, quick());
    receive(&inbox, &push("u")).await;
    until("the store is away", async || !here.exists()).await;
    assert!(inbox.probe().await.is_err());
    put_back(&here);
    dispatcher.stop(Duration::from_secs(60)).await;
    let event = only_event(&inbox).await;
    assert_eq!((event.status, event.attempts), (Status::Pending, 0));
}

#[tokio::test]
async fn events_are_handed_out_again_when_the_store_is_back() {
    let removable = Removable::new();
    let inbox = removable.inbox().await;
    let here = removable.here();
    receive(&inbox, &push("before")).await;
    take_away(&here);
    let handler = Scripted::taking_all();
    let policy =
        DispatchPolicy { lease: Duration::from_millis(500), attempt_timeout: Duration::from_millis(400), ..quick() };
    let _dispatcher = start(&inbox, &handler, policy);
    // Long enough for several tries, none of which can succeed.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(handler.handed().is_empty());
    put_back(&here);
    until_all_are(&inbox, Status::Delivered).await;
    receive(&inbox, &push("after")).await;
    until_all_are(&inbox, Status::Delivered).await;
    assert_eq!(handler.handed().len(), 2);
}
