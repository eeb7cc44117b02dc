//! Bytes that a database's texts can't hold, or that are nobody's idea of a text.

use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use weifen_inbox::{Booking, Bookings, EventFilter, Receipt, Rules};

use crate::support::{DEVELOPER, TestDatabase, behaviours, booking, paying, push, push_with_state, receive, words};

behaviours![
    a_strange_push_is_kept_as_it_came_and_harms_no_other,
    a_booking_with_a_nul_fails_alone,
    the_longest_texts_are_stored_and_longer_ones_refused,
];

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
            let refused = async |odd: Booking| words(&inbox.book(&odd).await.unwrap_err());
            let mut odd = booking(&format!("odd-{user}"));
            odd.key = "device\0".into();
            assert!(refused(odd).await.contains("key: must not contain white space or control characters"));
            odd = booking(&format!("odd-{user}"));
            odd.appid = "\0".into();
            assert!(refused(odd).await.contains("appid: must not contain white space or control characters"));
            let odd = booking(&format!("u{user}")).state("a\0b");
            assert!(refused(odd).await.contains("state: must not contain control characters"));
            inbox.book(&booking(&format!("u{user}")).state("s")).await.unwrap();
        });
    }
    bookings.join_all().await;
    assert_eq!(inbox.stats().await.unwrap().open_bookings, 50);
    assert_eq!(receive(&inbox, &push_with_state("u7", "s")).await, Receipt::Stored);
}

async fn the_longest_texts_are_stored_and_longer_ones_refused(database: TestDatabase) {
    let inbox = database.inbox_with(Rules::new(DEVELOPER)).await;
    let [user, key, account, state] =
        [(1, 255), (2, 255), (3, 255), (4, 1024)].map(|(seed, length)| rare(seed, length));
    let longest = Booking::new(DEVELOPER, user.parse().unwrap(), &key, &account, Duration::from_secs(60));
    let longest = longest.state(&state).reference(rare(5, 200).parse().unwrap());
    inbox.book(&longest).await.unwrap();
    let sent = json!({
        "key": key, "develop_appid": DEVELOPER, "auth_open_id": user, "bidding": 90, "appid": account, "state": state,
    });
    assert_eq!(receive(&inbox, &sent.to_string()).await, Receipt::Stored);
    let found = EventFilter::new().user(&user).device(&key).account(&account).reference(rare(5, 200));
    assert_eq!(inbox.matching_events(None, &found, i64::MAX, 9).await.unwrap().len(), 1);

    let longer = |text: &str| format!("{text}x");
    for name in ["auth_open_id", "key", "appid"] {
        let mut sent = sent.clone();
        sent[name] = longer(sent[name].as_str().unwrap()).into();
        assert_eq!(receive(&inbox, &sent.to_string()).await, Receipt::Quarantined, "{name}");
    }
    let reasons = inbox.quarantined(0).await.unwrap().into_iter().map(|one| one.reason);
    assert!(reasons.clone().all(|reason| reason.ends_with("must not be longer than 255 characters")), "{reasons:?}");
    let mut refused = [(); 4].map(|()| longest.clone());
    refused[0].auth_open_id = longer(&user).parse().unwrap();
    refused[1].key = longer(&key);
    refused[2].appid = longer(&account);
    refused[3].state = Some(longer(&state));
    for refused in refused {
        let error = words(&inbox.book(&refused).await.unwrap_err());
        assert!(error.contains("must not be longer than"), "{error}");
    }
}

/// A text of four bytes a character that no compression makes shorter.
fn rare(seed: u32, length: u32) -> String {
    let scattered = |at: u32| (seed * 10_000 + at).wrapping_mul(2_654_435_761) >> 16;
    (0..length).filter_map(|at| char::from_u32(0x2_0000 + scattered(at))).collect()
}
