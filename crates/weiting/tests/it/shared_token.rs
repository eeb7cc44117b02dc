//! One token for several managers, each of which stands for a process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use weifen_transport::{Clock, Failure, StoreError, Withheld, async_trait};
use weifen_weiting::token::store::{Claim, ClaimOutcome, Lease, SaveOutcome, Stored};
use weifen_weiting::token::{Token, TokenKey, TokenPolicy, TokenStore};

use crate::fetching::{Fetcher, clock, key, memory};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn ten_processes_make_one_fetch() {
    let (fetcher, clock, store) = (Fetcher::new(SECOND), clock(), memory());
    let processes = (0..10).map(|_| fetcher.process(&clock, &store));
    let calls: Vec<_> = processes.map(|process| tokio::spawn(async move { process.current().await })).collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().value().as_str(), "token-1");
    }
    assert_eq!(fetcher.fetches(), 1);
}

#[tokio::test]
async fn a_renewal_of_one_process_is_every_processs() {
    let (fetcher, clock, store) = (Fetcher::new(Duration::ZERO), clock(), memory());
    let (one, other) = (fetcher.process(&clock, &store), fetcher.process(&clock, &store));
    let first = one.current().await.unwrap();
    assert_eq!(other.current().await.unwrap(), first);
    clock.advance(SECOND * 6900);
    for process in [&one, &other] {
        process.current().await.unwrap();
        process.settle().await.unwrap();
        assert_eq!(process.current().await.unwrap().value().as_str(), "token-2");
    }
    assert_eq!(fetcher.fetches(), 2);
}

#[tokio::test]
async fn a_rejection_in_every_process_costs_one_fetch() {
    let (fetcher, clock, store) = (Fetcher::new(Duration::ZERO), clock(), memory());
    let processes: Vec<_> = (0..10).map(|_| fetcher.process(&clock, &store)).collect();
    for process in &processes {
        process.current().await.unwrap();
    }
    for process in &processes {
        let held = process.cached().unwrap();
        process.rejected(&held);
        assert_eq!(process.current().await.unwrap().value().as_str(), "token-2");
    }
    assert_eq!(fetcher.fetches(), 2);
}

#[tokio::test]
async fn a_rejection_that_is_told_by_its_number_costs_one_fetch() {
    let (fetcher, clock, store) = (Fetcher::new(Duration::ZERO), clock(), memory());
    let first = fetcher.process(&clock, &store).current().await.unwrap().generation();
    for _ in 0..100 {
        let told = fetcher.process(&clock, &store);
        assert_eq!(told.replace_rejected(first).await.unwrap().value().as_str(), "token-2");
    }
    let holder = fetcher.process(&clock, &store);
    holder.current().await.unwrap();
    assert_eq!(holder.replace_rejected(first).await.unwrap().value().as_str(), "token-2", "a later one stays");
    assert_eq!(fetcher.fetches(), 2);
}

#[tokio::test]
async fn the_rejection_of_a_number_that_no_token_has_changes_nothing() {
    let (fetcher, clock, store) = (Fetcher::new(Duration::ZERO), clock(), memory());
    let holder = fetcher.process(&clock, &store);
    let token = holder.current().await.unwrap();
    for unknown in [0, 999, u64::MAX] {
        for process in [&holder, &fetcher.process(&clock, &store)] {
            assert_eq!(process.replace_rejected(unknown).await.unwrap(), token, "{unknown}");
        }
    }
    assert_eq!(fetcher.fetches(), 1);
    clock.advance(SECOND * 7200);
    assert_eq!(holder.current().await.unwrap().generation(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_slept_past_its_right_takes_the_newer_token() {
    let (clock, store) = (clock(), memory());
    let policy = TokenPolicy { lease: SECOND * 3600, ..TokenPolicy::default() };
    let slow = Fetcher::new(SECOND * 60);
    let sleeper = slow.manager_with(&clock, |builder| builder.store(store.clone()).policy(policy)).unwrap();
    let slept = tokio::spawn(async move { sleeper.current().await });
    tokio::time::sleep(SECOND).await;
    clock.advance(SECOND * 3601);

    let other = Fetcher::new(Duration::ZERO).process(&clock, &store);
    let newer = other.current().await.unwrap();
    assert_eq!(slept.await.unwrap().unwrap(), newer);
    assert_eq!(other.stored().await.unwrap().token.unwrap(), newer);
    assert_eq!(newer.generation(), 2);
}

/// A store that grants another a later lease during each of many fetches, as to a process whose clock is hours off.
#[derive(Debug, Default)]
struct Outrun(AtomicU64);

#[async_trait]
impl TokenStore for Outrun {
    async fn load(&self, _: &TokenKey, _: SystemTime) -> Result<Stored, StoreError> {
        Ok(Stored::default())
    }

    async fn claim(&self, _: &TokenKey, claim: &Claim) -> Result<ClaimOutcome, StoreError> {
        let generation = 1 + self.0.fetch_add(2, Ordering::SeqCst);
        Ok(ClaimOutcome::Granted(Lease { holder: claim.holder.clone(), generation }))
    }

    async fn save(&self, _: &TokenKey, lease: &Lease, _: &Token) -> Result<SaveOutcome, StoreError> {
        Ok(if lease.generation < 20 { SaveOutcome::Superseded } else { SaveOutcome::Kept })
    }

    async fn fail(&self, _: &TokenKey, _: &Lease) -> Result<(), StoreError> {
        Ok(())
    }

    async fn reject(&self, _: &TokenKey, _: u64) -> Result<(), StoreError> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_outrun_again_and_again_gives_up_after_two_fetches() {
    let (fetcher, clock) = (Fetcher::new(SECOND), clock());
    let store: Arc<dyn TokenStore> = Arc::new(Outrun::default());
    let error = fetcher.process(&clock, &store).current().await.unwrap_err();
    assert!(matches!(error.failure(), Failure::Withheld(Withheld::Taken { .. })), "{error}");
    assert_eq!(fetcher.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_wakes_to_a_lost_reply_takes_anothers_token() {
    let (clock, store) = (clock(), memory());
    let slow = Fetcher::new(SECOND * 10);
    slow.fails(true);
    let sleeper = slow.process(&clock, &store);
    let slept = tokio::spawn(async move { sleeper.current().await });
    tokio::time::sleep(SECOND).await;
    clock.advance(SECOND * 60);
    let newer = Fetcher::new(Duration::ZERO).process(&clock, &store).current().await.unwrap();
    assert_eq!(slept.await.unwrap().unwrap(), newer);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_anothers_fetch_waits_no_longer_than_two_leases() {
    let (clock, store) = (clock(), memory());
    let claim = Claim {
        holder: "it never ends".into(),
        now: clock.wall(),
        life: SECOND * 7200,
        lease: SECOND * 20,
        daily_limit: 200,
        replaces: 0,
    };
    store.claim(&key("secret"), &claim).await.unwrap();
    let fetcher = Fetcher::new(Duration::ZERO);
    let began = tokio::time::Instant::now();
    let error = fetcher.process(&clock, &store).current().await.unwrap_err();
    assert!(began.elapsed() < SECOND * 41, "{:?}", began.elapsed());
    assert!(matches!(error.failure(), Failure::Withheld(Withheld::Taken { .. })), "{error}");
    assert_eq!(fetcher.fetches(), 0);
}

#[tokio::test]
async fn a_changed_secret_shares_no_token() {
    let (fetcher, clock, store) = (Fetcher::new(Duration::ZERO), clock(), memory());
    let old = fetcher.process(&clock, &store);
    old.current().await.unwrap();
    let new = weifen_weiting::token::TokenManager::builder()
        .store(store.clone())
        .clock(clock.clone())
        .build(key("changed"), fetcher.clone())
        .unwrap();
    assert_eq!(new.current().await.unwrap().value().as_str(), "token-2");
    assert_eq!(old.stored().await.unwrap().fetches_today, 2, "both count against the appid's limit");
}

#[tokio::test]
async fn the_wall_clocks_jumps_do_no_harm() {
    for jump in [7200_i64, -7200] {
        let (fetcher, clock, store) = (Fetcher::new(Duration::ZERO), clock(), memory());
        let process = fetcher.process(&clock, &store);
        process.current().await.unwrap();
        let wall = if jump > 0 { clock.wall() + SECOND * 7200 } else { clock.wall() - SECOND * 7200 };
        clock.set_wall(wall);

        clock.advance(SECOND * 6899);
        assert_eq!(process.current().await.unwrap().value().as_str(), "token-1", "the process knows better ({jump})");
        process.settle().await.unwrap();
        assert_eq!(fetcher.fetches(), 1, "after {jump} s");
        clock.advance(SECOND * 301);
        let next = process.current().await.unwrap();
        assert_eq!(next.value().as_str(), "token-2", "a token lives no longer for a clock set by {jump} s");
        assert_eq!(next.expires_at(), clock.wall() + SECOND * 7200);
    }
}

#[tokio::test]
async fn a_stored_end_more_than_a_life_ahead_is_no_token() {
    // The clocks of two machines may differ by a minute.
    for (set_back, expected) in [(60, "token-1"), (61, "token-2"), (36_000, "token-2"), (1_800_000_000, "token-2")] {
        let (fetcher, clock, store) = (Fetcher::new(Duration::ZERO), clock(), memory());
        clock.advance(SECOND * 1_800_000_000);
        fetcher.process(&clock, &store).current().await.unwrap();
        clock.set_wall(clock.wall() - SECOND * set_back);
        let restarted = fetcher.process(&clock, &store);
        assert_eq!(restarted.stored().await.unwrap().token.is_some(), expected == "token-1", "{set_back}");
        assert_eq!(restarted.current().await.unwrap().value().as_str(), expected, "{set_back}");
    }
}
