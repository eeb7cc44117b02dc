//! Pushes that no booking asked for: held until a person releases them.

use serde_json::json;
use xtask_services::signal::Signal;

use super::business::Business;
use super::patience::eventually;
use super::place::Place;
use super::pushes;

#[test]
fn a_booked_push_is_delivered_and_a_forged_one_is_held_until_it_is_released() {
    let business = Business::start();
    let place = Place::new().delivering_to(&business);
    let serving = place.serve();
    place.book("booked");
    for user in ["forged", "booked"] {
        assert_eq!(serving.push(&pushes::json(user)).status, 200);
    }
    eventually("the booked one is delivered", || (business.taken().len() == 1).then_some(()));
    assert_eq!(business.taken()[0].data(), pushes::data("booked"));

    let held = place.inbox(&["list", "--held"])["events"].clone();
    assert_eq!(held.as_array().map(Vec::len), Some(1));
    assert_eq!((&held[0]["push"]["auth_open_id"], &held[0]["hold_reason"]), (&json!("forged"), &json!("not_booked")));

    assert_eq!(place.log().matches("weifen inbox list --held").count(), 1);

    place.inbox(&["release", &held[0]["id"].to_string()]);
    eventually("the released one is delivered", || (business.taken().len() == 2).then_some(()));
    assert_eq!(
        (business.taken()[1].data(), json!(business.taken()[1].id)),
        (pushes::data("forged"), held[0]["webhook_id"].clone())
    );
    serving.has_delivered_all();
    assert!(place.events().iter().all(|event| event["state"] == "delivered"));
}

#[test]
fn it_warns_while_nothing_is_booked() {
    let place = Place::new();
    let serving = place.serve();
    eventually("a warning", || place.log().contains("nothing is booked").then_some(()));
    serving.kill();
    place.book("u");
    let before = place.log().matches("nothing is booked").count();
    let serving = place.serve();
    serving.end(Signal::TERM);
    assert_eq!(place.log().matches("nothing is booked").count(), before);
}

#[test]
fn who_cannot_book_may_have_them_paid_or_dropped() {
    let business = Business::start();
    let place = Place::new().delivering_to(&business).with("unsolicited", "drop");
    assert_eq!(place.serve().push(&pushes::json("dropped")).status, 200);
    assert!(place.events().is_empty());
    let place = place.paying_all();
    let serving = place.serve();
    assert_eq!(serving.push(&pushes::json("paid")).status, 200);
    eventually("it is delivered", || business.taken().pop().filter(|taken| taken.user() == "paid"));
}
