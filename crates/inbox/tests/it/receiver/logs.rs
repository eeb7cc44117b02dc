//! The receiver's log: its lines, and the values that it never holds.

use weifen_inbox::Bookings;

use super::{SECRET, Site};
use crate::log::{listening, of_databases};
use crate::support::{booking, push};

/// A receiver behind a proxy, to which hardly anybody may push.
async fn behind_a_proxy() -> Site {
    let networks = |text: &str| vec![text.parse().unwrap()];
    let (allowed, proxies) = (networks("203.0.113.0/24"), networks("127.0.0.1/32"));
    let site = Site::with(|it| it.allow_ips(allowed).trusted_proxies(proxies), super::patient()).await;
    tracing::callsite::rebuild_interest_cache();
    site
}

#[tokio::test]
async fn a_sender_that_may_not_push_is_told_of_once_a_minute() {
    let (log, _logging) = listening();
    let site = behind_a_proxy().await;
    let address = format!("/push/{SECRET}");
    let turned_away = async |headers: &str| {
        assert_eq!(site.connect().await.post_with(&address, headers, &push("canary")).await.status, 403);
    };
    for _ in 0..3 {
        turned_away("x-forwarded-for: 198.51.100.7\r\n").await;
        turned_away("x-forwarded-for: 198.51.100.8\r\n").await;
        turned_away("").await;
    }
    assert_eq!(log.lines("serve.allow_ips"), 2);
    assert_eq!((log.lines("sender=198.51.100.7"), log.lines("sender=198.51.100.8")), (1, 1));
    assert_eq!((log.lines("proxy=127.0.0.1"), log.lines("X-Forwarded-For")), (1, 1));
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(61)).await;
    tokio::time::resume();
    turned_away("x-forwarded-for: 198.51.100.7\r\n").await;
    assert_eq!((log.lines("sender=198.51.100.7"), log.lines("sender=198.51.100.8")), (2, 1));
    assert_eq!((log.lines("canary"), log.lines(SECRET)), (0, 0));
}

#[tokio::test]
async fn addresses_without_number_fill_neither_the_log_nor_memory() {
    let (log, _logging) = listening();
    let site = behind_a_proxy().await;
    for number in 0..1100 {
        let headers = format!("x-forwarded-for: 2001:db8::{number:x}\r\n");
        assert_eq!(site.connect().await.post_with("/", &headers, "").await.status, 403);
    }
    assert_eq!(log.lines("serve.allow_ips"), 1024);
}

#[tokio::test]
async fn a_held_push_is_told_of_once_for_each_reason_and_what_to_do() {
    let (log, _logging) = listening();
    let site = Site::new().await;
    tracing::callsite::rebuild_interest_cache();
    let another = weifen_inbox::Booking::new(
        "fs-developer",
        "canary-booked".parse().unwrap(),
        "device-2",
        "wx-account",
        super::LONG,
    );
    site.inbox.book(&another).await.unwrap();
    for user in ["canary-1", "canary-2", "canary-booked"] {
        site.post(&push(user)).await;
    }
    assert_eq!(log.lines("weifen inbox list --held"), 2);
    assert_eq!((log.lines("reason=\"not_booked\""), log.lines("reason=\"other_device\"")), (1, 1));
    assert_eq!((log.lines("serve.unsolicited"), log.lines("canary")), (1, 0));
    let booking = booking("canary-asked-for");
    site.inbox.book(&booking).await.unwrap();
    site.post(&push("canary-asked-for")).await;
    assert_eq!(log.lines("is held"), 2);
}

#[tokio::test]
async fn no_log_holds_a_secret_an_address_or_who_followed() {
    let (log, _logging) = listening();
    let of_databases = of_databases();
    let site = Site::with(|it| it.trusted_proxies(vec!["127.0.0.1/32".parse().unwrap()]), super::patient()).await;
    // For the places that others came to just before that.
    tracing::callsite::rebuild_interest_cache();
    let canary =
        push("canary-user").replace("an account", "canary-account").replace("fs-developer", "canary-developer");
    let mut connection = site.connect().await;
    let target = format!("/push/{SECRET}?state=canary-query");
    assert_eq!(connection.post(&target, &push("canary-user")).await.status, 200);
    assert_eq!(connection.post(&target, &canary).await.status, 200);
    assert_eq!(connection.post(&target, "{\"key\":\"canary-key\"}").await.status, 200);
    assert_eq!(site.connect().await.post("/push/canary-wrong-secret", &canary).await.status, 404);
    let lock = site.lock().await;
    assert_eq!(connection.post(&target, &push("canary-locked")).await.status, 503);
    lock.release().await;
    assert!(of_databases.lines("INSERT INTO") > 0);
    let log = log.text() + &of_databases.text();
    assert!(log.contains("a push was not stored and not acknowledged"), "{log}");
    assert!(log.contains("went to quarantine"), "{log}");
    assert!(!log.contains("canary") && !log.contains(SECRET) && !log.contains("/push/"), "{log}");
}
