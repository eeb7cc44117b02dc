//! Stopping, pausing, and going on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use weifen_inbox::{DispatchPolicy, Dispatcher, HandlerError, Status};

use super::{quick, start};
use crate::scripted::Scripted;
use crate::support::{Folder, counted, fences, only_event, paying, paying_inbox, push, receive, until, until_all_are};

/// Stops it, with more time to drain than any test takes: who needs all of it has not noticed the end.
async fn stop(dispatcher: Dispatcher) {
    let drain = Duration::from_secs(3600);
    tokio::time::timeout(Duration::from_secs(60), dispatcher.stop(drain)).await.unwrap();
}

#[tokio::test]
async fn a_stop_waits_for_what_is_under_way() {
    let (_folder, inbox) = paying_inbox().await;
    let gate = Arc::new(Notify::new());
    let opened = gate.clone();
    let handler = Scripted::new(move |_| {
        let opened = opened.clone();
        async move {
            opened.notified().await;
            Ok(())
        }
    });
    let dispatcher = start(&inbox, &handler, quick());
    receive(&inbox, &push("u")).await;
    until("it is handed out", async || !handler.handed().is_empty()).await;
    let stopped = tokio::spawn(stop(dispatcher));
    gate.notify_one();
    stopped.await.unwrap();
    assert_eq!(only_event(&inbox).await.status, Status::Delivered);
}

#[tokio::test]
async fn a_stop_gives_back_what_does_not_end_and_does_not_count_it() {
    let (_folder, inbox) = paying_inbox().await;
    let hanging = Scripted::hanging();
    let dispatcher = start(&inbox, &hanging, quick());
    receive(&inbox, &push("u")).await;
    until("it is handed out", async || !hanging.handed().is_empty()).await;
    dispatcher.stop(Duration::ZERO).await;
    let event = only_event(&inbox).await;
    assert_eq!((event.status, event.attempts), (Status::Pending, 0));

    let handler = Scripted::taking_all();
    // Its lease is an hour: only what was given back comes before.
    let _dispatcher = start(&inbox, &handler, quick());
    until_all_are(&inbox, Status::Delivered).await;
    assert_eq!(handler.attempts(), [("u".to_owned(), 1)]);
}

#[tokio::test]
async fn after_a_stop_nothing_is_handed_out() {
    let (_folder, inbox) = paying_inbox().await;
    let handler = Scripted::taking_all();
    let dispatcher = start(&inbox, &handler, quick());
    stop(dispatcher).await;
    receive(&inbox, &push("u")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(handler.handed().is_empty());
}

#[tokio::test]
async fn a_pause_keeps_all_events_uncounted_until_the_program_starts_anew() {
    let (folder, inbox) = paying_inbox().await;
    for user in 0..10 {
        receive(&inbox, &push(&format!("u{user}"))).await;
    }
    let handler = Scripted::new(async |_| Err(HandlerError::pause("the shop moves")));
    let dispatcher = start(&inbox, &handler, DispatchPolicy { workers: 2, ..quick() });
    assert!(!dispatcher.is_paused());
    until("it is paused", async || dispatcher.is_paused()).await;
    assert_eq!(counted(&inbox, "deliveries_paused").await, "1");
    receive(&inbox, &push("later")).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop(dispatcher).await;
    assert!(handler.handed().len() <= 2, "{:?}", handler.attempts());
    let claimed = fences(&folder).await.into_iter().filter(|fence| *fence > 0).count();
    assert!(claimed <= 2, "claimed while paused: {claimed}");
    let events = inbox.events(None, 0).await.unwrap();
    assert!(events.iter().all(|event| event.status == Status::Pending && event.attempts == 0), "{events:?}");
    assert!(events.iter().any(|event| event.last_failure.as_deref() == Some("the shop moves")));

    let handler = Scripted::taking_all();
    let _dispatcher = start(&inbox, &handler, quick());
    until_all_are(&inbox, Status::Delivered).await;
    assert_eq!(handler.handed().len(), 11);
    assert_eq!(counted(&inbox, "deliveries_paused").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_holds_at_every_server_until_somebody_resumes() {
    let folder = Folder::new();
    let (one, two) = (folder.inbox_with(paying()).await, folder.inbox_with(paying()).await);
    let is_gone = Arc::new(AtomicBool::new(true));
    let gone = is_gone.clone();
    let handler = Scripted::new(move |_| {
        let is_gone = gone.load(Ordering::SeqCst);
        async move { if is_gone { Err(HandlerError::pause("the shop moves")) } else { Ok(()) } }
    });
    let dispatchers = [start(&one, &handler, quick()), start(&two, &handler, quick())];
    assert!(!one.resume_deliveries().await.unwrap(), "nothing is paused");
    receive(&one, &push("u")).await;
    until("both are paused", async || dispatchers.iter().all(Dispatcher::is_paused)).await;
    for inbox in [&one, &two] {
        until("the metric says so", async || counted(inbox, "deliveries_paused").await == "1").await;
        assert!(inbox.stats().await.unwrap().deliveries_paused);
    }
    is_gone.store(false, Ordering::SeqCst);
    let handed = handler.handed().len();
    receive(&two, &push("later")).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(handler.handed().len(), handed);

    let operator = folder.inbox().await;
    assert!(operator.resume_deliveries().await.unwrap());
    assert!(!operator.resume_deliveries().await.unwrap());
    until_all_are(&one, Status::Delivered).await;
    until("neither is paused", async || !dispatchers.iter().any(Dispatcher::is_paused)).await;
    assert!(!one.stats().await.unwrap().deliveries_paused);
}
