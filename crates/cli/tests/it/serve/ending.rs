//! The end of a server: in order, and by itself.

use std::time::Duration;

use serde_json::json;
use xtask_services::signal::Signal;

use super::business::{Answer, Business};
use super::pushes;
use super::serving::{End, Serving};
use super::setup::Setup;
use crate::patience::eventually;

/// Time limit for the end of an idle server: less than its drain, which it need not wait for.
const SOON: Duration = Duration::from_secs(12);

const IN_ORDER: End = End { code: Some(0), stdout: Vec::new() };

#[test]
fn an_idle_server_ends_when_it_is_told_to() {
    let business = Business::start();
    let setup = Setup::new().delivering_to(&business).with("drain_s", "30");
    for signal in [Signal::TERM, Signal::INT] {
        let serving = setup.serve();
        serving.signal(signal);
        assert_eq!(serving.ended(SOON), IN_ORDER, "{signal:?}");
    }
}

#[test]
fn an_idle_server_that_delivers_nowhere_ends_when_it_is_told_to() {
    let setup = Setup::new().with("drain_s", "30");
    for signal in [Signal::TERM, Signal::INT] {
        let serving = setup.serve();
        serving.signal(signal);
        assert_eq!(serving.ended(SOON), IN_ORDER, "{signal:?}");
    }
}

/// A server that is in the middle of a delivery, to a business that doesn't answer.
fn delivering(drain_s: &str, lease_s: &str, deliver_timeout_s: &str) -> (Business, Setup, Serving) {
    let business = Business::start();
    let setup = Setup::new().paying_all().delivering_to(&business);
    let setup = setup.with("drain_s", drain_s).with("lease_s", lease_s).with("deliver_timeout_s", deliver_timeout_s);
    business.answers(Answer::Hang);
    let serving = setup.serve();
    assert_eq!(serving.push(&pushes::json("u")).status, 200);
    eventually("the business has the event", || (!business.attempts().is_empty()).then_some(()));
    (business, setup, serving)
}

#[test]
fn a_delivery_that_is_under_way_is_finished() {
    let (business, setup, serving) = delivering("50", "60", "50");
    serving.signal(Signal::TERM);
    eventually("it has heard", || setup.log().contains("received the signal to stop").then_some(()));
    business.answers(Answer::TAKEN);
    assert_eq!(serving.ended(Duration::from_secs(40)), IN_ORDER);
    assert_eq!(setup.events()[0]["status"], "delivered");
    assert_eq!(business.attempts().len(), 1);
}

#[test]
fn what_can_not_be_finished_is_given_back_and_delivered_by_the_next() {
    let (business, setup, serving) = delivering("1", "3000", "2000");
    assert_eq!(serving.end(Signal::TERM), IN_ORDER);
    assert_eq!((&setup.events()[0]["status"], &setup.events()[0]["attempts"]), (&json!("pending"), &json!(0)));
    business.answers(Answer::TAKEN);
    let _serving = setup.serve();
    eventually("the next has delivered it", || (business.taken().len() == 1).then_some(()));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let (_business, setup, serving) = delivering("3000", "3000", "2000");
    serving.signal(Signal::TERM);
    eventually("it has heard", || setup.log().contains("received the signal to stop").then_some(()));
    assert_eq!(serving.end(Signal::TERM), IN_ORDER);
    assert_eq!(setup.events()[0]["status"], "pending");
}
