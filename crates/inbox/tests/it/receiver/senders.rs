//! An allow-list, with and without proxies, over real connections.

use weifen_inbox::Receiver;

use super::wire::{Connection, post};
use super::{SECRET, Site, patient};
use crate::support::push;

async fn site(set: impl FnOnce(Receiver) -> Receiver) -> Site {
    Site::with(set, patient()).await
}

async fn status(site: &Site, headers: &str) -> u16 {
    site.connect().await.post_with(&format!("/push/{SECRET}"), headers, &push("u")).await.status
}

/// A push by a connection that is closed unanswered.
async fn is_closed(site: &Site, headers: &str) {
    let request = post(&format!("/push/{SECRET}"), headers, &push("u"));
    let connection = Connection::open_with(site.server.local_addr(), request.as_bytes());
    assert_eq!(connection.end().await, b"", "{headers}");
}

#[tokio::test]
async fn only_those_on_the_list_may_push() {
    let local = site(|receiver| receiver.allow_ips(vec!["127.0.0.0/8".parse().unwrap()])).await;
    assert_eq!(status(&local, "").await, 200);
    let remote = site(|receiver| receiver.allow_ips(vec!["203.0.113.0/24".parse().unwrap()])).await;
    is_closed(&remote, "").await;
    assert!(remote.is_empty().await);
}

#[tokio::test]
async fn a_forwarded_header_of_a_stranger_is_not_believed() {
    let site = site(|receiver| receiver.allow_ips(vec!["203.0.113.7/32".parse().unwrap()])).await;
    for headers in ["x-forwarded-for: 203.0.113.7\r\n", "forwarded: for=203.0.113.7\r\n", "x-real-ip: 203.0.113.7\r\n"]
    {
        is_closed(&site, headers).await;
    }
    assert!(site.is_empty().await);
}

#[tokio::test]
async fn a_trusted_proxy_says_who_pushed() {
    let site = site(|receiver| {
        let allowed = vec!["203.0.113.7/32".parse().unwrap()];
        receiver.allow_ips(allowed).trusted_proxies(vec!["127.0.0.1/32".parse().unwrap()])
    })
    .await;
    assert_eq!(status(&site, "x-forwarded-for: 203.0.113.7\r\n").await, 200);
    assert_eq!(status(&site, "x-forwarded-for: 203.0.113.7, 198.51.100.1\r\n").await, 403, "the left one is spoofed");
}

#[tokio::test]
async fn who_may_not_push_does_not_learn_whether_the_secret_is_right() {
    let site = site(|receiver| {
        let allowed = vec!["203.0.113.7/32".parse().unwrap()];
        receiver.allow_ips(allowed).trusted_proxies(vec!["127.0.0.1/32".parse().unwrap()])
    })
    .await;
    let right = site.post(&push("u")).await;
    assert_eq!(right.status, 403);
    for target in ["/push/wrong", "/", &format!("/push/{SECRET}/")] {
        assert_eq!(site.connect().await.post(target, &push("u")).await, right, "{target}");
    }
    assert_eq!(site.connect().await.get(&format!("/push/{SECRET}")).await, right);
}
