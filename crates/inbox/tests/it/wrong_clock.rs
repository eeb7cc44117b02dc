//! A machine whose clock was wrong: ahead by hours or years, or at 1970 as after the battery of its chip has died.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use weifen_inbox::{
    Bookings, DispatchPolicy, Dispatcher, HandlerError, HoldReason, Inbox, Inspection, Receipt, Rules, Status,
};
use weifen_transport::mock::ManualClock;

use crate::scripted::Scripted;
use crate::support::{
    Folder, Receiving, booking, counted, only_event, paying, push, receive, rules, until, until_all_are,
};

const HOUR: Duration = Duration::from_secs(3600);
/// Eight hours, two days, sixty years.
const AHEAD: [Duration; 3] =
    [Duration::from_secs(8 * 3600), Duration::from_secs(2 * 86_400), Duration::from_secs(60 * 31_557_600)];

fn clock(ahead: Duration) -> Arc<ManualClock> {
    Arc::new(ManualClock::new(SystemTime::now() + ahead))
}

async fn opened(folder: &Folder, rules: Rules, clock: &Arc<ManualClock>) -> Receiving {
    Receiving::by_clock(&folder.database(), rules, clock.clone()).await
}

fn start(inbox: &Inbox, handler: &Arc<Scripted>) -> Dispatcher {
    Dispatcher::builder(inbox, handler.clone()).start().unwrap()
}

fn failing() -> Arc<Scripted> {
    Scripted::new(async |_| Err(HandlerError::retry("the shop is closed")))
}

async fn oldest(inbox: &Inbox) -> f64 {
    counted(inbox, "oldest_pending_seconds").await.parse().unwrap()
}

/// An event of each kind that waits: new, failed, under way at a worker that died, redriven and released.
async fn all_kinds(folder: &Folder, clock: &Arc<ManualClock>) {
    let inbox = opened(folder, paying(), clock).await;
    for (user, handler) in [("failed", failing()), ("under-way", Scripted::hanging())] {
        receive(&inbox, &push(user)).await;
        let dispatcher = start(&inbox, &handler);
        until("it is handed out", async || !handler.handed().is_empty()).await;
        if user == "failed" {
            until("it has failed", async || counted(&inbox, "retried_total").await == "1").await;
        }
        drop(dispatcher);
    }
    let given_up = Scripted::new(async |_| Err(HandlerError::give_up("no such machine")));
    receive(&inbox, &push("redriven")).await;
    let dispatcher = start(&inbox, &given_up);
    until("it is dead", async || inbox.stats().await.unwrap().events.contains_key("dead")).await;
    dispatcher.stop(HOUR).await;
    let holding = opened(folder, rules(), clock).await;
    assert_eq!(receive(&holding, &push("released")).await, Receipt::Held(HoldReason::NotBooked));
    for event in inbox.events(None, 0).await.unwrap() {
        match event.status {
            Status::Dead => assert!(inbox.redrive(event.id).await.unwrap()),
            Status::Held => assert!(inbox.release(event.id).await.unwrap()),
            _ => {}
        }
    }
    receive(&inbox, &push("new")).await;
    holding.close().await;
    inbox.close().await;
}

/// Lets a lease pass, and two seconds more for what is given back as the time leaps.
async fn until_delivered_within_a_lease(inbox: &Receiving, clock: &ManualClock) {
    let mut left = DispatchPolicy::default().lease.as_secs() + 2;
    until("it is delivered within a lease", async || {
        if left > 0 {
            clock.advance(Duration::from_secs(1));
            left -= 1;
        }
        inbox.stats().await.unwrap().events["delivered"] == 5
    })
    .await;
}

#[tokio::test]
async fn what_came_while_the_clock_was_ahead_is_delivered_once_it_is_right_between_runs() {
    for ahead in AHEAD {
        let folder = Folder::new();
        all_kinds(&folder, &clock(ahead)).await;
        let right = clock(Duration::ZERO);
        let inbox = opened(&folder, paying(), &right).await;
        let handler = Scripted::taking_all();
        let _dispatcher = start(&inbox, &handler);
        until("all but the leased one are taken", async || counted(&inbox, "delivered_total").await == "4").await;
        until_delivered_within_a_lease(&inbox, &right).await;
        assert_eq!(inbox.stats().await.unwrap().misdated, 5);
        assert_eq!(Inspection::of(&folder.database()).await.unwrap().stats.unwrap().misdated, 5);
    }
}

#[tokio::test]
async fn what_came_while_the_clock_was_ahead_is_delivered_once_it_is_set_right_beside_a_running_server() {
    for ahead in AHEAD {
        let folder = Folder::new();
        let clock = clock(ahead);
        all_kinds(&folder, &clock).await;
        let inbox = opened(&folder, paying(), &clock).await;
        // It fails for as long as the clock is wrong.
        let (now, wrong) = (clock.clone(), SystemTime::now() + HOUR);
        let handler = Scripted::new(move |_| {
            let is_right = weifen_transport::Clock::wall(&*now) < wrong;
            async move { if is_right { Ok(()) } else { Err(HandlerError::retry("not yet")) } }
        });
        let _dispatcher = start(&inbox, &handler);
        until("some have failed", async || counted(&inbox, "retried_total").await.parse::<u32>().unwrap() >= 3).await;
        clock.set_wall(SystemTime::now());
        until("all but the leased one are taken", async || counted(&inbox, "delivered_total").await == "4").await;
        until_delivered_within_a_lease(&inbox, &clock).await;
        assert_ne!(counted(&inbox, "recalled_total").await, "0");
    }
}

#[tokio::test]
async fn the_metrics_tell_how_long_an_event_waits_that_came_while_the_clock_was_ahead() {
    for ahead in AHEAD {
        let folder = Folder::new();
        let clock = clock(ahead);
        let inbox = opened(&folder, paying(), &clock).await;
        receive(&inbox, &push("u")).await;
        clock.set_wall(SystemTime::now());
        assert!(oldest(&inbox).await.abs() < 1.0, "it is seen for the first time");
        assert_eq!(counted(&inbox, "recalled_total").await, "1");
        clock.advance(HOUR);
        assert!((oldest(&inbox).await - 3600.0).abs() < 1.0);
        inbox.close().await;
        let inbox = opened(&folder, paying(), &clock).await;
        assert_eq!(inbox.stats().await.unwrap().oldest_pending_s, 3600, "a restart forgets nothing");
        assert_eq!(counted(&inbox, "recalled_total").await, "0");
    }
}

#[tokio::test]
async fn a_lease_that_is_cut_to_its_length_leaves_a_living_worker_its_event() {
    let folder = Folder::new();
    let clock = clock(AHEAD[0]);
    let inbox = opened(&folder, paying(), &clock).await;
    let gate = Arc::new(tokio::sync::Notify::new());
    let opened = gate.clone();
    let handler = Scripted::new(move |_| {
        let opened = opened.clone();
        async move {
            opened.notified().await;
            Ok(())
        }
    });
    let _dispatcher = start(&inbox, &handler);
    receive(&inbox, &push("u")).await;
    until("it is handed out", async || !handler.handed().is_empty()).await;
    clock.set_wall(SystemTime::now());
    until("it is recalled", async || counted(&inbox, "recalled_total").await != "0").await;
    gate.notify_one();
    until_all_are(&inbox, Status::Delivered).await;
    assert_eq!((handler.handed().len(), counted(&inbox, "overtaken_total").await), (1, "0".to_owned()));
}

#[tokio::test]
async fn at_1970_nothing_dies_or_expires_and_nothing_does_when_the_clock_is_set_right() {
    let folder = Folder::new();
    let clock = Arc::new(ManualClock::at(60));
    let inbox = opened(&folder, paying(), &clock).await;
    // No lease ends while the time leaps.
    let policy = DispatchPolicy { lease: 24 * HOUR, ..DispatchPolicy::default() };
    let dispatcher = Dispatcher::builder(&inbox, failing()).policy(policy).start().unwrap();
    receive(&inbox, &push("u")).await;
    for attempt in 1..=20 {
        clock.advance(HOUR);
        until("it has failed", async || counted(&inbox, "retried_total").await == attempt.to_string()).await;
    }
    let holding = opened(&folder, rules(), &clock).await;
    holding.book(&booking("booked")).await.unwrap();
    assert_eq!(receive(&holding, &push("stranger")).await, Receipt::Held(HoldReason::NotBooked));

    clock.set_wall(SystemTime::now());
    until("it has failed again", async || counted(&inbox, "retried_total").await == "21").await;
    dispatcher.stop(HOUR).await;
    holding.stats().await.unwrap();
    assert_eq!(receive(&holding, &push("booked")).await, Receipt::Stored, "its booking began anew");
    assert_eq!(holding.purge(30 * 24 * HOUR).await.unwrap().events, 0);
    assert!(oldest(&inbox).await < 60.0);
    let events = inbox.events(None, 0).await.unwrap();
    let states: Vec<_> = events.iter().map(|event| event.status).collect();
    assert_eq!(states, [Status::Pending, Status::Held, Status::Pending]);
}

#[tokio::test]
async fn a_booking_of_a_clock_that_was_ahead_lasts_as_long_as_it_would() {
    for ahead in AHEAD {
        let folder = Folder::new();
        let clock = clock(ahead);
        let inbox = opened(&folder, rules(), &clock).await;
        for user in ["soon", "late"] {
            inbox.book(&booking(user)).await.unwrap();
        }
        clock.set_wall(SystemTime::now());
        inbox.close().await;
        let inbox = opened(&folder, rules(), &clock).await;
        clock.advance(Duration::from_secs(59));
        assert_eq!(receive(&inbox, &push("soon")).await, Receipt::Stored);
        clock.advance(Duration::from_secs(1));
        assert_eq!(receive(&inbox, &push("late")).await, Receipt::Held(HoldReason::BookingOver));
    }
}

#[tokio::test]
async fn a_purge_takes_what_a_wrong_clock_dated_once_what_came_after_it_is_old() {
    for wrong in [SystemTime::UNIX_EPOCH, SystemTime::now() + AHEAD[2]] {
        let folder = Folder::new();
        let clock = Arc::new(ManualClock::new(wrong));
        let inbox = opened(&folder, rules(), &clock).await;
        receive(&inbox, &push("misdated")).await;
        receive(&inbox, "<html>").await;
        clock.set_wall(SystemTime::now());
        assert_eq!(inbox.purge(HOUR).await.unwrap().events, 0, "it may have come just now");
        receive(&inbox, &push("after")).await;
        receive(&inbox, "<html>").await;
        clock.advance(HOUR);
        let purged = inbox.purge(HOUR).await.unwrap();
        assert_eq!((purged.events, purged.quarantined), (2, 2));
    }
}

#[tokio::test]
async fn a_step_of_a_second_back_recalls_nothing() {
    let folder = Folder::new();
    let clock = clock(Duration::ZERO);
    let inbox = opened(&folder, paying(), &clock).await;
    receive(&inbox, &push("u")).await;
    clock.set_wall(weifen_transport::Clock::wall(&*clock) - Duration::from_secs(1));
    assert_eq!(inbox.stats().await.unwrap().misdated, 0);
    assert_eq!(counted(&inbox, "recalled_total").await, "0");
    assert_eq!(only_event(&inbox).await.status, Status::Pending);
}
