//! The places of connections: which connection loses its own, and which keeps it.

use ipnet::IpNet;
use tokio::time::timeout;
use weifen_inbox::ServerLimits;

use super::wire::{Connection, HANGS, post};
use super::{SECRET, Site, patient};
use crate::support::push;

/// A server with so many places, of which loopback may have as many as any other address.
async fn site(connections: usize) -> Site {
    Site::with_limits(ServerLimits { connections, uncapped: Vec::new(), ..patient() }).await
}

/// With so many places, all of which loopback may have.
async fn uncapped(connections: usize) -> Site {
    Site::with_limits(ServerLimits { connections, ..patient() }).await
}

fn figure(site: &Site, name: &str) -> u64 {
    super::counted(&site.server.figures()(), &format!("weifen_http_{name}"))
}

fn closed(site: &Site, reason: &str) -> u64 {
    figure(site, &format!("connections_closed_total{{reason=\"{reason}\"}}"))
}

/// Waits until so many connections are open.
async fn until_open(site: &Site, count: u64) {
    let open = async {
        while figure(site, "connections") != count {
            tokio::task::yield_now().await;
        }
    };
    timeout(HANGS, open).await.unwrap_or_else(|_| panic!("{count} are never open"));
}

#[tokio::test]
async fn where_all_are_taken_the_connection_that_has_waited_longest_is_closed() {
    let site = uncapped(2).await;
    let (longest, mut other) = (site.connect().await, site.connect().await);
    until_open(&site, 2).await;
    assert_eq!(site.post(&push("a")).await.status, 200);
    assert_eq!(longest.end().await, b"");
    assert_eq!(other.post(&format!("/push/{SECRET}"), &push("b")).await.status, 200, "it kept its place");
    assert_eq!((closed(&site, "places_full"), figure(&site, "connections_max")), (1, 2));
}

#[tokio::test]
async fn a_connection_that_has_asked_has_waited_since_its_answer() {
    let site = uncapped(2).await;
    let mut first = site.connect().await;
    until_open(&site, 1).await;
    let second = site.connect().await;
    until_open(&site, 2).await;
    assert_eq!(first.post(&format!("/push/{SECRET}"), &push("a")).await.status, 200);
    assert_eq!(site.post(&push("b")).await.status, 200);
    assert_eq!(second.end().await, b"");
    assert_eq!(first.post(&format!("/push/{SECRET}"), &push("c")).await.status, 200);
}

#[tokio::test]
async fn a_push_that_is_stored_keeps_its_place() {
    let site = uncapped(1).await;
    let lock = site.lock().await;
    let mut first = site.connect().await;
    first.send(post(&format!("/push/{SECRET}"), "", &push("a"))).await;
    site.until_received(1).await;
    let mut second = site.connect().await;
    second.send(post(&format!("/push/{SECRET}"), "", &push("b"))).await;
    lock.release().await;
    assert_eq!((first.answer().await.status, second.answer().await.status), (200, 200));
}

#[tokio::test]
async fn a_strangers_body_keeps_no_place() {
    let site = uncapped(1).await;
    let mut stranger = site.connect().await;
    stranger.send("POST /x HTTP/1.1\r\nhost: h\r\ncontent-length: 60000\r\n\r\n ").await;
    let refused = "weifen_inbox_refused_total{status=\"404\"} 1\n";
    let is_refused = async { while !site.inbox.metrics().await.unwrap().contains(refused) {} };
    timeout(HANGS, is_refused).await.expect("its header is read");
    assert_eq!(site.post(&push("a")).await.status, 200);
    assert_eq!(stranger.end().await, b"");
}

#[tokio::test]
async fn an_address_has_a_quarter_and_loses_its_own_to_itself() {
    let site = site(8).await;
    let (first, mut second) = (site.connect().await, site.connect().await);
    until_open(&site, 2).await;
    assert_eq!(site.post(&push("a")).await.status, 200);
    assert_eq!(first.end().await, b"");
    assert_eq!(second.post(&format!("/push/{SECRET}"), &push("b")).await.status, 200);
    assert_eq!((closed(&site, "address_full"), closed(&site, "places_full")), (1, 0));
}

#[tokio::test]
async fn an_address_whose_places_are_all_needed_gets_no_more() {
    let site = site(4).await;
    let lock = site.lock().await;
    let mut first = site.connect().await;
    first.send(post(&format!("/push/{SECRET}"), "", &push("a"))).await;
    site.until_received(1).await;
    assert_eq!(Connection::open(site.server.local_addr()).await.end().await, b"");
    lock.release().await;
    assert_eq!(first.answer().await.status, 200);
    assert_eq!(closed(&site, "address_full"), 1);
}

#[tokio::test]
async fn loopback_and_trusted_proxies_have_no_share() {
    let networks = |text: &str| vec![text.parse::<IpNet>().unwrap()];
    let by_default = uncapped(4).await;
    let limits = ServerLimits { connections: 4, uncapped: Vec::new(), ..patient() };
    let by_proxy = Site::with(|receiver| receiver.trusted_proxies(networks("127.0.0.1/32")), limits).await;
    for site in [by_default, by_proxy] {
        let _silent = [site.connect().await, site.connect().await, site.connect().await];
        until_open(&site, 3).await;
        assert_eq!(site.post(&push("a")).await.status, 200);
        assert_eq!((closed(&site, "address_full"), closed(&site, "places_full")), (0, 0));
    }
}

#[tokio::test]
async fn one_that_may_not_push_gets_no_place_and_no_answer() {
    let networks = |text: &str| vec![text.parse::<IpNet>().unwrap()];
    let site = Site::with(|receiver| receiver.allow_ips(networks("203.0.113.0/24")), patient()).await;
    for _ in 0..3 {
        assert_eq!(site.connect().await.end().await, b"");
    }
    assert_eq!((closed(&site, "not_allowed"), figure(&site, "connections")), (3, 0));
}

#[tokio::test]
async fn who_asks_for_what_is_not_there_is_answered_and_let_go() {
    let site = Site::new().await;
    let mut connection = site.connect().await;
    assert_eq!(connection.get("/x").await.status, 404);
    assert_eq!(connection.end().await, b"");
}
