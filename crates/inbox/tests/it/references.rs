//! The booking's data in its event: the shop's reference, and the bid.

use std::time::Duration;

use sqlx::{Connection, Executor};
use tokio::time::sleep;
use weifen_fensi::Reference;
use weifen_inbox::{BookingStatus, Bookings, Dispatcher, EventBooking, KeptBooking, Receipt, Status};
use weifen_proto::fensi::Fen;

use crate::scripted::Scripted;
use crate::support::{
    Receiving, TestDatabase, behaviours, booking, counted, only_event, paying, push, push_with_state, receive, rules,
    until, until_all_are,
};

behaviours![
    an_event_tells_the_booking_that_asked_for_it,
    two_codes_for_one_user_and_account_are_two_bookings_and_a_push_takes_the_newest_that_matches,
    a_push_with_another_bid_is_delivered_and_marked,
    what_no_booking_asked_for_tells_of_none,
    a_push_that_confirms_a_held_event_tells_its_booking,
    a_purge_takes_the_reference_away,
    of_several_codes_that_nobody_followed_the_newest_is_missing,
    bookings_of_an_older_version_are_kept_and_its_events_tell_of_none,
    a_booking_tells_what_became_of_it,
    bookings_are_listed_the_newest_first,
    who_waits_for_a_booking_is_answered_once_its_push_is_stored,
];

fn reference(text: &str) -> Reference {
    text.parse().unwrap()
}

async fn booked(inbox: &Receiving) -> EventBooking {
    only_event(inbox).await.booking.expect("a booking asked for it")
}

async fn an_event_tells_the_booking_that_asked_for_it(database: TestDatabase) {
    let inbox = database.inbox().await;
    inbox.book(&booking("u").reference(reference("order 7 \u{5355}\u{1F600}\"\\")).bid(Fen(90))).await.unwrap();
    assert_eq!(receive(&inbox, &push("u")).await, Receipt::Stored);
    let told = booked(&inbox).await;
    assert_eq!((told.reference, told.bid), (Some(reference("order 7 \u{5355}\u{1F600}\"\\")), Some(Fen(90))));
    assert!(told.id.len() == 44 && told.id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{}", told.id);

    let handler = Scripted::taking_all();
    let _dispatcher = Dispatcher::builder(&inbox, handler.clone()).start().unwrap();
    until_all_are(&inbox, Status::Delivered).await;
    let handed = handler.handed().remove(0).0;
    assert_eq!((handed.bid_differs(), handed.booking), (false, only_event(&inbox).await.booking));
    assert_eq!(counted(&inbox, "bid_differs_total").await, "0");
}

async fn two_codes_for_one_user_and_account_are_two_bookings_and_a_push_takes_the_newest_that_matches(
    database: TestDatabase,
) {
    for (user, second, told) in [
        ("same", booking("same").reference(reference("second")), "second"),
        ("other state", booking("other-state").state("other").reference(reference("second")), "first"),
        ("over", booking("over").reference(reference("second")), "first"),
    ] {
        let database = &database;
        let inbox = database.inbox_with(rules()).await;
        let mut second = second;
        if user == "over" {
            second.lasts = Duration::ZERO;
        }
        let name = second.auth_open_id.as_str().to_owned();
        inbox.book(&booking(&name).reference(reference("first"))).await.unwrap();
        inbox.book(&second).await.unwrap();
        assert_eq!(receive(&inbox, &push(&name)).await, Receipt::Stored, "{user}");
        let event = inbox.newest_events(None, 1).await.unwrap().remove(0);
        assert_eq!(event.booking.unwrap().reference, Some(reference(told)), "{user}");
    }
    assert_eq!(database.inbox().await.stats().await.unwrap().open_bookings, 5);
}

async fn a_push_with_another_bid_is_delivered_and_marked(database: TestDatabase) {
    let inbox = database.inbox().await;
    inbox.book(&booking("u").bid(Fen(60))).await.unwrap();
    assert_eq!(receive(&inbox, &push("u")).await, Receipt::Stored);
    assert!(only_event(&inbox).await.bid_differs());
    let handler = Scripted::taking_all();
    let _dispatcher = Dispatcher::builder(&inbox, handler.clone()).start().unwrap();
    until_all_are(&inbox, Status::Delivered).await;
    assert!(handler.handed()[0].0.bid_differs());
    until("it is counted", async || counted(&inbox, "bid_differs_total").await == "1").await;
}

async fn what_no_booking_asked_for_tells_of_none(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    inbox.book(&booking("another").reference(reference("r"))).await.unwrap();
    receive(&inbox, &push("u")).await;
    let event = only_event(&inbox).await;
    assert_eq!((event.bid_differs(), event.booking), (false, None));
}

async fn a_push_that_confirms_a_held_event_tells_its_booking(database: TestDatabase) {
    let inbox = database.inbox().await;
    let booking = booking("u").state("right").reference(reference("r")).bid(Fen(90));
    inbox.book(&booking).await.unwrap();
    assert!(matches!(receive(&inbox, &push_with_state("u", "wrong")).await, Receipt::Held(_)));
    assert_eq!(only_event(&inbox).await.booking, None);
    assert_eq!(receive(&inbox, &push_with_state("u", "right")).await, Receipt::Stored);
    assert_eq!(booked(&inbox).await.reference, Some(reference("r")));
}

async fn a_purge_takes_the_reference_away(database: TestDatabase) {
    let inbox = database.inbox().await;
    inbox.book(&booking("u").reference(reference("order of Alice"))).await.unwrap();
    receive(&inbox, &push("u")).await;
    let _dispatcher = Dispatcher::builder(&inbox, Scripted::taking_all()).start().unwrap();
    until_all_are(&inbox, Status::Delivered).await;
    inbox.purge(Duration::ZERO).await.unwrap();
    assert_eq!(only_event(&inbox).await.booking, None);
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM events WHERE booking IS NOT NULL")
        .fetch_one(&mut database.stranger().await)
        .await
        .unwrap();
    assert_eq!(left, 0);
}

async fn of_several_codes_that_nobody_followed_the_newest_is_missing(database: TestDatabase) {
    let inbox = database.inbox().await;
    for text in ["first", "second"] {
        let mut over = booking("u").reference(reference(text)).bid(Fen(90));
        over.lasts = Duration::ZERO;
        inbox.book(&over).await.unwrap();
    }
    let missing = inbox.missing(Duration::ZERO).await.unwrap();
    let told: Vec<_> = missing.into_iter().map(|missing| (missing.reference, missing.bid)).collect();
    assert_eq!(told, [(Some(reference("second")), Some(Fen(90)))]);
}

async fn bookings_of_an_older_version_are_kept_and_its_events_tell_of_none(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    inbox.book(&booking("booked")).await.unwrap();
    receive(&inbox, &push("stored")).await;
    inbox.close().await;
    let fifth_version = "CREATE TABLE older AS \
            SELECT follow, device_key, state_digest, booked_at, ends_at, auth_open_id, appid FROM bookings; \
        DROP TABLE bookings; ALTER TABLE older RENAME TO bookings; CREATE INDEX bookings_end ON bookings (ends_at); \
        ALTER TABLE events DROP COLUMN booking; DELETE FROM _sqlx_migrations WHERE version = 6";
    let mut stranger = database.stranger().await;
    stranger.execute(fifth_version).await.unwrap();
    stranger.close().await.unwrap();

    let inbox = database.inbox().await;
    assert_eq!(receive(&inbox, &push("booked")).await, Receipt::Stored);
    let events = inbox.events(None, 0).await.unwrap();
    assert_eq!(events[0].booking, None);
    let told = events[1].booking.as_ref().unwrap();
    assert_eq!((told.id.len(), &told.reference, told.bid), (32, &None, None));
}

async fn a_booking_tells_what_became_of_it(database: TestDatabase) {
    let inbox = database.inbox().await;
    let keep = async |booking| inbox.keep_booking(&booking).await.unwrap().unwrap();
    let now = async |kept: &KeptBooking| {
        let found = inbox.booking(&kept.id).await.unwrap().unwrap();
        (found.status, found.event_id)
    };
    let first = keep(booking("u").reference(reference("r")).state("s").bid(Fen(90))).await;
    assert_eq!(
        (first.status, first.reference.as_ref(), first.bid),
        (BookingStatus::Open, Some(&reference("r")), Some(Fen(90)))
    );
    assert_eq!((first.state.as_deref(), first.event_id), (Some("s"), None));
    assert!(matches!(receive(&inbox, &push("u")).await, Receipt::Held(_)));
    assert_eq!(now(&first).await, (BookingStatus::Held, Some(1)));
    let second = keep(booking("u")).await;
    assert_eq!(now(&first).await, (BookingStatus::Replaced, None));
    assert_eq!(receive(&inbox, &push("u")).await, Receipt::Stored);
    assert_eq!(now(&second).await, (BookingStatus::Followed, Some(1)));
    assert_eq!(now(&first).await, (BookingStatus::Replaced, None));
    let third = keep(booking("u")).await;
    assert_eq!(
        (now(&second).await, now(&third).await),
        ((BookingStatus::Followed, Some(1)), (BookingStatus::Repeated, Some(1)))
    );
    let released = keep(booking("released").state("s")).await;
    assert!(matches!(receive(&inbox, &push("released")).await, Receipt::Held(_)));
    assert_eq!(now(&released).await, (BookingStatus::Held, Some(2)));
    assert!(inbox.release(2).await.unwrap());
    assert_eq!(now(&released).await, (BookingStatus::Followed, Some(2)));
    let mut over = booking("over");
    over.lasts = Duration::ZERO;
    assert_eq!(keep(over).await.status, BookingStatus::Ended);
    assert!(inbox.booking("none").await.unwrap().is_none());
}

async fn bookings_are_listed_the_newest_first(database: TestDatabase) {
    let inbox = database.inbox().await;
    for (user, text) in [("a", "r'1"), ("b", "r'1"), ("a", "r2")] {
        inbox.book(&booking(user).reference(reference(text))).await.unwrap();
    }
    let listed = async |reference, user, before, limit| -> Vec<i64> {
        let found = inbox.bookings(reference, user, before, limit).await.unwrap();
        found.into_iter().map(|booking| booking.number).collect()
    };
    assert_eq!(listed(None, None, i64::MAX, 500).await, [3, 2, 1]);
    assert_eq!(listed(None, None, 3, 1).await, [2]);
    assert_eq!(listed(Some("r'1"), None, i64::MAX, 500).await, [2, 1]);
    assert_eq!(listed(Some("r'1"), Some("a"), i64::MAX, 500).await, [1]);
    assert_eq!(listed(Some("none"), None, i64::MAX, 500).await, [0; 0]);
}

async fn who_waits_for_a_booking_is_answered_once_its_push_is_stored(database: TestDatabase) {
    let (here, elsewhere) = (database.inbox().await, database.inbox().await);
    let mut waits = tokio::task::JoinSet::new();
    for user in 0..50 {
        let kept = here.keep_booking(&booking(&format!("u{user}"))).await.unwrap().unwrap();
        let here = here.clone();
        waits.spawn(
            async move { here.booking_until(&kept.id, BookingStatus::Open, sleep(Duration::from_secs(60))).await },
        );
    }
    let open = here.keep_booking(&booking("never")).await.unwrap().unwrap();
    let never =
        here.booking_until(&open.id, BookingStatus::Open, sleep(Duration::from_millis(400))).await.unwrap().unwrap();
    assert_eq!(never.status, BookingStatus::Open, "as it is after the wait");
    for user in 0..50 {
        assert_eq!(receive(&elsewhere, &push(&format!("u{user}"))).await, Receipt::Stored);
    }
    for waited in waits.join_all().await {
        assert_eq!(waited.unwrap().unwrap().status, BookingStatus::Followed);
    }
}
