//! A dispatcher where nothing goes wrong.

use std::collections::HashSet;

use weifen_inbox::Status;

use super::{handed_out, quick, start};
use crate::scripted::Scripted;
use crate::support::{Folder, counted, only_event, paying, paying_inbox, push, receive, until_all_are};

#[tokio::test]
async fn each_event_is_handed_out_once() {
    let (_folder, inbox) = paying_inbox().await;
    let handler = Scripted::taking_all();
    for user in 0..100 {
        receive(&inbox, &push(&format!("before-{user}"))).await;
    }
    let _dispatcher = start(&inbox, &handler, quick());
    for user in 0..100 {
        receive(&inbox, &push(&format!("after-{user}"))).await;
    }
    until_all_are(&inbox, Status::Delivered).await;
    let handed = handler.handed();
    assert_eq!(handed.len(), 200);
    assert_eq!(handed.iter().map(|(_, key)| key.as_str()).collect::<HashSet<_>>().len(), 200);
    assert_eq!(counted(&inbox, "delivered_total").await, "200");
    assert_eq!(counted(&inbox, "delivery_seconds_count").await, "200");
}

#[tokio::test]
async fn a_handler_gets_what_was_pushed_under_the_events_own_key() {
    let handler = Scripted::taking_all();
    let (_folder, inbox, _dispatcher) = handed_out(&handler, quick(), Status::Delivered).await;
    let event = only_event(&inbox).await;
    let (handed, key) = handler.handed().remove(0);
    assert_eq!((Some(handed.push), handed.received_at, handed.attempt), (event.push, event.received_at, 1));
    assert_eq!(key, event.key);
    assert!(event.settled_at.is_some());
}

#[tokio::test]
async fn a_held_event_is_handed_out_when_a_person_released_it() {
    let folder = Folder::new();
    let inbox = folder.inbox().await;
    let handler = Scripted::taking_all();
    let _dispatcher = start(&inbox, &handler, quick());
    receive(&inbox, &push("stranger")).await;
    let held = only_event(&inbox).await;
    assert_eq!(held.status, Status::Held);
    assert!(handler.handed().is_empty());
    inbox.release(held.id).await.unwrap();
    until_all_are(&inbox, Status::Delivered).await;
}

#[tokio::test]
async fn what_another_process_stored_is_found() {
    let folder = Folder::new();
    let (inbox, other) = (folder.inbox_with(paying()).await, folder.inbox_with(paying()).await);
    let handler = Scripted::taking_all();
    let _dispatcher = start(&inbox, &handler, quick());
    receive(&other, &push("u")).await;
    until_all_are(&inbox, Status::Delivered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_dispatchers_share_the_events_and_hand_out_each_once() {
    let folder = Folder::new();
    let (one, two) = (folder.inbox_with(paying()).await, folder.inbox_with(paying()).await);
    let (first, second) = (Scripted::taking_all(), Scripted::taking_all());
    let _dispatchers = (start(&one, &first, quick()), start(&two, &second, quick()));
    for user in 0..300 {
        receive(&one, &push(&format!("u{user}"))).await;
    }
    until_all_are(&one, Status::Delivered).await;
    let keys: Vec<_> = [first.handed(), second.handed()].concat().into_iter().map(|(_, key)| key).collect();
    assert_eq!(keys.len(), 300);
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 300);
}
