//! Public addresses, and the limit of connections to them.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use weifen_transport::{BuildError, NetworkFault, NotPublic, ReqwestTransport, Resolver, TransportError, is_public};

use crate::server::{ok, requests, server};
use crate::stacks::{STACKS, Settings, Stack, get};

/// First and last address of each special network.
const NOT_PUBLIC: &[(&str, &str)] = &[
    ("0.0.0.0", "0.255.255.255"),
    ("10.0.0.0", "10.255.255.255"),
    ("100.64.0.0", "100.127.255.255"),
    ("127.0.0.0", "127.255.255.255"),
    ("169.254.0.0", "169.254.255.255"),
    ("172.16.0.0", "172.31.255.255"),
    ("192.0.0.0", "192.0.0.255"),
    ("192.0.2.0", "192.0.2.255"),
    ("192.88.99.0", "192.88.99.255"),
    ("192.168.0.0", "192.168.255.255"),
    ("198.18.0.0", "198.19.255.255"),
    ("198.51.100.0", "198.51.100.255"),
    ("203.0.113.0", "203.0.113.255"),
    ("224.0.0.0", "255.255.255.255"),
    // Unspecified, loopback, IPv4-compatible.
    ("::", "::ffff:ffff"),
    ("::127.0.0.1", "::8.8.8.8"),
    // Mapped, also public addresses in the spelling of special ones.
    ("::ffff:0.0.0.0", "::ffff:0.255.255.255"),
    ("::ffff:127.0.0.1", "::ffff:192.168.1.1"),
    ("::ffff:169.254.169.254", "::ffff:100.64.0.1"),
    // Translated: SIIT, NAT64, a network's own NAT64.
    ("::ffff:0:8.8.8.8", "::ffff:0:127.0.0.1"),
    ("64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1"),
    ("64:ff9b::169.254.169.254", "64:ff9b::255.255.255.255"),
    ("64:ff9b:0:0:0:1:808:808", "64:ff9b:0:1::808:808"),
    ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
    ("64:ff9b:1::808:808", "64:ff9b:1:808:8:800::"),
    ("100::", "100::ffff:ffff:ffff:ffff"),
    ("1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::"),
    // Teredo: server 127.0.0.1; client 10.0.0.1 and 192.168.0.1, 192.0.0.1 and 203.0.113.1, in the complement.
    ("2001:0:7f00:1:0:0:f7f7:f7f7", "2001:0:7f00:1::"),
    ("2001:0:808:808:0:0:f5ff:fffe", "2001:0:808:808:0:0:3f57:fffe"),
    ("2001:0:808:808:0:0:3fff:fffe", "2001:0:808:808:0:0:34ff:8efe"),
    ("2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    // 6to4: 127.0.0.1, 10.0.0.1, 192.168.0.1, 169.254.169.254.
    ("2002:7f00:1::", "2002:a00:1::1"),
    ("2002:c0a8:1::", "2002:a9fe:a9fe::"),
    // ISATAP: 10.0.0.1, 127.0.0.1.
    ("2400::5efe:a00:1", "2400::200:5efe:7f00:1"),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("5f00::", "5f00:ffff::"),
    ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fe80::5efe:808:808", "fe80::200:5efe:808:808"),
    ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
];

/// Public neighbours of the special networks: one address before and one after each.
const PUBLIC: &[&str] = &[
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.255",
    "192.0.3.0",
    "192.88.98.255",
    "192.88.100.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "198.51.101.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2000::",
    "2001:0:808:808:0:0:f7f7:f7f7",
    "2001:200::",
    "2001:db7:ffff:ffff::",
    "2001:db9::",
    "2002:808:808::1",
    "2003::",
    "2400::5efe:808:808",
    "2606:4700::1111",
    "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff:1000::",
];

#[test]
fn every_special_address_is_told_from_the_public_ones_at_its_edges() {
    for address in NOT_PUBLIC.iter().flat_map(|(first, last)| [first, last]) {
        assert!(!is_public(address.parse().unwrap()), "{address}");
    }
    for address in PUBLIC {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}

/// Answers in turn, then always with the last answer.
#[derive(Debug)]
struct Rebinding(Mutex<VecDeque<Vec<IpAddr>>>);

impl Rebinding {
    fn answering<const N: usize>(answers: [&[&str]; N]) -> Arc<Self> {
        let parsed = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.into_iter().map(parsed).collect())))
    }

    fn left(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

#[async_trait]
impl Resolver for Rebinding {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        assert_eq!(name, "shop.example");
        let mut answers = self.0.lock().unwrap();
        Ok(if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() })
    }
}

fn public_only(resolver: Option<Arc<dyn Resolver>>, to_connect: Duration) -> Settings {
    Settings { resolver, connect_timeout: Some(to_connect), public_only: true, ..Settings::default() }
}

const SHORT: Duration = Duration::from_millis(300);

fn not_public(error: &TransportError) -> Option<&NotPublic> {
    assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
    match error.fault() {
        Some(NetworkFault::NotPublic(why)) => Some(why),
        _ => None,
    }
}

#[tokio::test]
async fn a_name_that_changes_to_loopback_after_it_was_public_leads_nowhere() {
    for stack in STACKS {
        let server = server(ok("content-length: 2", b"{}"), false);
        let url = format!("http://shop.example:{}/", server.address().port());
        // 3ffe::/16 was returned and is not routed.
        let answers: [&[&str]; 4] = [&["3ffe::1"], &["127.0.0.1"], &["::ffff:127.0.0.1", "::1"], &["127.0.0.1"]];
        let resolver = Rebinding::answering(answers);
        let transport = stack.transport(&public_only(Some(resolver.clone()), SHORT));
        let tried = get(&*transport, &url).await.unwrap_err();
        assert!(not_public(&tried).is_none(), "a public address is connected to: {tried:?}");
        assert_eq!(resolver.left(), 3, "one look-up a connection, and none of its own for the check");
        for _ in 0..3 {
            let refused = get(&*transport, &url).await.unwrap_err();
            let why = not_public(&refused).unwrap_or_else(|| panic!("{refused:?}"));
            assert_eq!(why.host(), "shop.example");
            assert_eq!(why.to_string(), "shop.example has no public address, and only public addresses are allowed");
        }
        assert_eq!(requests(&server), 0);

        let resolver = Some(Rebinding::answering([&["127.0.0.1"]]) as Arc<dyn Resolver>);
        let anywhere = stack.transport(&Settings { resolver, ..Settings::default() });
        assert_eq!(get(&*anywhere, &url).await.unwrap().body().as_ref(), b"{}", "by default any address is reached");
    }
}

#[tokio::test]
async fn of_a_names_addresses_only_the_public_ones_are_tried() {
    for stack in STACKS {
        let server = server(ok("content-length: 2", b"{}"), false);
        let resolver = Rebinding::answering([&["127.0.0.1", "3ffe::1", "::1"]]);
        let transport = stack.transport(&public_only(Some(resolver), SHORT));
        let url = format!("http://shop.example:{}/", server.address().port());
        assert!(not_public(&get(&*transport, &url).await.unwrap_err()).is_none());
        assert_eq!(requests(&server), 0);
    }
}

/// Addresses in the form in which programs write them.
const PLAIN: [&str; 11] = [
    "127.0.0.1",
    "0.0.0.0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "169.254.169.254",
    "10.0.0.1",
    "[fe80::1]",
    "[fd00::1]",
];

/// Other spellings of this machine's addresses: hyper's client takes them for names, and asks the resolver.
const ODD: [&str; 7] = ["127.1", "0x7f.1", "0177.0.0.1", "2130706433", "0x7f000001", "127.0.0.1.", "0"];

#[tokio::test]
async fn an_address_in_the_place_of_a_name_is_refused_however_it_is_written() {
    let server = server(ok("content-length: 2", b"{}"), false);
    let port = server.address().port();
    for stack in STACKS {
        let transport = stack.transport(&public_only(None, SHORT));
        for host in PLAIN.into_iter().chain(ODD) {
            for scheme in ["http", "HTTP", "https"] {
                let error = get(&*transport, &format!("{scheme}://{host}:{port}/")).await.unwrap_err();
                let why = not_public(&error);
                if PLAIN.contains(&host) || matches!(stack, Stack::Reqwest) {
                    let why = why.unwrap_or_else(|| panic!("{host}: {error:?}"));
                    assert!(why.to_string().contains("has no public address"), "{why}");
                }
            }
        }
        // A lookup may be slow, and a bare machine does not know this name.
        let is_known = ("localhost", 0).to_socket_addrs().is_ok();
        let transport = stack.transport(&public_only(None, Duration::from_secs(60)));
        for name in ["localhost", "LOCALHOST"] {
            let error = get(&*transport, &format!("http://{name}:{port}/")).await.unwrap_err();
            assert_eq!(not_public(&error).is_some(), is_known, "{name}: {error:?}");
        }
    }
    assert_eq!(requests(&server), 0);
}

#[test]
fn through_a_proxy_nobody_could_tell_and_the_two_are_refused_together() {
    let both = ReqwestTransport::builder().public_only(true).proxy("http://proxy.example:3128");
    let error = both.build().unwrap_err();
    assert!(matches!(error, BuildError::ProxyHidesAddresses), "{error:?}");
}
