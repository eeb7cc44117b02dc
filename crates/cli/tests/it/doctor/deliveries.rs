//! The receiver of deliveries: missing, away, or not allowed.

use super::clinic::{Clinic, DELIVER_SECRET, Report};
use super::push::with_secret;
use crate::support::{Program, Reply, Server};

/// A doctor of one who delivers to `url`.
fn delivering(clinic: &Clinic, url: &str) -> Program {
    with_secret(clinic)
        .env("WEIFEN_SERVE_DELIVER_URL", url)
        .env("WEIFEN_SERVE_DELIVER_SECRET_FILE", &clinic.file("deliver-secret", DELIVER_SECRET))
}

#[test]
fn deliveries_need_both_a_url_and_a_secret() {
    let clinic = Clinic::new();
    let (url, secret) = ("WEIFEN_SERVE_DELIVER_URL", "WEIFEN_SERVE_DELIVER_SECRET_FILE");
    Report::of(with_secret(&clinic)).says("push", "deliveries", "warning", "off");
    let file = clinic.file("deliver-secret", DELIVER_SECRET);
    Report::of(with_secret(&clinic).env(secret, &file)).says("push", "deliveries", "problem", "does not start");
    let report = Report::of(with_secret(&clinic).env(url, &Server::nowhere()));
    report.says("push", "deliveries", "problem", "does not start");
    report.says("push", "receiver", "problem", "refused");
    let receiver = report.checks().iter().find(|check| check["name"] == "receiver").unwrap();
    let advice = receiver["advice"].as_str().unwrap();
    assert!(advice.contains("start the program") && !advice.contains("firewall"), "{advice}");
}

#[test]
fn deliveries_that_callers_of_the_api_claim_need_no_url() {
    let clinic = Clinic::new();
    let key = clinic.file("shop-key", &"k".repeat(32));
    let with_scope = |scope: &str| {
        let caller = format!("[[api.callers]]\nname = 'shop'\nkey_file = '{key}'\nscopes = ['{scope}']\n");
        let toml = clinic.file("weifen.toml", &format!("[api]\nlisten = '127.0.0.1:0'\n{caller}"));
        Report::of(with_secret(&clinic).env("WEIFEN_CONFIG", &toml))
    };
    with_scope("deliveries").says("push", "deliveries", "ok", "claimed");
    with_scope("token").says("push", "deliveries", "warning", "off");
}

#[test]
fn a_receiver_is_connected_to_and_gets_no_byte() {
    let (clinic, receiver) = (Clinic::new(), Server::start(|_| Reply::Close));
    let report = Report::of(delivering(&clinic, &format!("{}/CANARY?t=CANARY", receiver.url())));
    report.says("push", "deliveries", "ok", &format!("to {}, signed", receiver.url()));
    report.says("push", "receiver", "ok", "nothing was sent");
    assert_eq!(receiver.requests().len(), 0);
    assert!(!report.ended.printed().contains("CANARY"));
}

#[test]
fn a_host_without_a_public_address_is_a_problem_where_only_those_are_delivered_to() {
    let (clinic, receiver) = (Clinic::new(), Server::start(|_| Reply::Close));
    let port = receiver.url().rsplit(':').next().unwrap().to_owned();
    for host in ["127.0.0.1", "0x7f.1", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "192.168.0.1"] {
        let program =
            delivering(&clinic, &format!("http://{host}:{port}/")).env("WEIFEN_SERVE_DELIVER_PUBLIC_ONLY", "true");
        let report = Report::of(program.arg("--timeout=2"));
        report.says("push", "deliveries", "ok", "to public addresses only");
        report.says("push", "receiver", "problem", "has no public address");
        let line = report.checks().iter().find(|check| check["name"] == "receiver").unwrap();
        assert!(line["advice"].as_str().unwrap().contains("serve.deliver_public_only"), "{line}");
    }
    let any = delivering(&clinic, &receiver.url()).env("WEIFEN_SERVE_DELIVER_PUBLIC_ONLY", "false");
    Report::of(any).says("push", "receiver", "ok", "nothing was sent");
}

#[test]
fn where_they_may_go_is_not_guessed() {
    let (clinic, receiver) = (Clinic::new(), Server::start(|_| Reply::Close));
    for wrong in ["maybe", "true"] {
        // The second can't be kept beside a proxy.
        let program = delivering(&clinic, &receiver.url()).env("WEIFEN_SERVE_DELIVER_PUBLIC_ONLY", wrong);
        let report = Report::of(program.env("WEIFEN_HTTP_PROXY", &receiver.url()));
        report.says("configuration", "serve.deliver_public_only", "problem", "expected");
        report.says("push", "deliveries", "warning", "not checked: serve.deliver_public_only");
    }
}
