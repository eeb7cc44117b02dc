//! The sender's address behind proxies, as a table: the rule of the forwarded headers.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use weifen_inbox::Receiver;

use super::SECRET;
use crate::support::{Folder, Receiving, push};

const CLIENT: &str = "203.0.113.7";

/// Returns true if a request of this peer with these headers is attributed to the client.
async fn is_the_clients(inbox: &Receiving, peer: Option<&str>, headers: &[(&str, &str)]) -> bool {
    let networks = |all: &[&str]| all.iter().map(|network| network.parse().unwrap()).collect();
    let receiver = super::receiver(inbox)
        .allow_ips(networks(&["203.0.113.7/32", "2001:db8::7/128"]))
        .trusted_proxies(networks(&["10.0.0.0/8", "fd00::/8", "::ffff:192.168.0.0/112"]));
    match answered(receiver, peer, headers).await {
        StatusCode::OK => true,
        StatusCode::FORBIDDEN => false,
        other => panic!("{other}"),
    }
}

async fn answered(receiver: Receiver, peer: Option<&str>, headers: &[(&str, &str)]) -> StatusCode {
    let mut request = Request::post(format!("/push/{SECRET}"));
    for (name, value) in headers {
        request = request.header(*name, value.as_bytes());
    }
    let mut request = request.body(Body::from(push("u"))).unwrap();
    if let Some(peer) = peer {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4711)));
    }
    TowerToHyperService::new(receiver.router()).call(request).await.unwrap().status()
}

async fn check(is: bool, rows: &[(&str, &[(&str, &str)])]) {
    let folder = Folder::new();
    let inbox = folder.inbox().await;
    for (peer, headers) in rows {
        assert_eq!(is_the_clients(&inbox, Some(peer), headers).await, is, "{peer} {headers:?}");
    }
}

#[tokio::test]
async fn without_a_trusted_proxy_the_peer_is_the_client() {
    check(true, &[(CLIENT, &[]), ("::ffff:203.0.113.7", &[]), ("2001:db8::7", &[])]).await;
    check(true, &[(CLIENT, &[("x-forwarded-for", "1.1.1.1")]), (CLIENT, &[("forwarded", "for=1.1.1.1")])]).await;
    check(false, &[("203.0.113.8", &[]), ("203.0.113.8", &[("x-forwarded-for", CLIENT)]), ("2001:db8::8", &[])]).await;
}

#[tokio::test]
async fn x_forwarded_for_is_read_from_its_end_past_trusted_proxies() {
    let name = "x-forwarded-for";
    check(
        true,
        &[
            ("10.0.0.1", &[(name, CLIENT)]),
            ("::ffff:10.0.0.1", &[(name, CLIENT)]),
            ("192.168.0.9", &[(name, CLIENT)]),
            ("fd00::1", &[(name, "2001:db8::7")]),
            ("10.0.0.1", &[(name, " 203.0.113.7 ,10.0.0.2,fd00::2 ")]),
            ("10.0.0.1", &[(name, "1.1.1.1, 203.0.113.7")]),
            ("10.0.0.1", &[(name, "garbage, 203.0.113.7")]),
            ("10.0.0.1", &[(name, "1.1.1.1"), (name, "203.0.113.7, 10.0.0.3"), (name, "10.0.0.2")]),
            ("10.0.0.1", &[(name, "203.0.113.7:4711")]),
            ("10.0.0.1", &[(name, "[2001:db8::7]:4711")]),
            ("10.0.0.1", &[(name, "[2001:db8::7]")]),
            ("10.0.0.1", &[(name, "::ffff:203.0.113.7")]),
        ],
    )
    .await;
    check(
        false,
        &[
            ("10.0.0.1", &[(name, "203.0.113.7, 1.1.1.1")]),
            ("10.0.0.1", &[(name, CLIENT), (name, "1.1.1.1")]),
            ("10.0.0.1", &[(name, "203.0.113.7, 1.1.1.1, 10.0.0.2")]),
            ("11.0.0.1", &[(name, CLIENT)]),
        ],
    )
    .await;
}

#[tokio::test]
async fn forwarded_is_read_where_there_is_no_x_forwarded_for() {
    let name = "forwarded";
    check(
        true,
        &[
            ("10.0.0.1", &[(name, "for=203.0.113.7")]),
            ("10.0.0.1", &[(name, "For=203.0.113.7;proto=https;by=10.0.0.1")]),
            ("10.0.0.1", &[(name, "by=10.0.0.1 ; FOR = \"203.0.113.7:4711\"")]),
            ("10.0.0.1", &[(name, "for=\"[2001:db8::7]:4711\"")]),
            ("10.0.0.1", &[(name, "for=1.1.1.1, for=203.0.113.7, for=10.0.0.2;host=\"a,b;for=1.1.1.1\"")]),
            ("10.0.0.1", &[(name, "for=unknown, for=203.0.113.7")]),
            ("10.0.0.1", &[(name, "for=\"broken"), (name, "for=203.0.113.7")]),
            ("10.0.0.1", &[(name, "host=\"a\\\"b\";for=203.0.113.7")]),
        ],
    )
    .await;
    check(
        false,
        &[
            ("10.0.0.1", &[(name, "for=203.0.113.7, for=1.1.1.1")]),
            ("10.0.0.1", &[(name, "for=203.0.113.7;x=\", for=1.1.1.1")]),
            ("10.0.0.1", &[(name, "for=203.0.113.7;x=\", for=\"[2001:db8::8]\"")]),
            ("10.0.0.1", &[(name, "for=203.0.113.7;x=\"\\, for=\"1.1.1.1\"")]),
            ("10.0.0.1", &[(name, "for=203.0.113.7;for=203.0.113.7")]),
        ],
    )
    .await;
}

#[tokio::test]
async fn where_a_proxy_does_not_say_from_where_it_is_nowhere_known() {
    check(
        false,
        &[
            ("10.0.0.1", &[]),
            ("10.0.0.1", &[("x-real-ip", CLIENT)]),
            ("10.0.0.1", &[("x-forwarded-for", "")]),
            ("10.0.0.1", &[("x-forwarded-for", "unknown")]),
            ("10.0.0.1", &[("x-forwarded-for", "203.0.113.7,")]),
            ("10.0.0.1", &[("x-forwarded-for", "203.0.113.7, , 10.0.0.2")]),
            ("10.0.0.1", &[("x-forwarded-for", "203.0.113.7 1.1.1.1")]),
            ("10.0.0.1", &[("x-forwarded-for", "\u{e9}")]),
            ("10.0.0.1", &[("forwarded", "proto=https")]),
            ("10.0.0.1", &[("forwarded", "for=_hidden")]),
            ("10.0.0.1", &[("forwarded", "for=203.0.113.7, for=unknown")]),
        ],
    )
    .await;
}

#[tokio::test]
async fn two_headers_have_to_agree() {
    let older = ("x-forwarded-for", CLIENT);
    check(true, &[("10.0.0.1", &[older, ("forwarded", "for=203.0.113.7")])]).await;
    check(
        false,
        &[
            ("10.0.0.1", &[older, ("forwarded", "for=1.1.1.1")]),
            ("10.0.0.1", &[older, ("forwarded", "for=unknown")]),
            ("10.0.0.1", &[("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=203.0.113.7")]),
        ],
    )
    .await;
}

/// Sends a request of a proxy's own, where the networks `list` may push; returns the answer's status.
async fn a_proxys_own(list: &str, headers: &[(&str, &str)]) -> StatusCode {
    let folder = Folder::new();
    let receiver = super::receiver(&folder.inbox().await).allow_ips(vec![list.parse().unwrap()]);
    let receiver = receiver.trusted_proxies(vec!["10.0.0.0/8".parse().unwrap()]);
    answered(receiver, Some("10.0.0.1"), headers).await
}

#[tokio::test]
async fn where_all_are_proxies_the_farthest_pushed() {
    let headers = [("x-forwarded-for", "10.0.0.3, 10.0.0.2")];
    assert_eq!(a_proxys_own("10.0.0.3/32", &headers).await, StatusCode::OK);
    assert_eq!(a_proxys_own("10.0.0.2/32", &headers).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_proxy_that_says_nothing_may_hide_anyone() {
    assert_eq!(a_proxys_own("10.0.0.0/8", &[]).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_server_that_tells_no_peer_lets_nobody_in() {
    let folder = Folder::new();
    let inbox = folder.inbox().await;
    assert!(!is_the_clients(&inbox, None, &[("x-forwarded-for", CLIENT)]).await);
}
