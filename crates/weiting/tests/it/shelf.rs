//! Stored times that a shelf ignores, and records that it deletes.

use std::time::{Duration, SystemTime};

use weifen_transport::{BaseUrl, Plaintext};
use weifen_weiting::token::store::{Claim, ClaimOutcome, Lease, SaveOutcome, Shelf};
use weifen_weiting::token::{Token, TokenKey};

use crate::fetching::{NOON, key};

const MOMENT: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + SECOND * u32::try_from(NOON).unwrap()
}

/// Another account than that of [`key`].
fn others_key() -> TokenKey {
    TokenKey::new("wx2", &BaseUrl::new("https://m.sh.189.cn", Plaintext::Refused).unwrap(), &"secret".into())
}

fn claimed(shelf: &mut Shelf, secret: &str, now: SystemTime) -> ClaimOutcome {
    claimed_under(shelf, &key(secret), now)
}

fn claimed_under(shelf: &mut Shelf, key: &TokenKey, now: SystemTime) -> ClaimOutcome {
    let claim =
        Claim { holder: "holder".into(), now, life: SECOND * 7200, lease: SECOND * 20, daily_limit: 200, replaces: 0 };
    shelf.claim(key, &claim)
}

fn assert_granted(claimed: &ClaimOutcome) {
    assert!(matches!(claimed, ClaimOutcome::Granted(_)), "{claimed:?}");
}

fn granted(shelf: &mut Shelf, now: SystemTime) -> Lease {
    match claimed(shelf, "secret", now) {
        ClaimOutcome::Granted(lease) => lease,
        other => panic!("{other:?}"),
    }
}

/// Claims the lease, and fails the fetch.
fn granted_after(shelf: &mut Shelf, now: SystemTime) {
    let lease = granted(shelf, now);
    shelf.fail(&key("secret"), &lease);
}

/// Fetches a token that lives for `life`.
fn fetched(shelf: &mut Shelf, now: SystemTime, life: Duration) {
    let lease = granted(shelf, now);
    let token = Token::new("token".parse().unwrap(), lease.generation, now, life);
    assert_eq!(shelf.save(&key("secret"), &lease, &token), SaveOutcome::Kept);
}

/// Claims the lease as soon as the brake allows, fails the fetch, and returns the time of the next.
fn failed(shelf: &mut Shelf, now: SystemTime) -> SystemTime {
    let key = key("secret");
    let now = shelf.load(&key, now).braked_until.unwrap_or(now);
    let lease = granted(shelf, now);
    shelf.fail(&key, &lease);
    shelf.load(&key, now).braked_until.unwrap_or(now)
}

/// Number of tokens, and number of accounts' ledgers, that a shelf holds.
fn held(shelf: &Shelf) -> (usize, usize) {
    let json = serde_json::to_value(shelf).unwrap();
    (json["tokens"].as_object().unwrap().len(), json["ledgers"].as_object().unwrap().len())
}

#[test]
fn a_claim_that_waited_for_its_turn_does_not_take_anothers_right() {
    let mut shelf = Shelf::default();
    assert_granted(&claimed(&mut shelf, "secret", noon()));
    let late = claimed(&mut shelf, "secret", noon() - SECOND * 30);
    assert!(matches!(late, ClaimOutcome::Taken { .. }), "{late:?}");
}

#[test]
fn a_right_has_ended_at_its_end() {
    let mut shelf = Shelf::default();
    granted(&mut shelf, noon());
    assert_eq!(shelf.load(&key("secret"), noon() + SECOND * 20).taken_until, None);
    granted(&mut shelf, noon() + SECOND * 20);
}

#[test]
fn a_right_that_was_given_back_saves_nothing() {
    let mut shelf = Shelf::default();
    let lease = granted(&mut shelf, noon());
    shelf.fail(&key("secret"), &lease);
    let token = Token::new("token".parse().unwrap(), lease.generation, noon(), SECOND * 7200);
    assert_eq!(shelf.save(&key("secret"), &lease, &token), SaveOutcome::Superseded);
    assert_eq!(shelf.load(&key("secret"), noon()).token, None);
}

#[test]
fn a_right_that_was_given_before_the_clock_went_back_bars_nobody() {
    let mut shelf = Shelf::default();
    assert_granted(&claimed(&mut shelf, "secret", noon()));
    assert_granted(&claimed(&mut shelf, "secret", noon() - SECOND * 7200));
}

/// Covers leases that a wrong clock, another program or a person may write.
#[test]
fn a_right_that_lasts_longer_than_any_can_bars_nobody() {
    for (ahead, is_believed) in [(7200, true), (7260, true), (7261, false), (86_400 * 3650, false)] {
        let mut shelf = Shelf::default();
        granted(&mut shelf, noon());
        let mut written = serde_json::to_value(&shelf).unwrap();
        let lease = &mut written["tokens"][key("secret").as_str()]["lease"];
        lease["until_ms"] = ((NOON + ahead) * 1000).into();
        lease["lasts_ms"] = (ahead * 1000).into();
        let mut shelf: Shelf = serde_json::from_value(written).unwrap();
        assert_eq!(shelf.load(&key("secret"), noon()).taken_until.is_some(), is_believed, "{ahead}");
        let claimed = claimed(&mut shelf, "secret", noon());
        assert_eq!(matches!(claimed, ClaimOutcome::Taken { .. }), is_believed, "{ahead}: {claimed:?}");
    }
}

#[test]
fn a_clock_that_was_years_ahead_leaves_no_count() {
    let mut shelf = Shelf::default();
    for ahead in [DAY * 3650, Duration::ZERO, DAY, DAY * 2] {
        granted_after(&mut shelf, noon() + ahead);
    }
    granted_after(&mut shelf, noon() + SECOND * 60);
    let counted = |days: u32| shelf.load(&key("secret"), noon() + DAY * days).fetches_today;
    assert_eq!([0, 1, 2, 3650].map(counted), [2, 1, 0, 0]);
    claimed_under(&mut shelf, &others_key(), noon() + DAY * 5);
    assert_eq!(held(&shelf).1, 1);
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

#[test]
fn a_token_and_its_pauses_are_kept_for_three_days_after_the_last_fetch() {
    for brings_a_token in [true, false] {
        let mut shelf = Shelf::default();
        if brings_a_token {
            fetched(&mut shelf, noon(), SECOND * 7200);
        } else {
            failed(&mut shelf, noon());
        }
        claimed_under(&mut shelf, &others_key(), noon() + DAY * 3);
        assert_eq!(held(&shelf).0, 2, "{brings_a_token}");
        claimed_under(&mut shelf, &others_key(), noon() + DAY * 3 + MOMENT);
        assert_eq!(held(&shelf).0, 1, "{brings_a_token}");
    }
}

#[test]
fn a_token_that_lives_long_is_kept_for_its_life() {
    let mut shelf = Shelf::default();
    fetched(&mut shelf, noon(), DAY * 30);
    claimed_under(&mut shelf, &others_key(), noon() + DAY * 29);
    let stored = shelf.load(&key("secret"), noon() + DAY * 29);
    assert!(stored.token.is_some(), "{stored:?}");
}

#[test]
fn an_accounts_fetches_are_kept_for_three_days_and_forgotten_after_them() {
    let mut shelf = Shelf::default();
    granted(&mut shelf, noon());
    claimed_under(&mut shelf, &others_key(), noon() + DAY * 3);
    assert_eq!(shelf.load(&key("secret"), noon()).fetches_today, 1, "a clock that went back found no count");
    assert_eq!(held(&shelf).1, 2);
    claimed_under(&mut shelf, &others_key(), noon() + DAY * 4);
    assert_eq!(held(&shelf).1, 1);
}

#[test]
fn an_accounts_fetches_are_told_under_each_of_its_keys() {
    let mut shelf = Shelf::default();
    granted(&mut shelf, noon());
    assert_eq!(shelf.load(&key("changed"), noon()).fetches_today, 1);
    assert_eq!(shelf.load(&others_key(), noon()).fetches_today, 0);
}

#[test]
fn a_pause_has_ended_at_its_end() {
    let mut shelf = Shelf::default();
    failed(&mut shelf, noon());
    let until = failed(&mut shelf, noon());
    assert_eq!(until, noon() + SECOND * 10);
    assert_eq!(shelf.load(&key("secret"), until - MOMENT).braked_until, Some(until));
    assert_eq!(shelf.load(&key("secret"), until).braked_until, None);
}

#[test]
fn a_token_that_was_good_makes_the_pauses_short_again() {
    let mut shelf = Shelf::default();
    let mut now = noon();
    for _ in 0..6 {
        now = failed(&mut shelf, now);
    }
    fetched(&mut shelf, now, SECOND * 7200);
    let later = now + SECOND * 7200;
    failed(&mut shelf, later);
    assert_eq!(failed(&mut shelf, later), later + SECOND * 10);
}

#[test]
fn pauses_grow_though_an_old_token_is_still_held() {
    let mut shelf = Shelf::default();
    fetched(&mut shelf, noon(), SECOND * 60);
    let mut now = noon() + SECOND * 60;
    for _ in 0..8 {
        now = failed(&mut shelf, now);
    }
    assert_eq!(failed(&mut shelf, now), now + SECOND * 300);
}

#[test]
fn a_fetch_that_the_store_lost_counts_for_the_brake() {
    let mut shelf = Shelf::default();
    let lease = Lease { holder: "holder".into(), generation: 7 };
    let token = Token::new("token".parse().unwrap(), 7, noon(), SECOND * 7200);
    assert_eq!(shelf.save(&key("secret"), &lease, &token), SaveOutcome::Kept);
    shelf.reject(&key("secret"), 7);
    let next = granted(&mut shelf, noon());
    shelf.fail(&key("secret"), &next);
    assert_eq!(shelf.load(&key("secret"), noon()).braked_until, Some(noon() + SECOND * 10));
}

#[test]
fn a_shelf_that_was_written_down_is_read_again() {
    let mut shelf = Shelf::default();
    fetched(&mut shelf, noon(), SECOND * 7200);
    granted(&mut shelf, noon() + SECOND * 7200);
    let text = serde_json::to_string(&shelf).unwrap();
    assert_eq!(serde_json::from_str::<Shelf>(&text).unwrap(), shelf);
}
