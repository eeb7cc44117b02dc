//! A device's key was missing: its pushes are readmitted beside the server, which delivers them.

use super::business::Business;
use super::pushes;
use super::setup::Setup;
use crate::patience::eventually;

#[test]
fn pushes_of_a_device_whose_key_was_missing_are_delivered_once_it_is_known() {
    let business = Business::start();
    let setup = Setup::new().delivering_to(&business).paying_all();
    let serving = setup.serve();
    for user in ["u1", "u2"] {
        assert_eq!(serving.push(&pushes::json(user).replace("fs-key", "late-key")).status, 200);
    }
    assert!(setup.events().is_empty());
    let setup = setup.env("WEIFEN_FENSI_KEY", "late-key");
    assert_eq!(setup.inbox(&["quarantine", "readmit", "--since", "1h"])["stored"], 2);
    assert_eq!(setup.inbox(&["quarantine", "readmit", "--since", "1h"])["matched"], 0);
    eventually("both are delivered", || (business.taken().len() == 2).then_some(()));
    serving.has_delivered_all();
}
