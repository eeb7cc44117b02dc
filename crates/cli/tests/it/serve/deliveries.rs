//! A business that fails, asks for no more, or says nothing.

use std::time::Instant;

use serde_json::json;
use xtask_services::signal::Signal;

use super::business::{Answer, Business};
use super::pushes;
use super::serving::Serving;
use super::setup::Setup;
use crate::patience::eventually;
use crate::support::Server;

#[test]
fn an_event_comes_again_under_its_id_and_byte_for_byte_until_it_is_taken() {
    let business = Business::start();
    let setup = Setup::new().paying_all().delivering_to(&business).with("backoff_base_ms", "20");
    business.answers_first(3, Answer::Status(500));
    let serving = setup.serve();
    for user in ["a", "b"] {
        assert_eq!(serving.push(&pushes::json(user)).status, 200);
    }
    eventually("both are taken", || (business.taken().len() == 2).then_some(()));
    serving.has_delivered_all();
    let attempts = business.attempts();
    for event in setup.events() {
        assert_eq!((&event["status"], &event["attempts"]), (&json!("delivered"), &json!(4)));
        let of_event: Vec<_> = attempts.iter().filter(|attempt| event["webhook_id"] == attempt.id).collect();
        let answers: Vec<_> = of_event.iter().map(|attempt| attempt.answer).collect();
        let no = Answer::Status(500);
        assert_eq!(answers, [no, no, no, Answer::TAKEN]);
        assert!(of_event.iter().all(|attempt| attempt.body == of_event[0].body), "{of_event:?}");
        assert_eq!(json!(of_event[0].data()), event["push"]);
    }
    assert_eq!(serving.metric("weifen_inbox_retried_total"), 6);
    assert_eq!(serving.metric("weifen_inbox_delivered_total"), 2);
}

#[test]
fn a_2xx_whose_body_never_comes_takes_the_event() {
    let business = Business::start();
    let setup = Setup::new().paying_all().delivering_to(&business).with("deliver_timeout_s", "1");
    business.answers(Answer::Stall);
    let serving = setup.serve();
    assert_eq!(serving.push(&pushes::json("u")).status, 200);
    eventually("it is delivered", || (serving.metric("weifen_inbox_delivered_total") == 1).then_some(()));
    assert_eq!(serving.metric("weifen_inbox_retried_total"), 0);
    assert_eq!(business.attempts().len(), 1);
}

#[test]
fn why_a_delivery_failed_stands_in_the_log_and_at_the_event_without_the_url() {
    let business = Business::start();
    let setup = Setup::new().paying_all().delivering_to(&business);
    let setup = setup.with("deliver_url", &format!("{}/CANARY?CANARY", Server::nowhere()));
    let serving = setup.serve();
    assert_eq!(serving.push(&pushes::json("u")).status, 200);
    eventually("it was tried", || (serving.metric("weifen_inbox_retried_total") > 0).then_some(()));
    let event = setup.events().remove(0);
    let (log, why) = (setup.log(), "not delivered: Connection refused");
    assert!(event["last_failure"].as_str().unwrap().starts_with(why), "{event}");
    let webhook_id = event["webhook_id"].as_str().unwrap();
    let line = log.lines().find(|line| line.contains(why)).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains("WARN") && line.contains(webhook_id) && !log.contains("CANARY"), "{log}");
}

#[test]
fn what_is_dead_waits_for_a_person_and_comes_again_under_its_id() {
    let business = Business::start();
    let setup =
        Setup::new().paying_all().delivering_to(&business).with("backoff_base_ms", "1").with("max_attempts", "2");
    business.answers(Answer::Status(500));
    let serving = setup.serve();
    assert_eq!(serving.push(&pushes::json("u")).status, 200);
    eventually("it is dead", || (serving.metric("weifen_inbox_waiting_dead") == 1).then_some(()));
    business.answers(Answer::TAKEN);
    let dead = setup.inbox(&["list", "--dead"])["events"][0].clone();
    setup.inbox(&["redrive", &dead["id"].to_string()]);
    eventually("it is taken", || (business.taken().len() == 1).then_some(()));
    assert!(business.attempts().iter().all(|attempt| dead["webhook_id"] == attempt.id));
}

/// A server whose business has answered the first push with 410.
fn paused() -> (Business, Setup, Serving) {
    let business = Business::start();
    let setup = Setup::new().paying_all().delivering_to(&business).with("backoff_base_ms", "1");
    business.answers(Answer::Status(410));
    let serving = setup.serve();
    assert_eq!(serving.push(&pushes::json("first")).status, 200);
    eventually("it is paused", || (serving.metric("weifen_inbox_deliveries_paused") == 1).then_some(()));
    (business, setup, serving)
}

#[test]
fn a_business_that_is_gone_gets_no_more_until_the_server_is_started_anew() {
    let (business, setup, serving) = paused();
    let attempts = business.attempts().len();
    business.answers(Answer::TAKEN);
    for user in ["second", "third"] {
        assert_eq!(serving.push(&pushes::json(user)).status, 200);
    }
    assert_eq!(serving.metric("weifen_inbox_pending"), 3);
    assert!(setup.log().contains("asked to stop"), "{}", setup.log());
    serving.end(Signal::TERM);
    assert_eq!(business.attempts().len(), attempts);

    let serving = setup.serve();
    assert_eq!(serving.metric("weifen_inbox_deliveries_paused"), 0);
    eventually("all are taken", || (business.taken().len() == 3).then_some(()));
    serving.has_delivered_all();
    assert!(setup.events().iter().all(|event| event["status"] == "delivered"));
}

#[test]
fn a_business_that_is_back_gets_its_events_when_they_are_resumed_beside_the_server() {
    let (business, setup, serving) = paused();
    business.answers(Answer::TAKEN);
    assert_eq!(serving.push(&pushes::json("second")).status, 200);
    assert_eq!(setup.inbox(&["resume"]), json!({"resumed": true}));
    eventually("all are taken", || (business.taken().len() == 2).then_some(()));
    eventually("it is told", || (serving.metric("weifen_inbox_deliveries_paused") == 0).then_some(()));
    assert_eq!(setup.inbox(&["resume"]), json!({"resumed": false}));
    assert!(setup.log().contains("weifen inbox resume"), "{}", setup.log());
}

#[test]
fn pushes_are_acknowledged_while_the_business_says_nothing() {
    let business = Business::start();
    let setup = Setup::new().paying_all().delivering_to(&business);
    business.answers(Answer::Hang);
    let serving = setup.serve();
    let slowest = (0..200).map(|n| {
        let begun = Instant::now();
        assert_eq!(serving.push(&pushes::json(&format!("u-{n}"))).status, 200);
        begun.elapsed()
    });
    let slowest = slowest.max().unwrap();
    eprintln!("the slowest acknowledgement while the business hung: {slowest:?}");
    assert!(business.taken().is_empty());
    business.answers(Answer::TAKEN);
    serving.has_delivered_all();
    assert_eq!(setup.events().iter().filter(|event| event["status"] == "delivered").count(), 200);
}
