//! Events asked for by what they are about.

use std::time::{Duration, SystemTime};

use sqlx::Executor;
use weifen_inbox::{Bookings, Dispatcher, EventFilter, Inbox, Receipt, Status};

use crate::scripted::Scripted;
use crate::support::{
    KEY, Receiving, TestDatabase, behaviours, booking, paying, push, receive, rules, until, until_all_are,
};

behaviours![
    each_filter_lets_its_events_pass_and_no_other,
    a_list_is_gone_through_page_by_page_from_the_newest_on,
    an_event_is_found_by_its_webhook_id,
    events_of_an_older_version_are_found_too,
    a_purge_leaves_nothing_to_ask_for_but_the_webhook_id,
    a_bulk_redrive_takes_the_same_filters,
];

async fn found(inbox: &Inbox, status: Option<Status>, filter: &EventFilter) -> Vec<i64> {
    let events = inbox.matching_events(status, filter, i64::MAX, 500).await.unwrap();
    events.into_iter().map(|event| event.id).collect()
}

/// Three events: 1 is held, 2 was delivered and has a reference, 3 is pending and of another device and account.
async fn three(database: &TestDatabase) -> Receiving {
    let holding = database.inbox_with(rules().keys([KEY, "device-2"])).await;
    assert!(matches!(receive(&holding, &push("o'Neil")).await, Receipt::Held(_)));
    holding.book(&booking("b").reference("order 7 \u{5355}\"".parse().unwrap())).await.unwrap();
    assert_eq!(receive(&holding, &push("b")).await, Receipt::Stored);
    let dispatcher = Dispatcher::builder(&holding, Scripted::taking_all()).start().unwrap();
    let is_delivered = async || holding.stats().await.unwrap().events.get("delivered") == Some(&1);
    until("it is delivered", is_delivered).await;
    dispatcher.stop(Duration::from_secs(30)).await;
    let paying = database.inbox_with(paying().keys([KEY, "device-2"])).await;
    let other = push("b").replace(KEY, "device-2").replace("wx-account", "wx-other");
    assert_eq!(receive(&paying, &other).await, Receipt::Stored);
    paying
}

async fn each_filter_lets_its_events_pass_and_no_other(database: TestDatabase) {
    let inbox = three(&database).await;
    let all = EventFilter::new();
    let (now, hour) = (SystemTime::now(), Duration::from_secs(3600));
    for (what, filter, ids) in [
        ("all", all.clone(), vec![3, 2, 1]),
        ("user", all.clone().user("b"), vec![3, 2]),
        ("a quote in it", all.clone().user("o'Neil"), vec![1]),
        ("device", all.clone().device("device-2"), vec![3]),
        ("account", all.clone().account("wx-other"), vec![3]),
        ("reference", all.clone().reference("order 7 \u{5355}\""), vec![2]),
        ("user and account", all.clone().user("b").account("wx-account"), vec![2]),
        ("all at once", all.clone().user("b").device(KEY).reference("order 7 \u{5355}\"").since(now - hour), vec![2]),
        ("none such", all.clone().user("a"), vec![]),
        ("since", all.clone().since(now - hour), vec![3, 2, 1]),
        ("since later", all.clone().since(now + hour), vec![]),
        ("until", all.clone().until(now - hour), vec![]),
        ("since and device", all.clone().since(now - hour).until(now + hour).device("device-2"), vec![3]),
    ] {
        assert_eq!(found(&inbox, None, &filter).await, ids, "{what}");
    }
    for (status, id) in [(Status::Held, 1), (Status::Delivered, 2), (Status::Pending, 3), (Status::Dead, 0)] {
        let expected: Vec<_> = (id > 0).then_some(id).into_iter().collect();
        assert_eq!(found(&inbox, Some(status), &all).await, expected, "{status}");
        assert_eq!(found(&inbox, Some(status), &all.clone().since(now - hour)).await, expected, "{status}");
    }
    assert_eq!(found(&inbox, Some(Status::Pending), &all.user("b")).await, [3]);
    let received = inbox.event(2).await.unwrap().unwrap().received_at;
    let at = async |filter: EventFilter| found(&inbox, None, &filter).await.contains(&2);
    assert!(at(EventFilter::new().since(received)).await, "the begin is inclusive");
    assert!(!at(EventFilter::new().until(received)).await, "the end is exclusive");
}

async fn a_list_is_gone_through_page_by_page_from_the_newest_on(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    let begun = SystemTime::now() - Duration::from_secs(3600);
    for user in 0..5 {
        receive(&inbox, &push(&format!("u{user}"))).await;
    }
    for filter in [EventFilter::new(), EventFilter::new().device(KEY), EventFilter::new().since(begun)] {
        let (mut before, mut pages) = (i64::MAX, Vec::new());
        loop {
            let page = inbox.matching_events(None, &filter, before, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            before = last.id;
            // What comes in meanwhile belongs to no later page.
            receive(&inbox, &push(&format!("{before} of {filter:?}").replace(['"', ' '], ""))).await;
            pages.push(page.iter().map(|event| event.id).collect::<Vec<_>>());
        }
        assert_eq!(pages.concat().iter().filter(|id| **id <= 5).count(), 5, "{pages:?}");
        assert!(pages.concat().is_sorted_by(|one, next| one > next), "{pages:?}");
    }
}

async fn an_event_is_found_by_its_webhook_id(database: TestDatabase) {
    let inbox = three(&database).await;
    for event in inbox.events(None, 0).await.unwrap() {
        assert_eq!(inbox.event_named(event.key.as_str()).await.unwrap().unwrap().id, event.id);
    }
    assert!(inbox.event_named("evt_0").await.unwrap().is_none());
}

async fn events_of_an_older_version_are_found_too(database: TestDatabase) {
    let inbox = three(&database).await;
    let name = inbox.event(2).await.unwrap().unwrap().key;
    let older = "UPDATE events SET webhook_id = NULL, auth_open_id = NULL, appid = NULL, device_key = NULL, \
                     reference = NULL WHERE id < 3; \
                 UPDATE events SET raw = NULL WHERE id = 1";
    database.stranger().await.execute(older).await.unwrap();
    assert_eq!(found(&inbox, None, &EventFilter::new().user("b")).await, [3, 2]);
    assert_eq!(found(&inbox, None, &EventFilter::new().reference("order 7 \u{5355}\"")).await, [2]);
    assert_eq!(inbox.event_named(name.as_str()).await.unwrap().unwrap().id, 2);
    let undescribed = "SELECT COUNT(*) FROM events WHERE webhook_id IS NULL";
    let left: i64 = sqlx::query_scalar(undescribed).fetch_one(&mut database.stranger().await).await.unwrap();
    assert_eq!(left, 0, "they are read once");
}

async fn a_purge_leaves_nothing_to_ask_for_but_the_webhook_id(database: TestDatabase) {
    let inbox = three(&database).await;
    let name = inbox.event(2).await.unwrap().unwrap().key;
    assert_eq!(inbox.purge(Duration::ZERO).await.unwrap().events, 2);
    assert_eq!(found(&inbox, None, &EventFilter::new().user("b")).await, [3], "it is still to be delivered");
    assert!(inbox.event_named(name.as_str()).await.unwrap().unwrap().push.is_none());
    let held = "SELECT COUNT(*) FROM events WHERE id < 3 AND \
                (auth_open_id IS NOT NULL OR appid IS NOT NULL OR device_key IS NOT NULL OR reference IS NOT NULL)";
    let left: i64 = sqlx::query_scalar(held).fetch_one(&mut database.stranger().await).await.unwrap();
    assert_eq!(left, 0);
}

async fn a_bulk_redrive_takes_the_same_filters(database: TestDatabase) {
    let inbox = three(&database).await;
    database.stranger().await.execute("UPDATE events SET status = 'dead', due_at = NULL").await.unwrap();
    let of_user = EventFilter::new().user("b").account("wx-other");
    assert_eq!(inbox.count_matching(Status::Dead, &of_user).await.unwrap(), 1);
    assert_eq!(inbox.redrive_matching(&of_user).await.unwrap(), 1);
    assert_eq!(inbox.redrive_matching(&EventFilter::new()).await.unwrap(), 2);
    until_all_are(&inbox, Status::Pending).await;
}
