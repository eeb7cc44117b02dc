//! One token for several managers, as several processes have them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use weifen_transport::mock::ManualClock;
use weifen_transport::{Clock, ErrorKind, Failure, StoreError, Withheld, async_trait};
use weifen_weiting::token::store::{Claim, Claimed, Lease, Saved, Stored};
use weifen_weiting::token::{MemoryStore, Token, TokenKey, TokenPolicy, TokenStore};

use crate::fetching::{Fetcher, NOON, key};

const SECOND: Duration = Duration::from_secs(1);

/// A store that can be away, or readable only, or lose everything.
#[derive(Debug, Default)]
struct Away {
    store: Mutex<Arc<MemoryStore>>,
    gone: AtomicBool,
    read_only: AtomicBool,
}

impl Away {
    fn goes(&self, away: bool) {
        self.gone.store(away, Ordering::SeqCst);
    }

    fn takes_no_change(&self, read_only: bool) {
        self.read_only.store(read_only, Ordering::SeqCst);
    }

    fn loses_everything(&self) {
        *self.store.lock().unwrap() = Arc::default();
    }

    fn there(&self) -> Result<Arc<MemoryStore>, StoreError> {
        if self.gone.load(Ordering::SeqCst) {
            return Err(StoreError::new("the store", std::io::Error::other("away")));
        }
        Ok(self.store.lock().unwrap().clone())
    }

    fn writable(&self) -> Result<Arc<MemoryStore>, StoreError> {
        if self.read_only.load(Ordering::SeqCst) {
            return Err(StoreError::new("the store", std::io::Error::other("read-only")));
        }
        self.there()
    }
}

#[async_trait]
impl TokenStore for Away {
    async fn load(&self, key: &TokenKey, now: SystemTime) -> Result<Stored, StoreError> {
        self.there()?.load(key, now).await
    }

    async fn claim(&self, key: &TokenKey, claim: &Claim) -> Result<Claimed, StoreError> {
        self.writable()?.claim(key, claim).await
    }

    async fn save(&self, key: &TokenKey, lease: &Lease, token: &Token) -> Result<Saved, StoreError> {
        self.writable()?.save(key, lease, token).await
    }

    async fn fail(&self, key: &TokenKey, lease: &Lease) -> Result<(), StoreError> {
        self.writable()?.fail(key, lease).await
    }

    async fn reject(&self, key: &TokenKey, generation: u64) -> Result<(), StoreError> {
        self.writable()?.reject(key, generation).await
    }
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(NOON))
}

fn memory() -> Arc<dyn TokenStore> {
    Arc::new(MemoryStore::new())
}

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
        let held = process.held().unwrap();
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

/// A store in which another is given a later right during each of many fetches, as one whose clock lies hours apart is.
#[derive(Debug, Default)]
struct Outrun(AtomicU64);

#[async_trait]
impl TokenStore for Outrun {
    async fn load(&self, _: &TokenKey, _: SystemTime) -> Result<Stored, StoreError> {
        Ok(Stored::default())
    }

    async fn claim(&self, _: &TokenKey, claim: &Claim) -> Result<Claimed, StoreError> {
        let generation = 1 + self.0.fetch_add(2, Ordering::SeqCst);
        Ok(Claimed::Granted(Lease { holder: claim.holder.clone(), generation }))
    }

    async fn save(&self, _: &TokenKey, lease: &Lease, _: &Token) -> Result<Saved, StoreError> {
        Ok(if lease.generation < 20 { Saved::Superseded } else { Saved::Stored })
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
    let claim =
        Claim { holder: "it never ends".into(), now: clock.wall(), lease: SECOND * 20, daily_limit: 200, replaces: 0 };
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
async fn without_the_store_a_held_token_stays_in_use_and_none_is_fetched() {
    let (fetcher, clock, away) = (Fetcher::new(Duration::ZERO), clock(), Arc::new(Away::default()));
    let store: Arc<dyn TokenStore> = away.clone();
    let process = fetcher.process(&clock, &store);
    process.current().await.unwrap();
    away.goes(true);
    clock.advance(SECOND * 7000);
    assert_eq!(process.current().await.unwrap().value().as_str(), "token-1");
    assert_eq!(process.settle().await.unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(process.current().await.unwrap().value().as_str(), "token-1");

    clock.advance(SECOND * 200);
    let error = process.current().await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Config, true));
    assert_eq!(fetcher.fetches(), 1);

    away.goes(false);
    clock.advance(SECOND * 2);
    assert_eq!(process.current().await.unwrap().value().as_str(), "token-2");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_could_not_be_saved_is_used_and_saved_later() {
    let (fetcher, clock, away) = (Fetcher::new(SECOND), clock(), Arc::new(Away::default()));
    let store: Arc<dyn TokenStore> = away.clone();
    let process = fetcher.process(&clock, &store);
    let call = tokio::spawn({
        let process = process.clone();
        async move { process.current().await }
    });
    tokio::time::sleep(SECOND / 2).await;
    away.goes(true);
    assert_eq!(call.await.unwrap().unwrap().value().as_str(), "token-1");

    away.goes(false);
    assert_eq!(process.stored().await.unwrap().token, None);
    process.settle().await.unwrap();
    assert_eq!(process.stored().await.unwrap().token.unwrap().value().as_str(), "token-1");
}

#[tokio::test]
async fn a_store_that_lost_everything_is_filled_again() {
    let (fetcher, clock, losing) = (Fetcher::new(Duration::ZERO), clock(), Arc::new(Away::default()));
    let store: Arc<dyn TokenStore> = losing.clone();
    let (one, other) = (fetcher.process(&clock, &store), fetcher.process(&clock, &store));
    for ends_first in [true, false, true] {
        let old = one.current().await.unwrap();
        assert_eq!(other.current().await.unwrap(), old);
        losing.loses_everything();
        let new = if ends_first {
            clock.advance(SECOND * 7200);
            one.current().await.unwrap()
        } else {
            one.refresh().await.unwrap()
        };
        assert!(new.generation() > old.generation(), "its generations go on where the lost ones ended: {new:?}");
        other.rejected(&old);
        assert_eq!(other.current().await.unwrap(), new, "and so it is every process's");
    }
    assert_eq!(fetcher.fetches(), 4);
}

#[tokio::test]
async fn a_rejected_token_is_replaced_by_anothers_though_the_store_takes_no_change() {
    let (fetcher, clock, shared) = (Fetcher::new(Duration::ZERO), clock(), Arc::new(Away::default()));
    let store: Arc<dyn TokenStore> = shared.clone();
    let (reader, other) = (fetcher.process(&clock, &store), fetcher.process(&clock, &store));
    let old = reader.current().await.unwrap();
    let new = other.refresh().await.unwrap();
    shared.takes_no_change(true);
    reader.rejected(&old);
    assert_eq!(reader.current().await.unwrap(), new);
    assert_eq!(fetcher.fetches(), 2);
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
async fn a_stored_end_is_believed_for_one_life_at_the_most() {
    let (fetcher, clock, store) = (Fetcher::new(Duration::ZERO), clock(), memory());
    fetcher.process(&clock, &store).current().await.unwrap();
    clock.set_wall(clock.wall() - SECOND * 36_000);
    let restarted = fetcher.process(&clock, &store);
    assert_eq!(restarted.current().await.unwrap().value().as_str(), "token-1");
    clock.advance(SECOND * 7200);
    assert_eq!(restarted.current().await.unwrap().value().as_str(), "token-2");
}

/// A store that, while it is slow, holds back what it has loaded until it is let go.
#[derive(Debug)]
struct SlowToLoad {
    store: Arc<dyn TokenStore>,
    slow: AtomicBool,
    go: tokio::sync::Semaphore,
}

impl SlowToLoad {
    fn over(store: &Arc<dyn TokenStore>) -> Arc<Self> {
        Arc::new(Self { store: store.clone(), slow: AtomicBool::new(true), go: tokio::sync::Semaphore::new(0) })
    }

    fn is_slow(&self, slow: bool) {
        self.slow.store(slow, Ordering::SeqCst);
    }
}

#[async_trait]
impl TokenStore for SlowToLoad {
    async fn load(&self, key: &TokenKey, now: SystemTime) -> Result<Stored, StoreError> {
        let stored = self.store.load(key, now).await;
        if self.slow.load(Ordering::SeqCst) {
            self.go.acquire().await.unwrap().forget();
        }
        stored
    }

    async fn claim(&self, key: &TokenKey, claim: &Claim) -> Result<Claimed, StoreError> {
        self.store.claim(key, claim).await
    }

    async fn save(&self, key: &TokenKey, lease: &Lease, token: &Token) -> Result<Saved, StoreError> {
        self.store.save(key, lease, token).await
    }

    async fn fail(&self, key: &TokenKey, lease: &Lease) -> Result<(), StoreError> {
        self.store.fail(key, lease).await
    }

    async fn reject(&self, key: &TokenKey, generation: u64) -> Result<(), StoreError> {
        self.store.reject(key, generation).await
    }
}

/// Lets everything go on that can.
async fn settled() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_refresh_beside_a_first_look_into_the_store_fetches_all_the_same() {
    let (fetcher, clock, store) = (Fetcher::new(Duration::ZERO), clock(), memory());
    let old = fetcher.process(&clock, &store).current().await.unwrap();
    let slow = SlowToLoad::over(&store);
    let process = fetcher.process(&clock, &(slow.clone() as Arc<dyn TokenStore>));
    let refresh = tokio::spawn({
        let process = process.clone();
        async move { process.refresh().await }
    });
    settled().await;
    let first = tokio::spawn({
        let process = process.clone();
        async move { process.current().await }
    });
    settled().await;
    slow.go.add_permits(1);
    settled().await;
    slow.go.add_permits(10);
    assert_eq!(first.await.unwrap().unwrap(), old);
    assert!(refresh.await.unwrap().unwrap().generation() > old.generation());
    assert_eq!(fetcher.fetches(), 2);
}

#[tokio::test]
async fn a_late_look_into_the_store_drops_no_newer_token() {
    let (fetcher, clock, store) = (Fetcher::new(Duration::ZERO), clock(), memory());
    let slow = SlowToLoad::over(&store);
    let process = fetcher.process(&clock, &(slow.clone() as Arc<dyn TokenStore>));
    slow.is_slow(false);
    process.current().await.unwrap();

    slow.is_slow(true);
    let late = tokio::spawn({
        let process = process.clone();
        async move { process.synchronise().await }
    });
    settled().await;
    slow.is_slow(false);
    let new = process.refresh().await.unwrap();
    slow.is_slow(true);
    slow.go.add_permits(1);
    settled().await;
    assert_eq!(process.held(), Some(new.clone()));
    assert!(late.is_finished(), "what is held was looked for again");
    assert_eq!(late.await.unwrap().unwrap(), new);
}
