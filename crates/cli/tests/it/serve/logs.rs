//! A server's log: enough for its operator, and no secret and no user.

use super::business::{Answer, Business};
use super::client;
use super::pushes;
use super::setup::{DELIVER_SECRET, PUSH_SECRET, Setup};
use crate::patience::eventually;
use serde_json::Value;
use xtask_services::signal::Signal;

/// Runs one server through all kinds of trouble; returns its log.
fn life(flags: &[&str]) -> String {
    let business = Business::start();
    let setup = Setup::new().delivering_to(&business).with("backoff_base_ms", "1").with("max_attempts", "3");
    let setup = setup.with("deliver_url", &format!("{}?CANARY-url", business.url()));
    setup.book("CANARY-booked");
    setup.book("CANARY-dead");
    let serving = setup.start_with(flags).ready();
    let quarantined = r#"{"key":"CANARY-key","develop_appid":"CANARY-other","auth_open_id":"CANARY-foreign"}"#;
    for body in [&pushes::json("CANARY-booked"), &pushes::json("CANARY-forged"), quarantined, "CANARY body"] {
        assert_eq!(serving.push(body).status, 200);
    }
    assert_eq!(client::post(serving.address, "/push/CANARY-secret?CANARY-query", "CANARY body").status, 404);
    eventually("one is delivered", || (business.taken().len() == 1).then_some(()));
    business.answers(Answer::Status(500));
    assert_eq!(serving.push(&pushes::json("CANARY-dead")).status, 200);
    eventually("one is dead", || (serving.metric("weifen_inbox_waiting_dead") == 1).then_some(()));
    let end = serving.end(Signal::TERM);
    assert_eq!(end.code, Some(0));
    format!("{}{}", setup.log(), end.stdout.join("\n"))
}

#[test]
fn neither_secrets_nor_users_are_ever_told() {
    for flags in [&["-vv"][..], &["-vv", "--log", "text"]] {
        let said = life(flags);
        let of_push = PUSH_SECRET.get(8..).unwrap();
        let of_deliveries = DELIVER_SECRET.strip_prefix("whsec_").unwrap();
        for secret in ["CANARY", of_push, of_deliveries] {
            assert!(!said.contains(secret), "{secret} in:\n{said}");
        }
    }
}

#[test]
fn a_program_can_read_every_line_and_finds_events_by_their_webhook_ids() {
    let said = life(&[]);
    let lines: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    let of = |level: &str| lines.iter().filter(|line| line["level"] == level).count();
    // Two are in quarantine.
    assert!(of("WARN") >= 2, "{said}");
    let of_event = |level: &str, words: &str| {
        let line =
            lines.iter().find(|line| line["level"] == level && line["message"].as_str().unwrap().contains(words));
        let line = line.unwrap_or_else(|| panic!("no {words} in {said}"));
        assert!(line["webhook_id"].as_str().unwrap().starts_with("evt_"), "{line}");
        assert!(line["attempt"].is_u64() && line["ms"].is_u64(), "{line}");
    };
    of_event("INFO", "delivered an event");
    of_event("ERROR", "weifen inbox redrive");
}
