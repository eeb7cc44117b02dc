//! Receiving pushes and delivering them on: what is missing, in the way, or away.

use std::net::TcpListener;

use super::clinic::{Clinic, DELIVER_SECRET, PUSH_SECRET, Report};
use crate::support::{InboxFile, Program, Reply, Server};

fn with_secret(clinic: &Clinic) -> Program {
    clinic.doctor().env("WEIFEN_SERVE_PUSH_SECRET_FILE", &clinic.file("push-secret", PUSH_SECRET))
}

#[test]
fn secrets_are_counted_and_weak_ones_refused_without_being_shown() {
    let clinic = Clinic::new();
    let report = |content: &str| {
        let program = clinic.doctor().env("WEIFEN_SERVE_PUSH_SECRET_FILE", &clinic.file("push-secret", content));
        Report::of(program)
    };
    report(PUSH_SECRET).says("push", "secret", "ok", "1, strong enough");
    report(&format!("{PUSH_SECRET}\n{PUSH_SECRET}\n")).says("push", "secret", "ok", "2, strong enough");
    let weak = report("CANARY");
    weak.says("secrets", "serve.push_secret_file", "problem", "22 or more base64url");
    assert!(!weak.ended.printed().contains("CANARY"));
    Report::of(clinic.doctor()).says("push", "secret", "problem", "does not start");
}

#[test]
fn the_url_to_enter_is_told_without_the_secret() {
    let clinic = Clinic::new();
    let report = Report::of(with_secret(&clinic));
    report.says("push", "push URL", "ok", "https://YOUR.HOST/push/SECRET");
    assert!(!report.ended.printed().contains(PUSH_SECRET));
}

#[test]
fn an_address_that_another_program_uses_is_a_problem() {
    let (clinic, other) = (Clinic::new(), TcpListener::bind("127.0.0.1:0").unwrap());
    let address = other.local_addr().unwrap().to_string();
    let report = Report::of(with_secret(&clinic).env("WEIFEN_SERVE_LISTEN", &address));
    report.says("push", "listen", "problem", "is in use");
    report.says("push", "admin_listen", "ok", "is free");
    let report = Report::of(with_secret(&clinic).env("WEIFEN_SERVE_LISTEN", "192.0.2.1:8320"));
    report.says("push", "listen", "problem", "can't be listened on");
}

#[test]
fn addresses_that_our_own_server_uses_are_well() {
    let clinic = Clinic::new();
    let secret = clinic.file("push-secret", PUSH_SECRET);
    let server = clinic.with(Program::new(&["serve", "--json"])).env("WEIFEN_FENSI_DEVELOP_APPID", "fs-appid");
    let mut server = server.env("WEIFEN_SERVE_PUSH_SECRET_FILE", &secret).start();
    let ready: serde_json::Value = serde_json::from_str(&server.line()).unwrap();
    let report = Report::of(
        with_secret(&clinic)
            .env("WEIFEN_SERVE_LISTEN", ready["listen"].as_str().unwrap())
            .env("WEIFEN_SERVE_ADMIN_LISTEN", ready["admin_listen"].as_str().unwrap()),
    );
    report.says("push", "listen", "ok", "in use by a server of weifen");
    report.says("push", "admin_listen", "ok", "in use by a server of weifen");
}

#[test]
fn whose_pushes_they_are_has_to_be_known() {
    let clinic = Clinic::new();
    let report = Report::of(with_secret(&clinic));
    report.says("push", "develop_appid", "problem", "does not start");
    report.says("push", "keys", "warning", "none known");
    let known = with_secret(&clinic).env("WEIFEN_SERVE_KEYS", "a,b");
    Report::of(known).says("push", "keys", "ok", "2 known");
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
}

#[test]
fn a_receiver_is_connected_to_and_gets_no_byte() {
    let (clinic, receiver) = (Clinic::new(), Server::start(|_| Reply::Close));
    let report = Report::of(
        with_secret(&clinic)
            .env("WEIFEN_SERVE_DELIVER_URL", &format!("{}/CANARY?t=CANARY", receiver.url()))
            .env("WEIFEN_SERVE_DELIVER_SECRET_FILE", &clinic.file("deliver-secret", DELIVER_SECRET)),
    );
    report.says("push", "deliveries", "ok", &format!("to {}, signed", receiver.url()));
    report.says("push", "receiver", "ok", "nothing was sent");
    assert_eq!(receiver.requests().len(), 0);
    assert!(!report.ended.printed().contains("CANARY"));
}

#[test]
fn who_only_names_the_inbox_is_not_asked_for_what_a_server_needs() {
    let inbox = InboxFile::with(&[]);
    let program = Program::new(&["doctor", "--json"]).env("WEIFEN_SERVE_DATABASE", &inbox.name());
    let report = Report::of(program);
    report.says("push", "set up", "ok", "no");
    assert_eq!(report.ended.code, 0, "{report:?}");
}
