//! A device's key was missing: its pushes are readmitted beside the server, which delivers them.

use super::business::Business;
use super::patience::eventually;
use super::place::Place;
use super::pushes;

#[test]
fn pushes_of_a_device_whose_key_was_missing_are_delivered_once_it_is_known() {
    let business = Business::start();
    let place = Place::new().delivering_to(&business).paying_all();
    let serving = place.serve();
    for user in ["u1", "u2"] {
        assert_eq!(serving.push(&pushes::json(user).replace("fs-key", "late-key")).status, 200);
    }
    assert!(place.events().is_empty());
    let place = place.env("WEIFEN_FENSI_KEY", "late-key");
    assert_eq!(place.inbox(&["quarantine", "readmit", "--since", "1h"])["stored"], 2);
    assert_eq!(place.inbox(&["quarantine", "readmit", "--since", "1h"])["matched"], 0);
    eventually("both are delivered", || (business.taken().len() == 2).then_some(()));
    serving.has_delivered_all();
}
