//! Pushes that nobody asked for.

use std::time::Duration;

use tokio::task::JoinSet;
use weifen_inbox::{Bookings, HoldReason, Receipt, Status, Unsolicited};

use crate::support::{Receiving, TestDatabase, behaviours, booking, push, push_with_state, receive, rules};

behaviours![
    a_push_is_paid_when_it_was_booked_and_held_when_not,
    of_many_bookings_at_once_one_that_has_not_ended_is_enough,
    a_push_after_its_bookings_end_is_held_until_a_person_releases_it,
    a_push_must_bring_the_booked_state_back,
    a_push_must_come_from_the_booked_device,
    unsolicited_pushes_can_be_dropped_and_leave_nothing,
    what_is_not_ours_or_not_understood_is_kept_in_quarantine,
    a_booking_that_ended_without_a_push_is_missing,
    the_newest_of_each_status_are_found,
];

async fn held_for(inbox: &Receiving, raw: &str) -> HoldReason {
    match receive(inbox, raw).await {
        Receipt::Held(reason) => reason,
        other => panic!("{other:?}"),
    }
}

async fn a_push_is_paid_when_it_was_booked_and_held_when_not(database: TestDatabase) {
    let inbox = database.inbox().await;
    inbox.book(&booking("booked")).await.unwrap();
    assert_eq!(receive(&inbox, &push("booked")).await, Receipt::Stored);
    assert_eq!(held_for(&inbox, &push("stranger")).await, HoldReason::NotBooked);
}

async fn of_many_bookings_at_once_one_that_has_not_ended_is_enough(database: TestDatabase) {
    let inbox = database.inbox().await;
    let bookings = (0..100).map(|number| {
        let (inbox, mut booking) = (inbox.clone(), booking("u"));
        booking.lasts = if number == 50 { Duration::from_secs(60) } else { Duration::ZERO };
        async move { inbox.book(&booking).await }
    });
    for booked in bookings.collect::<JoinSet<_>>().join_all().await {
        booked.unwrap();
    }
    assert_eq!(receive(&inbox, &push("u")).await, Receipt::Stored);
}

async fn a_push_after_its_bookings_end_is_held_until_a_person_releases_it(database: TestDatabase) {
    let inbox = database.inbox().await;
    let mut over = booking("late");
    over.lasts = Duration::ZERO;
    inbox.book(&over).await.unwrap();
    assert_eq!(held_for(&inbox, &push("late")).await, HoldReason::BookingOver);
    let held = inbox.events(Some(Status::Held), 0).await.unwrap();
    assert!(inbox.release(held[0].id).await.unwrap());
    assert!(!inbox.release(held[0].id).await.unwrap(), "it is released already");
    assert_eq!(inbox.event(held[0].id).await.unwrap().unwrap().status, Status::Pending);
}

async fn a_push_must_bring_the_booked_state_back(database: TestDatabase) {
    let inbox = database.inbox().await;
    inbox.book(&booking("u").state("right")).await.unwrap();
    assert_eq!(held_for(&inbox, &push_with_state("u", "wrong")).await, HoldReason::OtherState);
    assert_eq!(receive(&inbox, &push_with_state("u", "right")).await, Receipt::Stored);
}

async fn a_push_must_come_from_the_booked_device(database: TestDatabase) {
    let inbox = database.inbox_with(rules().keys(["device-1", "device-2"])).await;
    let mut elsewhere = booking("u");
    elsewhere.key = "device-2".into();
    inbox.book(&elsewhere).await.unwrap();
    assert_eq!(held_for(&inbox, &push("u")).await, HoldReason::OtherDevice);
}

async fn unsolicited_pushes_can_be_dropped_and_leave_nothing(database: TestDatabase) {
    let inbox = database.inbox_with(rules().unsolicited(Unsolicited::Drop)).await;
    assert_eq!(receive(&inbox, &push("u")).await, Receipt::Dropped);
    assert!(inbox.events(None, 0).await.unwrap().is_empty());
    inbox.book(&booking("u")).await.unwrap();
    assert_eq!(receive(&inbox, &push("u")).await, Receipt::Stored);
}

async fn what_is_not_ours_or_not_understood_is_kept_in_quarantine(database: TestDatabase) {
    let inbox = database.inbox().await;
    for raw in [
        "<html>",
        "",
        "{\"key\":1}",
        &push("u").replace("fs-developer", "another"),
        &push("u").replace("device-1", "other"),
    ] {
        assert_eq!(receive(&inbox, raw).await, Receipt::Quarantined, "{raw}");
    }
    let quarantined = inbox.quarantined(0).await.unwrap();
    assert_eq!(quarantined[0].raw, b"<html>");
    assert_eq!(quarantined.len(), 5);
    let newest = inbox.newest_quarantined(2).await.unwrap();
    assert_eq!(newest.iter().map(|strange| strange.id).collect::<Vec<_>>(), [quarantined[3].id, quarantined[4].id]);
    assert!(inbox.events(None, 0).await.unwrap().is_empty());
}

async fn a_booking_that_ended_without_a_push_is_missing(database: TestDatabase) {
    let inbox = database.inbox().await;
    for user in ["came", "lost"] {
        let mut over = booking(user);
        over.lasts = Duration::ZERO;
        inbox.book(&over).await.unwrap();
    }
    inbox.book(&booking("open")).await.unwrap();
    receive(&inbox, &push("came")).await;
    let missing = inbox.missing(Duration::ZERO).await.unwrap();
    assert_eq!(missing.iter().map(|missing| missing.auth_open_id.as_str()).collect::<Vec<_>>(), ["lost"]);
    assert!(inbox.missing(Duration::from_secs(60)).await.unwrap().is_empty());
}

async fn the_newest_of_each_status_are_found(database: TestDatabase) {
    let inbox = database.inbox().await;
    for user in ["a", "b", "c", "d"] {
        receive(&inbox, &push(user)).await;
    }
    inbox.release(4).await.unwrap();
    let newest = async |status, limit| {
        let events = inbox.newest_events(status, limit).await.unwrap();
        events.iter().map(|event| event.id).collect::<Vec<_>>()
    };
    assert_eq!(newest(None, 2).await, [3, 4]);
    assert_eq!(newest(Some(Status::Held), 2).await, [2, 3]);
    assert_eq!(newest(Some(Status::Pending), 9).await, [4]);
}
