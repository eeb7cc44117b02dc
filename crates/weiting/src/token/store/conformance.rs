//! Conformance tests of a token store: every promise of [`TokenStore`].

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use weifen_proto::weiting::AccessToken;
use weifen_transport::{BaseUrl, Plaintext, Withheld};

use super::{Claim, ClaimOutcome, Lease, SaveOutcome, Stored, TokenStore};
use crate::token::{Token, TokenKey};

const LIFE: Duration = Duration::from_secs(7200);

/// Longer than a store on a busy machine takes for a few steps, so that no lease expires during them.
const LONG: Duration = Duration::from_secs(30);

/// A lease short enough for a test to wait until it expires.
const SHORT: Duration = Duration::from_secs(1);

/// A lease so short that it has expired at the next claim.
const MOMENT: Duration = Duration::from_millis(5);

/// 08:00 in Beijing, on a day long past: a store that takes the time from elsewhere than its caller counts wrong.
const MORNING: u64 = 1_704_153_600;

/// Tests every promise of [`TokenStore`] on the stores that `make_store` makes, each of them empty.
///
/// Takes a few seconds of real time: a runtime with a paused clock does not do.
///
/// ```
/// use std::sync::Arc;
///
/// use weifen_weiting::token::{MemoryStore, token_store_conformance};
///
/// #[tokio::main]
/// async fn main() {
///     token_store_conformance(|| Arc::new(MemoryStore::new())).await;
/// }
/// ```
///
/// # Panics
/// A promise is broken; the message names it.
pub async fn token_store_conformance(make_store: impl Fn() -> Arc<dyn TokenStore>) {
    let trial = || Trial { store: make_store(), key: key("wx1", "https://one.example", "secret") };
    an_empty_store_holds_nothing(trial()).await;
    one_of_many_gets_the_right(trial()).await;
    a_saved_token_is_everyones(trial()).await;
    a_token_that_ended_is_replaced(trial()).await;
    a_token_that_ends_too_late_is_replaced(trial()).await;
    a_generation_is_greater_than_all_before(trial()).await;
    a_right_ends_by_itself(trial()).await;
    a_right_that_was_lost_changes_nothing(trial(), "other").await;
    a_right_that_was_lost_changes_nothing(trial(), "paused").await;
    a_fetch_that_failed_gives_the_right_back(trial()).await;
    a_rejection_drops_only_the_token_it_is_about(trial()).await;
    fetches_are_counted_and_limited_a_day(trial()).await;
    the_brake_lies_between_fetches(trial()).await;
    a_clock_that_was_set_back_lengthens_no_pause(trial()).await;
    a_day_of_setbacks_stays_under_the_limit(trial(), Setback::Failure).await;
    a_day_of_setbacks_stays_under_the_limit(trial(), Setback::Rejection).await;
    a_day_of_setbacks_stays_under_the_limit(trial(), Setback::Death).await;
    keys_share_nothing(trial()).await;
}

struct Trial {
    store: Arc<dyn TokenStore>,
    key: TokenKey,
}

fn key(appid: &str, base_url: &str, secret: &str) -> TokenKey {
    let base_url = BaseUrl::new(base_url, Plaintext::Refused).expect("an https URL is a base URL");
    TokenKey::new(appid, &base_url, &secret.into())
}

fn morning() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(MORNING)
}

fn claim(holder: &str, now: SystemTime) -> Claim {
    Claim { holder: holder.to_owned(), now, life: LIFE, lease: LONG, daily_limit: 200, replaces: 0 }
}

fn token(lease: &Lease, fetched_at: SystemTime) -> Token {
    let value = AccessToken::new(format!("=token-{}", lease.generation)).expect("printable characters are a token");
    Token::new(value, lease.generation, fetched_at, LIFE)
}

impl Trial {
    async fn claim(&self, claim: &Claim) -> ClaimOutcome {
        self.store.claim(&self.key, claim).await.expect("a working store accepts a claim")
    }

    async fn granted(&self, claim: &Claim) -> Lease {
        match self.claim(claim).await {
            ClaimOutcome::Granted(lease) => lease,
            other => panic!(
                "a claim was not granted although no token, lease or limit prevents the fetch; the \
                answer was {other:?}"
            ),
        }
    }

    async fn save(&self, lease: &Lease, fetched_at: SystemTime) -> SaveOutcome {
        let saved = self.store.save(&self.key, lease, &token(lease, fetched_at)).await;
        saved.expect("a working store accepts a token")
    }

    async fn fail(&self, lease: &Lease) {
        self.store.fail(&self.key, lease).await.expect("a working store accepts a failure");
    }

    async fn reject(&self, generation: u64) {
        self.store.reject(&self.key, generation).await.expect("a working store accepts a rejection");
    }

    async fn generation(&self, now: SystemTime) -> Option<u64> {
        let stored = self.store.load(&self.key, now).await.expect("a working store can be read");
        stored.token.map(|token| token.generation())
    }

    async fn fetches(&self, now: SystemTime) -> u32 {
        self.store.load(&self.key, now).await.expect("a working store can be read").fetches_today
    }
}

async fn an_empty_store_holds_nothing(trial: Trial) {
    let stored = trial.store.load(&trial.key, morning()).await.expect("a store that is empty can be read");
    assert_eq!(stored, Stored::default(), "a new store is not empty");
}

async fn one_of_many_gets_the_right(trial: Trial) {
    let asked = (0..32).map(|number| {
        let (store, key) = (trial.store.clone(), trial.key.clone());
        tokio::spawn(async move { store.claim(&key, &claim(&format!("holder-{number}"), morning())).await })
    });
    let mut granted = 0;
    for answer in asked.collect::<Vec<_>>() {
        match answer.await.expect("a claim ends").expect("a working store accepts a claim") {
            ClaimOutcome::Granted(_) => granted += 1,
            ClaimOutcome::Taken { .. } => {}
            other => panic!("a claim was answered with {other:?} while another holder had the fetch lease"),
        }
    }
    assert_eq!(granted, 1, "of 32 concurrent claims, {granted} got the fetch lease");
    assert_eq!(trial.fetches(morning()).await, 1, "one fetch lease must be counted as one fetch");
    let stored = trial.store.load(&trial.key, morning()).await.expect("a working store can be read");
    assert!(stored.taken_until.is_some(), "the store does not report that the fetch lease is taken");
}

async fn a_saved_token_is_everyones(trial: Trial) {
    let lease = trial.granted(&claim("first", morning())).await;
    assert_eq!(
        trial.save(&lease, morning()).await,
        SaveOutcome::Kept,
        "a token that was fetched under the lease was not saved"
    );
    let stored = trial.store.load(&trial.key, morning()).await.expect("a working store can be read");
    let expected = token(&lease, morning());
    assert_eq!(stored.token, Some(expected.clone()), "the loaded token is not the saved token");
    assert_eq!(stored.taken_until, None, "a save did not release the fetch lease");
    match trial.claim(&claim("second", morning())).await {
        ClaimOutcome::Current(current) => {
            assert_eq!(current, expected, "a claim returned another token than the saved one");
        }
        other => panic!("a claim was answered with {other:?} although the store has a valid token"),
    }
    assert_eq!(trial.fetches(morning()).await, 1, "one fetch was not counted exactly once");
}

async fn a_token_that_ended_is_replaced(trial: Trial) {
    let lease = trial.granted(&claim("first", morning())).await;
    trial.save(&lease, morning()).await;
    let next = trial.granted(&claim("second", morning() + LIFE)).await;
    assert!(next.generation > lease.generation, "a newer token has no greater generation");
}

async fn a_token_that_ends_too_late_is_replaced(trial: Trial) {
    let eight_hours_ahead = morning() + Duration::from_secs(8 * 3600);
    let lease = trial.granted(&claim("first", eight_hours_ahead)).await;
    trial.save(&lease, eight_hours_ahead).await;
    let next = trial.claim(&claim("second", morning())).await;
    assert!(
        matches!(next, ClaimOutcome::Granted(_)),
        "a token that was fetched while the clock was ahead prevented the next fetch: {next:?}"
    );
}

async fn a_generation_is_greater_than_all_before(trial: Trial) {
    let first = trial.granted(&claim("first", morning())).await;
    trial.save(&first, morning()).await;
    let replacing = Claim { replaces: first.generation, ..claim("second", morning()) };
    let second = trial.granted(&replacing).await;
    assert!(second.generation > first.generation, "a newer token has no greater generation");
    trial.save(&second, morning()).await;
    let replacing = Claim { replaces: 1000, ..claim("third", morning() + Duration::from_secs(60)) };
    let third = trial.granted(&replacing).await;
    assert!(third.generation > 1000, "the new generation is not greater than that of the replaced token");
}

async fn a_right_ends_by_itself(trial: Trial) {
    let lease = trial.granted(&Claim { lease: SHORT, ..claim("first", morning()) }).await;
    let taken = trial.claim(&claim("second", morning())).await;
    assert!(matches!(taken, ClaimOutcome::Taken { .. }), "the fetch lease was granted twice: {taken:?}");
    tokio::time::sleep(SHORT * 2).await;
    let now = morning() + SHORT * 2;
    let stored = trial.store.load(&trial.key, now).await.expect("a working store can be read");
    assert_eq!(stored.taken_until, None, "the fetch lease did not expire");
    match trial.claim(&claim("second", now)).await {
        ClaimOutcome::Granted(next) => {
            assert!(next.generation > lease.generation, "the fetch lease was granted twice for one generation");
        }
        other => panic!("the fetch lease did not expire: {other:?}"),
    }
}

/// `holder` is the one that got the lease meanwhile: another, or the same one again.
async fn a_right_that_was_lost_changes_nothing(trial: Trial, holder: &str) {
    let paused = trial.granted(&Claim { lease: SHORT, ..claim("paused", morning()) }).await;
    tokio::time::sleep(SHORT * 2).await;
    let now = morning() + SHORT * 2;
    let other = trial.granted(&claim(holder, now)).await;

    let saved = trial.save(&paused, now).await;
    assert_eq!(saved, SaveOutcome::Superseded, "the token of a fetcher that had lost its lease was saved");
    assert_eq!(trial.generation(now).await, None, "a fetcher that had lost its lease changed the token");
    trial.fail(&paused).await;
    let third = trial.claim(&claim("third", now)).await;
    assert!(
        matches!(third, ClaimOutcome::Taken { .. }),
        "a fetcher that had lost its lease released the lease of another: {third:?}"
    );

    assert_eq!(trial.save(&other, now).await, SaveOutcome::Kept, "the holder of the lease could not save");
    let saved = trial.save(&paused, now).await;
    assert_eq!(saved, SaveOutcome::Superseded, "an older token was saved over a newer one");
    assert_eq!(trial.generation(now).await, Some(other.generation), "an older token replaced a newer one");
}

async fn a_fetch_that_failed_gives_the_right_back(trial: Trial) {
    let lease = trial.granted(&claim("first", morning())).await;
    trial.fail(&lease).await;
    trial.granted(&claim("second", morning())).await;
}

async fn a_rejection_drops_only_the_token_it_is_about(trial: Trial) {
    let first = trial.granted(&claim("first", morning())).await;
    trial.save(&first, morning()).await;
    trial.reject(first.generation).await;
    assert_eq!(trial.generation(morning()).await, None, "a rejected token is still in the store");
    trial.save(&first, morning()).await;
    assert_eq!(trial.generation(morning()).await, None, "a second save of a rejected token restored it");
    let second = trial.granted(&claim("second", morning())).await;
    trial.save(&second, morning()).await;
    trial.reject(first.generation).await;
    let left = trial.generation(morning()).await;
    assert_eq!(left, Some(second.generation), "the late rejection of an old token dropped a newer one");
    trial.reject(second.generation + 1).await;
    let left = trial.generation(morning()).await;
    assert_eq!(
        left,
        Some(second.generation),
        "the rejection of a token that is not in the store dropped another token"
    );
}

async fn fetches_are_counted_and_limited_a_day(trial: Trial) {
    let limited = |now| Claim { daily_limit: 2, ..claim("holder", now) };
    let minute = Duration::from_secs(60);
    for number in 0..2 {
        let lease = trial.granted(&limited(morning() + minute * number)).await;
        trial.fail(&lease).await;
    }
    let late = morning() + minute * 30;
    let midnight = morning() + Duration::from_secs(16 * 3600);
    let withheld = ClaimOutcome::Withheld(Withheld::DailyLimit { limit: 2, until: midnight });
    assert_eq!(trial.claim(&limited(late)).await, withheld, "a fetch beyond the daily limit was granted");
    assert_eq!(trial.fetches(late).await, 2, "the fetches were not counted exactly once each");

    let changed = Trial { store: trial.store.clone(), key: key("wx1", "https://one.example", "changed") };
    assert_eq!(changed.claim(&limited(late)).await, withheld, "a new secret reset the daily count of the appid");
    let stranger = Trial { store: trial.store.clone(), key: key("wx2", "https://one.example", "secret") };
    stranger.granted(&limited(late)).await;

    assert_eq!(trial.fetches(midnight).await, 0, "the daily count did not restart at midnight in Beijing");
    trial.granted(&limited(midnight)).await;
}

async fn the_brake_lies_between_fetches(trial: Trial) {
    for _ in 0..2 {
        let lease = trial.granted(&claim("holder", morning())).await;
        trial.fail(&lease).await;
    }
    let until = morning() + Duration::from_secs(10);
    let braked = trial.claim(&claim("holder", morning())).await;
    assert_eq!(
        braked,
        ClaimOutcome::Withheld(Withheld::Brake { until }),
        "a third fetch was granted at once after two failures"
    );
    let stored = trial.store.load(&trial.key, morning()).await.expect("a working store can be read");
    assert_eq!(stored.braked_until, Some(until), "the store does not report the end of the brake");
    assert_eq!(stored.fetches_today, 2, "a fetch that the brake refused was counted");
    trial.granted(&claim("holder", until)).await;
}

async fn a_clock_that_was_set_back_lengthens_no_pause(trial: Trial) {
    let ahead = claim("holder", morning() + Duration::from_secs(7200));
    for _ in 0..2 {
        let lease = trial.granted(&ahead).await;
        trial.fail(&lease).await;
    }
    let braked = trial.claim(&ahead).await;
    assert!(
        matches!(braked, ClaimOutcome::Withheld(_)),
        "a third fetch was granted at once after two failures: {braked:?}"
    );
    let claimed = trial.claim(&claim("holder", morning())).await;
    assert!(
        matches!(claimed, ClaimOutcome::Granted(_)),
        "the store accepted a brake that ends later than any brake can: {claimed:?}"
    );
}

/// Reason for which a fetch brought no usable token.
#[derive(Debug, Clone, Copy)]
enum Setback {
    Failure,
    Rejection,
    /// The process that fetched ended: its lease expires.
    Death,
}

impl Trial {
    async fn set_back(&self, lease: &Lease, now: SystemTime, setback: Setback) {
        match setback {
            Setback::Failure => self.fail(lease).await,
            Setback::Death => tokio::time::sleep(MOMENT * 2).await,
            Setback::Rejection => {
                self.save(lease, now).await;
                self.reject(lease.generation).await;
            }
        }
    }
}

async fn a_day_of_setbacks_stays_under_the_limit(trial: Trial, setback: Setback) {
    let midnight = morning() - Duration::from_secs(8 * 3600);
    let mut last = midnight;
    let (mut fetches, mut in_the_first_hour) = (0, 0);
    for minute in 0..24 * 60 {
        let now = midnight + Duration::from_secs(60) * minute;
        let lasts = if matches!(setback, Setback::Death) { MOMENT } else { LONG };
        match trial.claim(&Claim { lease: lasts, ..claim("holder", now) }).await {
            ClaimOutcome::Granted(lease) => {
                trial.set_back(&lease, now, setback).await;
                (last, fetches) = (now, fetches + 1);
                in_the_first_hour += u32::from(minute < 60);
            }
            ClaimOutcome::Withheld(Withheld::Brake { until }) => {
                let wait = until.duration_since(last).unwrap_or_default();
                assert!(wait <= Duration::from_secs(300), "the brake is longer than 5 min: {wait:?}");
            }
            ClaimOutcome::Withheld(_) => {}
            other => panic!("a claim after a {setback:?} was answered with {other:?}"),
        }
    }
    assert!(in_the_first_hour <= 20, "{setback:?} upon {setback:?} cost {in_the_first_hour} fetches in an hour");
    assert!(fetches <= 200, "a day of it ({setback:?}) cost {fetches} fetches, where 200 are the limit");
    assert!(fetches > 100, "a day of it ({setback:?}) saw only {fetches} fetches");
}

async fn keys_share_nothing(trial: Trial) {
    let lease = trial.granted(&claim("holder", morning())).await;
    let stranger = Trial { store: trial.store.clone(), key: key("wx3", "https://one.example", "secret") };
    let claimed = stranger.claim(&claim("stranger", morning())).await;
    let ClaimOutcome::Granted(strangers) = claimed else {
        panic!("the fetch lease of {} prevents a fetch for {}: {claimed:?}", trial.key, stranger.key)
    };
    trial.save(&lease, morning()).await;
    let saved = stranger.save(&strangers, morning()).await;
    assert_eq!(saved, SaveOutcome::Kept, "the token of {} prevents a save for {}", trial.key, stranger.key);
    stranger.reject(strangers.generation).await;
    let left = trial.generation(morning()).await;
    assert_eq!(left, Some(lease.generation), "a rejection under {} dropped the token of {}", stranger.key, trial.key);
    for other in [
        key("wx2", "https://one.example", "secret"),
        key("wx1", "https://two.example", "secret"),
        key("wx1", "https://one.example", "changed"),
    ] {
        let other = Trial { store: trial.store.clone(), key: other };
        let seen = other.generation(morning()).await;
        assert_eq!(seen, None, "{} sees the token of {}", other.key, trial.key);
    }
}
