//! Quarantined requests, judged anew.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use sqlx::Executor;
use tokio::task::JoinSet;
use weifen_inbox::{
    Booking, Bookings, Dispatcher, HoldReason, Inbox, Packet, QuarantineFilter, Readmitted, Receipt, Rules, Status,
    Unsolicited,
};

use crate::scripted::Scripted;
use crate::support::{
    ACCOUNT, DEVELOPER, KEY, TestDatabase, behaviours, booking, only_event, paying, push, receive, until_all_are,
};

behaviours![
    a_missing_key_loses_no_push,
    those_that_readmit_at_once_make_one_event_of_each,
    what_is_still_not_understood_stays_with_the_reason_of_today,
    what_became_an_event_meanwhile_is_a_copy,
    it_is_judged_by_what_was_booked_when_it_came,
    what_no_booking_asked_for_is_held_or_dropped_as_the_rules_say,
    one_of_them_or_a_span_of_time_can_be_chosen,
    a_trial_changes_nothing,
    a_server_beside_delivers_what_was_readmitted,
    what_an_older_version_kept_is_read_too,
];

const ALL: QuarantineFilter = QuarantineFilter::Received { since: SystemTime::UNIX_EPOCH, until: None };

/// Rules under which no device is ours but another.
fn without_the_key() -> Rules {
    Rules::new(DEVELOPER).keys(["another-device"])
}

async fn quarantine(database: &TestDatabase, bodies: impl IntoIterator<Item = String>) {
    let inbox = database.inbox_with(without_the_key()).await;
    for body in bodies {
        assert_eq!(receive(&inbox, &body).await, Receipt::Quarantined);
    }
    inbox.close().await;
}

async fn quarantined(inbox: &Inbox) -> u64 {
    inbox.stats().await.unwrap().quarantined
}

async fn a_missing_key_loses_no_push(database: TestDatabase) {
    quarantine(&database, (0..100).map(|user| push(&format!("u{user}")))).await;
    let inbox = database.inbox_with(paying()).await;
    let readmitted = inbox.0.readmit(ALL).await.unwrap();
    assert_eq!((readmitted.stored, readmitted.judged()), (100, 100));
    assert_eq!(inbox.0.readmit(ALL).await.unwrap(), Readmitted::default());
    let events = inbox.events(Some(Status::Pending), 0).await.unwrap();
    assert_eq!(events.len(), 100);
    assert!(events.iter().all(|event| event.duplicates == 0));
    assert_eq!(quarantined(&inbox).await, 0);
    assert_eq!(receive(&inbox, &push("u7")).await, Receipt::Duplicate);
}

async fn those_that_readmit_at_once_make_one_event_of_each(database: TestDatabase) {
    // Of each follow three copies, far from each other.
    quarantine(&database, (0..450).map(|user| push(&format!("u{}", user % 150)))).await;
    let inboxes =
        [database.inbox_with(paying()).await, database.inbox_with(paying()).await, database.inbox_with(paying()).await];
    let mut readmissions = JoinSet::new();
    for inbox in &inboxes {
        let inbox = inbox.clone();
        readmissions.spawn(async move { inbox.0.readmit(ALL).await.unwrap() });
    }
    let mut whole = Readmitted::default();
    readmissions.join_all().await.into_iter().for_each(|part| whole += part);
    assert_eq!((whole.stored, whole.duplicates, whole.judged()), (150, 300, 450));
    let events = inboxes[0].events(None, 0).await.unwrap();
    assert_eq!(events.len(), 150);
    assert!(events.iter().all(|event| event.duplicates == 2), "{events:?}");
    assert_eq!(quarantined(&inboxes[1]).await, 0);
}

async fn what_is_still_not_understood_stays_with_the_reason_of_today(database: TestDatabase) {
    let for_another = push("u").replace(DEVELOPER, "another-developer");
    quarantine(&database, ["<html>".to_owned(), for_another.clone(), push("ours")]).await;
    let inbox = database.inbox_with(Rules::new("another-developer").keys([KEY]).unsolicited(Unsolicited::Pay)).await;
    let readmitted = inbox.0.readmit(ALL).await.unwrap();
    let html = "the push cannot be decoded: the body is an HTML or XML page, not JSON".to_owned();
    let not_ours = "the push is not ours: develop_appid is another developer's".to_owned();
    assert_eq!(readmitted.stored, 1);
    assert_eq!(readmitted.quarantined, BTreeMap::from([(html.clone(), 1), (not_ours.clone(), 1)]));
    let kept = inbox.quarantined(0).await.unwrap();
    let reasons: Vec<_> = kept.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(reasons, [&html, &not_ours], "that of the last was another");
    assert_eq!(kept[1].raw, push("ours").as_bytes());
}

async fn what_became_an_event_meanwhile_is_a_copy(database: TestDatabase) {
    quarantine(&database, [push("u")]).await;
    let inbox = database.inbox_with(paying()).await;
    assert_eq!(receive(&inbox, &push("u")).await, Receipt::Stored);
    let readmitted = inbox.0.readmit(ALL).await.unwrap();
    assert_eq!((readmitted.stored, readmitted.duplicates), (0, 1));
    assert_eq!(only_event(&inbox).await.duplicates, 1);
}

async fn it_is_judged_by_what_was_booked_when_it_came(database: TestDatabase) {
    let short = |user: &str| Booking::new(DEVELOPER, user.parse().unwrap(), KEY, ACCOUNT, Duration::from_millis(1500));
    {
        let inbox = database.inbox().await;
        inbox.book(&short("in-time")).await.unwrap();
        inbox.book(&short("too-late")).await.unwrap();
        inbox.close().await;
    }
    quarantine(&database, [push("in-time")]).await;
    tokio::time::sleep(Duration::from_millis(1600)).await;
    quarantine(&database, [push("too-late")]).await;
    let came_at: Vec<_> = {
        let inbox = database.inbox().await;
        let rows = inbox.quarantined(0).await.unwrap();
        inbox.close().await;
        rows.iter().map(|row| row.received_at).collect()
    };
    let inbox = database.inbox().await;
    // A held event that the quarantined push confirms.
    assert_eq!(receive(&inbox, &push("in-time")).await, Receipt::Held(HoldReason::BookingOver));
    let readmitted = inbox.0.readmit(ALL).await.unwrap();
    assert_eq!((readmitted.stored, readmitted.held), (1, 1));
    let events = inbox.events(None, 0).await.unwrap();
    assert_eq!((events[0].status, events[0].received_at), (Status::Pending, came_at[0]));
    assert_eq!((events[1].status, events[1].received_at), (Status::Held, came_at[1]));
    assert_eq!(events[1].hold_reason, Some(HoldReason::BookingOver));
}

async fn what_no_booking_asked_for_is_held_or_dropped_as_the_rules_say(database: TestDatabase) {
    quarantine(&database, [push("u"), push("u")]).await;
    let dropping = database.inbox_with(crate::support::rules().unsolicited(Unsolicited::Drop)).await;
    assert_eq!(dropping.0.try_readmitting(ALL).await.unwrap().dropped, 2);
    dropping.close().await;
    let inbox = database.inbox().await;
    let readmitted = inbox.0.readmit(ALL).await.unwrap();
    assert_eq!((readmitted.held, readmitted.duplicates), (1, 1));
    inbox.book(&booking("u")).await.unwrap();
    assert_eq!(receive(&inbox, &push("u")).await, Receipt::Stored);
}

async fn one_of_them_or_a_span_of_time_can_be_chosen(database: TestDatabase) {
    quarantine(&database, (0..5).map(|user| push(&format!("u{user}")))).await;
    database.stranger().await.execute("UPDATE quarantine SET received_at = id * 1000").await.unwrap();
    let inbox = database.inbox_with(paying()).await;
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    assert_eq!(inbox.0.readmit(QuarantineFilter::Id(3)).await.unwrap().stored, 1);
    assert_eq!(inbox.0.readmit(QuarantineFilter::Id(3)).await.unwrap().judged(), 0);
    let span = QuarantineFilter::Received { since: at(2), until: Some(at(5)) };
    assert_eq!(inbox.0.readmit(span).await.unwrap().stored, 2);
    let left: Vec<_> = inbox.quarantined(0).await.unwrap().iter().map(|row| row.id).collect();
    assert_eq!(left, [1, 5]);
    assert_eq!(inbox.0.readmit(QuarantineFilter::Received { since: at(5), until: None }).await.unwrap().stored, 1);
}

async fn a_trial_changes_nothing(database: TestDatabase) {
    quarantine(&database, [push("u"), push("v"), push("v"), "<html>".to_owned()]).await;
    let inbox = database.inbox_with(paying()).await;
    let kept =
        |rows: Vec<weifen_inbox::Quarantined>| rows.into_iter().map(|row| (row.id, row.reason)).collect::<Vec<_>>();
    let before = kept(inbox.quarantined(0).await.unwrap());
    let tried = inbox.0.try_readmitting(ALL).await.unwrap();
    assert_eq!(kept(inbox.quarantined(0).await.unwrap()), before);
    assert!(inbox.events(None, 0).await.unwrap().is_empty());
    assert_eq!(inbox.0.readmit(ALL).await.unwrap(), tried);
    assert_eq!((tried.stored, tried.duplicates), (2, 1));
}

async fn a_server_beside_delivers_what_was_readmitted(database: TestDatabase) {
    quarantine(&database, [push("u")]).await;
    let serving = database.inbox_with(paying()).await;
    let dispatcher = Dispatcher::builder(&serving, Scripted::taking_all()).start().unwrap();
    let command = database.inbox_with(paying()).await;
    assert_eq!(command.0.readmit(ALL).await.unwrap().stored, 1);
    command.close().await;
    until_all_are(&serving, Status::Delivered).await;
    assert_eq!(only_event(&serving).await.attempts, 1);
    dispatcher.stop(Duration::from_secs(5)).await;
}

/// Before there was a content type beside it, and before a multipart body, or one with a query that is no push, was
/// read.
async fn what_an_older_version_kept_is_read_too(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    let multipart: String =
        [("key", KEY), ("develop_appid", DEVELOPER), ("auth_open_id", "in-parts"), ("appid", ACCOUNT)]
            .map(|(name, value)| format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"))
            .concat();
    let multipart = format!("{multipart}--x\r\nContent-Disposition: form-data; name=\"bidding\"\r\n\r\n3\r\n--x--\r\n");
    let with_query = format!("{}\n?shop=1", push("with-a-query"));
    for raw in [multipart, with_query] {
        let sql = "INSERT INTO quarantine (received_at, reason, raw) VALUES (1000, 'as it was', $1)";
        sqlx::query(sql).bind(raw.into_bytes()).execute(&mut database.stranger().await).await.unwrap();
    }
    assert_eq!(inbox.0.readmit(ALL).await.unwrap().stored, 2);
    let users: Vec<_> = inbox.events(None, 0).await.unwrap().into_iter().map(|event| event.push.unwrap()).collect();
    let mut users: Vec<_> = users.iter().map(|push| push.auth_open_id.as_str()).collect();
    users.sort_unstable();
    assert_eq!(users, ["in-parts", "with-a-query"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_declares_its_charset_is_readmitted_in_it() {
    let folder = crate::support::Folder::new();
    let database = folder.test_database();
    let body = encoding_rs::GBK.encode(&push("u").replace("\"nickname\":\"\"", "\"nickname\":\"追梦\"")).0.into_owned();
    let inbox = database.inbox_with(without_the_key()).await;
    let packet = Packet::new(body).content_type("application/json; charset=GBK");
    assert_eq!(inbox.receive(packet).await.unwrap(), Receipt::Quarantined);
    let query =
        "key=device-1&develop_appid=fs-developer&auth_open_id=v&bidding=1&appid=wx-account&nickname=%D7%B7%C3%CE";
    let packet = Packet::new("").content_type("application/json; charset=GBK").query(query);
    assert_eq!(inbox.receive(packet).await.unwrap(), Receipt::Quarantined);
    inbox.close().await;
    let inbox = database.inbox_with(paying()).await;
    assert_eq!(inbox.0.readmit(ALL).await.unwrap().stored, 2);
    for event in inbox.events(None, 0).await.unwrap() {
        assert_eq!(event.push.unwrap().nickname, "追梦");
    }
}
