//! Pushes that no booking asked for: held until a person releases them.

use serde_json::json;
use xtask_services::signal::Signal;

use super::business::Business;
use super::pushes;
use super::setup::Setup;
use crate::patience::eventually;

#[test]
fn a_booked_push_is_delivered_and_a_forged_one_is_held_until_it_is_released() {
    let business = Business::start();
    let setup = Setup::new().delivering_to(&business);
    let serving = setup.serve();
    setup.book("booked");
    for user in ["forged", "booked"] {
        assert_eq!(serving.push(&pushes::json(user)).status, 200);
    }
    eventually("the booked one is delivered", || (business.taken().len() == 1).then_some(()));
    assert_eq!(business.taken()[0].data(), pushes::data("booked"));

    let held = setup.inbox(&["list", "--held"])["events"].clone();
    assert_eq!(held.as_array().map(Vec::len), Some(1));
    assert_eq!((&held[0]["push"]["auth_open_id"], &held[0]["hold_reason"]), (&json!("forged"), &json!("not_booked")));

    assert_eq!(setup.log().matches("weifen inbox list --held").count(), 1);

    setup.inbox(&["release", &held[0]["id"].to_string()]);
    eventually("the released one is delivered", || (business.taken().len() == 2).then_some(()));
    assert_eq!(
        (business.taken()[1].data(), json!(business.taken()[1].id)),
        (pushes::data("forged"), held[0]["webhook_id"].clone())
    );
    serving.has_delivered_all();
    assert!(setup.events().iter().all(|event| event["status"] == "delivered"));
}

#[test]
fn it_warns_while_nothing_is_booked() {
    let setup = Setup::new();
    let serving = setup.serve();
    eventually("a warning", || setup.log().contains("no QR code is booked").then_some(()));
    serving.kill();
    setup.book("u");
    let before = setup.log().matches("no QR code is booked").count();
    let serving = setup.serve();
    serving.end(Signal::TERM);
    assert_eq!(setup.log().matches("no QR code is booked").count(), before);
}

#[test]
fn who_cannot_book_may_have_them_paid_or_dropped() {
    let business = Business::start();
    let setup = Setup::new().delivering_to(&business).with("unsolicited", "drop");
    assert_eq!(setup.serve().push(&pushes::json("dropped")).status, 200);
    assert!(setup.events().is_empty());
    let setup = setup.paying_all();
    let serving = setup.serve();
    assert_eq!(serving.push(&pushes::json("paid")).status, 200);
    eventually("it is delivered", || business.taken().pop().filter(|taken| taken.user() == "paid"));
}
