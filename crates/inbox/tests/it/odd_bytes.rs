//! Bytes that a database's texts can't hold, or that are nobody's idea of a text.

use tokio::task::JoinSet;
use weifen_inbox::{Bookings, Receipt};

use crate::support::{TestDatabase, behaviours, booking, paying, push, push_with_state, receive};

behaviours![a_strange_push_is_kept_as_it_came_and_harms_no_other, a_booking_with_a_nul_fails_alone];

async fn a_strange_push_is_kept_as_it_came_and_harms_no_other(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    let strange: Vec<Vec<u8>> = vec![
        b"\0".to_vec(),
        b"{\"key\":\"\0\"}".to_vec(),
        b"key=%00&develop_appid=%00".to_vec(),
        b"%00=%00".to_vec(),
        b"\xff\xfe\0\xd8".to_vec(),
        push("u").replace("device-1", "device\\u0000").into_bytes(),
        push("u\\u0000").into_bytes(),
        push("u").replace("\"bidding\":90", "\"bid\\u0000ding\":{\"\\u0000\":\"\\ud800\"}").into_bytes(),
        push("u").replace("\"bidding\":90", "\"bidding\":{\"\\u0000\":0}").into_bytes(),
    ];
    let odd = [
        push_with_state("with-a-nul-in-its-state", "\\u0000"),
        push("with-a-nul-in-its-name").replace("an account", "\\u0000\\u0001"),
        push("with-a-picture-in-its-name").replace("an account", "\u{1f600}\u{202e}"),
    ];
    let mut pushes = JoinSet::new();
    for (number, raw) in strange.iter().cloned().enumerate() {
        let inbox = inbox.clone();
        pushes.spawn(async move {
            assert_eq!(inbox.receive(raw).await.unwrap(), Receipt::Quarantined, "{number}");
            assert_eq!(receive(&inbox, &push(&format!("plain-{number}"))).await, Receipt::Stored);
        });
    }
    for raw in odd.clone() {
        let inbox = inbox.clone();
        pushes.spawn(async move { assert_eq!(receive(&inbox, &raw).await, Receipt::Stored, "{raw}") });
    }
    pushes.join_all().await;
    let mut kept: Vec<_> = inbox.quarantined(0).await.unwrap().into_iter().map(|one| one.raw).collect();
    kept.sort();
    let mut sent = strange;
    sent.sort();
    assert_eq!(kept, sent);
    assert_eq!(inbox.events(None, 0).await.unwrap().len(), sent.len() + odd.len());
    assert_eq!(receive(&inbox, &odd[0]).await, Receipt::Duplicate);
}

async fn a_booking_with_a_nul_fails_alone(database: TestDatabase) {
    let inbox = database.inbox().await;
    let mut bookings = JoinSet::new();
    for user in 0..50 {
        let inbox = inbox.clone();
        bookings.spawn(async move {
            let mut odd = booking(&format!("odd-{user}"));
            odd.key = "device\0".into();
            assert!(inbox.book(&odd).await.is_err());
            odd = booking(&format!("odd-{user}"));
            odd.appid = "\0".into();
            assert!(inbox.book(&odd).await.is_err());
            assert!(inbox.book(&booking(&format!("u{user}")).state("\0")).await.is_err());
            inbox.book(&booking(&format!("u{user}")).state("s")).await.unwrap();
        });
    }
    bookings.join_all().await;
    assert_eq!(inbox.stats().await.unwrap().open_bookings, 50);
    assert_eq!(receive(&inbox, &push_with_state("u7", "s")).await, Receipt::Stored);
}
