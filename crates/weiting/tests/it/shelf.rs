//! What a shelf believes of the times that it holds, and what it forgets.

use std::time::{Duration, SystemTime};

use weifen_weiting::token::store::{Claim, Claimed, Shelf};

use crate::fetching::{NOON, key};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + SECOND * u32::try_from(NOON).unwrap()
}

fn claimed(shelf: &mut Shelf, secret: &str, now: SystemTime) -> Claimed {
    let claim = Claim { holder: "holder".into(), now, lease: SECOND * 20, daily_limit: 200, replaces: 0 };
    shelf.claim(&key(secret), &claim)
}

fn assert_granted(claimed: &Claimed) {
    assert!(matches!(claimed, Claimed::Granted(_)), "{claimed:?}");
}

#[test]
fn a_claim_that_waited_for_its_turn_does_not_take_anothers_right() {
    let mut shelf = Shelf::default();
    assert_granted(&claimed(&mut shelf, "secret", noon()));
    let late = claimed(&mut shelf, "secret", noon() - SECOND * 30);
    assert!(matches!(late, Claimed::Taken { .. }), "{late:?}");
}

#[test]
fn a_right_that_was_given_before_the_clock_went_back_bars_nobody() {
    let mut shelf = Shelf::default();
    assert_granted(&claimed(&mut shelf, "secret", noon()));
    assert_granted(&claimed(&mut shelf, "secret", noon() - SECOND * 7200));
}

#[test]
fn a_clock_that_goes_back_over_midnight_finds_its_count() {
    let mut shelf = Shelf::default();
    assert_granted(&claimed(&mut shelf, "secret", noon()));
    assert_granted(&claimed(&mut shelf, "secret", noon() + DAY));
    assert_eq!(shelf.load(&key("secret"), noon()).fetches_today, 1);
}

#[test]
fn what_has_long_ended_is_forgotten() {
    let mut shelf = Shelf::default();
    assert_granted(&claimed(&mut shelf, "old", noon()));
    assert_granted(&claimed(&mut shelf, "new", noon() + DAY * 5));
    let kept = serde_json::to_value(&shelf).unwrap();
    assert_eq!(kept["tokens"].as_object().unwrap().len(), 1, "{kept}");
    assert_eq!(kept["ledgers"][key("new").account()].as_object().unwrap().len(), 1, "{kept}");
}
