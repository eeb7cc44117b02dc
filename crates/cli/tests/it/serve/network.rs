//! Certificate authorities and proxies of deliveries, and addresses that they may not go to.

use serde_json::{Value, json};
use xtask_services::signal::Signal;

use super::pushes;
use super::serving::Serving;
use super::setup::{DELIVER_SECRET, Setup};
use crate::patience::eventually;
use crate::support::{Authority, PROXIES, RawRequest, Reply, Server};

fn takes(_: &RawRequest) -> Reply {
    Reply::with("204 No Content", "", "")
}

fn delivering_to(url: &str) -> Setup {
    let setup = Setup::new().paying_all().with("backoff_base_ms", "20").with("deliver_url", url);
    let secret = setup.file("deliver-secret", DELIVER_SECRET);
    setup.with("deliver_secret_file", &secret)
}

/// The status of the only event, after `attempts` failed attempts.
fn tried(setup: &Setup, serving: &Serving, attempts: u64) -> Value {
    let enough = || (serving.metric("weifen_inbox_retried_total") >= attempts).then_some(());
    eventually("it was tried", enough);
    setup.events()[0]["status"].clone()
}

#[test]
fn deliveries_trust_the_authorities_of_the_configured_file_and_no_others() {
    let (ours, strange) = (Authority::new(), Authority::new());
    let business = Server::encrypted(&ours, takes);
    let setup = delivering_to(&format!("{}/follows", business.url()));
    let trusting = |authority: &Authority| setup.file("ca.pem", &authority.pem());

    let ca_file = trusting(&strange);
    let setup = setup.with_http("ca_file", &ca_file);
    let serving = setup.serve();
    assert_eq!(serving.push(&pushes::json("u")).status, 200);
    assert_eq!(tried(&setup, &serving, 1), "pending");
    serving.end(Signal::TERM);
    assert!(business.requests().is_empty());

    setup.file("ca.pem", &ours.pem());
    let serving = setup.serve();
    serving.has_delivered_all();
    assert_eq!(setup.events()[0]["status"], "delivered");
    assert_eq!(business.requests()[0].line, "POST /follows HTTP/1.1");
}

#[test]
fn the_environments_proxies_are_not_used_for_deliveries() {
    let (business, proxy) = (Server::start(takes), Server::start(|_| Reply::Close));
    let setup = PROXIES.iter().fold(delivering_to(&business.url()), |setup, name| setup.env(name, &proxy.url()));
    let serving = setup.serve();
    assert_eq!(serving.push(&pushes::json("u")).status, 200);
    serving.has_delivered_all();
    assert_eq!((business.requests().len(), proxy.requests().len()), (1, 0));
}

#[test]
fn a_configured_proxy_is_used_for_deliveries() {
    let proxy = Server::start(takes);
    let setup = delivering_to("http://shop.invalid/follows").with_http("proxy", &proxy.url());
    let serving = setup.serve();
    assert_eq!(serving.push(&pushes::json("u")).status, 200);
    serving.has_delivered_all();
    assert_eq!(proxy.requests()[0].line, "POST http://shop.invalid/follows HTTP/1.1");
}

#[test]
fn deliveries_to_public_addresses_only_go_to_no_other_and_lose_no_event() {
    let business = Server::start(takes);
    let port = business.url().rsplit(':').next().unwrap().to_owned();
    for host in ["127.0.0.1", "0x7f.1", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "169.254.169.254"] {
        let setup = delivering_to(&format!("http://{host}:{port}/follows")).with("deliver_public_only", "true");
        let serving = setup.serve();
        assert_eq!(serving.push(&pushes::json("u")).status, 200);
        assert_eq!(tried(&setup, &serving, 2), "pending");
        assert_eq!(serving.metric("weifen_inbox_pending"), 1);
        assert!(
            setup.log().contains("has no public address, and only public addresses are allowed"),
            "{}",
            setup.log()
        );
        serving.end(Signal::TERM);
        assert!(business.requests().is_empty(), "{host}");

        let setup = setup.with("deliver_public_only", "false").with("deliver_url", &business.url());
        setup.serve().has_delivered_all();
        assert_eq!(business.take_requests().len(), 1, "the event was kept");
    }
}

#[test]
fn public_addresses_only_and_a_proxy_are_refused_together() {
    let setup = delivering_to("https://shop.example/").with("deliver_public_only", "true");
    let error = setup.with_http("proxy", "http://127.0.0.1:1").run(&["serve", "--json"]).error(3);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("WEIFEN_SERVE_DELIVER_PUBLIC_ONLY") && message.contains("http.proxy"), "{message}");
    assert_eq!(error["kind"], json!("config"));
}
