//! A follow is paid once, for good.

use weifen_inbox::{Bookings, Receipt, SecondFollow, Status};

use crate::support::{TestDatabase, behaviours, booking, only_event, paying, push, push_with_state, receive};

behaviours![
    the_same_push_again_is_a_duplicate_and_counted,
    sixty_four_copies_at_once_of_each_of_a_hundred_follows_are_a_hundred_events,
    fields_in_another_order_and_as_a_form_are_the_same_follow,
    an_event_has_the_same_name_in_every_database_for_good,
    a_restart_forgets_nothing,
    a_second_follow_with_another_state_is_paid_only_where_that_is_asked_for,
    a_true_push_after_a_forged_one_is_paid,
];

async fn the_same_push_again_is_a_duplicate_and_counted(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    assert_eq!(receive(&inbox, &push("u")).await, Receipt::Stored);
    for _ in 0..3 {
        assert_eq!(receive(&inbox, &push("u")).await, Receipt::Duplicate);
    }
    let events = inbox.events(None, 0).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].status, events[0].duplicates), (Status::Pending, 3));
}

async fn sixty_four_copies_at_once_of_each_of_a_hundred_follows_are_a_hundred_events(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    let mut pushes = tokio::task::JoinSet::new();
    for copy in 0..64 {
        for user in 0..100 {
            let (inbox, push) = (inbox.clone(), push(&format!("u{}", (user + copy) % 100)));
            pushes.spawn(async move { inbox.receive(push).await.unwrap() });
        }
    }
    let receipts = pushes.join_all().await;
    assert_eq!(receipts.iter().filter(|receipt| **receipt == Receipt::Stored).count(), 100);
    let events = inbox.events(None, 0).await.unwrap();
    assert_eq!(events.len(), 100);
    assert!(events.iter().all(|event| event.duplicates == 63), "{events:?}");
    println!("reliability[once] {} pushes at once, {} events", receipts.len(), events.len());
}

async fn fields_in_another_order_and_as_a_form_are_the_same_follow(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    receive(&inbox, &push("u")).await;
    let form = "appid=wx-account&bidding=60&auth_open_id=u&develop_appid=fs-developer&key=device-1";
    assert_eq!(receive(&inbox, form).await, Receipt::Duplicate);
}

async fn an_event_has_the_same_name_in_every_database_for_good(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    receive(&inbox, &push("u")).await;
    let key = only_event(&inbox).await.key;
    assert_eq!(key.as_str(), "evt_dd40535a3664b29b42d4030e5bc8c7c9");
    assert_eq!(key.to_string(), key.as_str());
}

async fn a_restart_forgets_nothing(database: TestDatabase) {
    let key = {
        let inbox = database.inbox_with(paying()).await;
        receive(&inbox, &push("u")).await;
        inbox.events(None, 0).await.unwrap()[0].key.clone()
    };
    let inbox = database.inbox_with(paying()).await;
    assert_eq!(receive(&inbox, &push("u")).await, Receipt::Duplicate);
    assert_eq!(inbox.events(None, 0).await.unwrap()[0].key, key);
}

async fn a_second_follow_with_another_state_is_paid_only_where_that_is_asked_for(database: TestDatabase) {
    let ignoring = database.inbox_with(paying()).await;
    assert_eq!(receive(&ignoring, &push_with_state("u", "a")).await, Receipt::Stored);
    assert_eq!(receive(&ignoring, &push_with_state("u", "b")).await, Receipt::Duplicate);
    drop(ignoring);

    let per_state = database.inbox_with(paying().second_follow(SecondFollow::PerState)).await;
    assert_eq!(receive(&per_state, &push_with_state("u", "a")).await, Receipt::Duplicate, "paid while ignoring");
    assert_eq!(receive(&per_state, &push_with_state("u", "b")).await, Receipt::Stored);
    assert_eq!(receive(&per_state, &push_with_state("u", "b")).await, Receipt::Duplicate);
    assert_eq!(receive(&per_state, &push("u")).await, Receipt::Duplicate, "no state is the slot of those ignored");
    drop(per_state);

    let ignoring = database.inbox_with(paying()).await;
    assert_eq!(receive(&ignoring, &push_with_state("u", "c")).await, Receipt::Duplicate);
}

async fn a_true_push_after_a_forged_one_is_paid(database: TestDatabase) {
    let inbox = database.inbox().await;
    assert!(matches!(receive(&inbox, &push("u")).await, Receipt::Held(_)));
    inbox.book(&booking("u")).await.unwrap();
    assert_eq!(receive(&inbox, &push("u")).await, Receipt::Stored);
    assert_eq!(receive(&inbox, &push("u")).await, Receipt::Duplicate);
    let events = inbox.events(None, 0).await.unwrap();
    assert_eq!(events.iter().map(|event| event.status).collect::<Vec<_>>(), [Status::Pending]);
}
