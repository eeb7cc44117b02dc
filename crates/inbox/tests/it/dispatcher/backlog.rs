//! A receiver that was away for hours, and what many events wait for after it.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;
use weifen_inbox::{DispatchPolicy, EventFilter, HandlerError, HoldReason, Status};
use weifen_transport::mock::ManualClock;

use super::{quick, start};
use crate::scripted::Scripted;
use crate::support::{Folder, Receiving, counted, paying, paying_inbox, push, receive, rules, until};

async fn receive_many(inbox: &Receiving, name: &str, count: usize) {
    let mut pushes = JoinSet::new();
    for number in 0..count {
        let inbox = inbox.clone();
        let body = push(&format!("{name}-{number}"));
        pushes.spawn(async move { inbox.receive(body).await.unwrap() });
    }
    pushes.join_all().await;
}

/// A receiver that takes events unless it is away.
fn shop() -> (Arc<Scripted>, Arc<AtomicBool>) {
    let is_away = Arc::new(AtomicBool::new(true));
    let away = is_away.clone();
    let handler = Scripted::new(move |_| {
        let fails = away.load(Ordering::SeqCst);
        async move { if fails { Err(HandlerError::retry("the shop is closed")) } else { Ok(()) } }
    });
    (handler, is_away)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_of_hours_is_delivered_soon_after_its_receiver_is_back_and_new_pushes_beside_it() {
    const FOLLOWS: usize = 1000;
    let folder = Folder::new();
    let clock = Arc::new(ManualClock::new(SystemTime::now()));
    let inbox = Receiving::by_clock(&folder.database(), paying(), clock.clone()).await;
    let (handler, is_away) = shop();
    // No lease ends while the time leaps.
    let policy = DispatchPolicy { lease: Duration::from_secs(86_400), ..DispatchPolicy::default() };
    let _dispatcher = start(&inbox, &handler, policy);
    receive_many(&inbox, "follow", FOLLOWS).await;
    for attempt in 1..=4 {
        let failed = async || counted(&inbox, "retried_total").await == (FOLLOWS * attempt).to_string();
        until(&format!("attempt {attempt} has failed"), failed).await;
        if attempt < 4 {
            clock.advance(Duration::from_secs(3600));
        }
    }
    // From here on no time passes: what waits until it is due would wait forever.
    is_away.store(false, Ordering::SeqCst);
    receive_many(&inbox, "new", 50).await;
    let all = (FOLLOWS + 50).to_string();
    until("all are taken", async || counted(&inbox, "delivered_total").await == all).await;
    assert_eq!(counted(&inbox, "dead_total").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_dead_events_are_redriven_at_once_each_once_under_its_id() {
    /// More than one transaction holds.
    const DEAD: usize = 1500;
    let (_folder, inbox) = paying_inbox().await;
    receive_many(&inbox, "dead", DEAD).await;
    let given_up = Scripted::new(async |_| Err(HandlerError::give_up("no such machine")));
    let dispatcher = start(&inbox, &given_up, quick());
    until("all are dead", async || counted(&inbox, "dead_total").await == DEAD.to_string()).await;
    dispatcher.stop(Duration::from_secs(60)).await;
    let keys = |handler: &Scripted| handler.handed().into_iter().map(|(_, key)| key).collect::<HashSet<_>>();
    let before = keys(&given_up);

    let all = EventFilter::new();
    assert_eq!(inbox.count_matching(Status::Dead, &all).await.unwrap(), DEAD as u64);
    assert_eq!(inbox.redrive_matching(&all).await.unwrap(), DEAD as u64);
    assert_eq!(inbox.redrive_matching(&all).await.unwrap(), 0);
    let handler = Scripted::taking_all();
    let _dispatcher = start(&inbox, &handler, quick());
    until("all are taken", async || counted(&inbox, "delivered_total").await == DEAD.to_string()).await;
    assert_eq!((handler.handed().len(), keys(&handler)), (DEAD, before));
}

#[tokio::test(flavor = "multi_thread")]
async fn redriven_and_released_events_leave_half_of_the_workers_to_new_ones() {
    let folder = Folder::new();
    let holding = folder.inbox_with(rules()).await;
    receive_many(&holding, "held", 100).await;
    let inbox = folder.inbox_with(paying()).await;
    assert_eq!(inbox.release_matching(&EventFilter::new()).await.unwrap(), 100);
    let handler = Scripted::new(async |event| {
        if event.push.auth_open_id.as_str().starts_with("held") { std::future::pending().await } else { Ok(()) }
    });
    let _dispatcher = start(&inbox, &handler, quick());
    until("they hang", async || handler.handed().len() == 32).await;
    receive_many(&inbox, "new", 100).await;
    until("all new ones are taken", async || counted(&inbox, "delivered_total").await == "100").await;
    assert_eq!(handler.handed().len(), 132);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_lets_through_what_matches_all_of_it() {
    let folder = Folder::new();
    let clock = Arc::new(ManualClock::at(1_800_000_000));
    let rules = rules().keys(["device-1", "device-2"]);
    let inbox = Receiving::by_clock(&folder.database(), rules, clock.clone()).await;
    for (user, device) in [("a", "device-1"), ("b", "device-2"), ("c", "device-1")] {
        receive(&inbox, &push(user).replace("device-1", device)).await;
        clock.advance(Duration::from_secs(60));
    }
    let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds);
    let all = EventFilter::new;
    for (filter, matching) in [
        (all(), 3),
        (all().since(at(60)), 2),
        (all().until(at(60)), 1),
        (all().since(at(60)).until(at(120)), 1),
        (all().since(at(121)), 0),
        (all().device("device-1"), 2),
        (all().device("device-2"), 1),
        (all().device("device"), 0),
        (all().device("device-1").since(at(1)), 1),
        (all().hold_reason(HoldReason::NotBooked), 3),
        (all().hold_reason(HoldReason::BookingOver), 0),
    ] {
        assert_eq!(inbox.count_matching(Status::Held, &filter).await.unwrap(), matching, "{filter:?}");
        assert_eq!(inbox.count_matching(Status::Dead, &filter).await.unwrap(), 0, "{filter:?}");
    }
    assert_eq!(inbox.release_matching(&all().device("device-2")).await.unwrap(), 1);
    let held: Vec<_> = inbox.events(Some(Status::Held), 0).await.unwrap().iter().map(|event| event.id).collect();
    assert_eq!(held, [1, 3]);
    inbox.purge(Duration::ZERO).await.unwrap();
    assert_eq!(inbox.count_matching(Status::Held, &all()).await.unwrap(), 0, "its data is erased");
}
