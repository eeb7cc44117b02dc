//! One token for several managers over a store that is away, read-only, slow, or has lost its content.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use weifen_transport::{ErrorKind, StoreError, StoreErrorKind, async_trait};
use weifen_weiting::token::store::{Claim, ClaimOutcome, Lease, SaveOutcome, Stored};
use weifen_weiting::token::{MemoryStore, Token, TokenKey, TokenStore};

use crate::fetching::{Fetcher, clock, memory};

const SECOND: Duration = Duration::from_secs(1);

/// A store that can be away, be read-only, or lose its content.
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
            return Err(StoreError::new("the store", StoreErrorKind::Unavailable, std::io::Error::other("away")));
        }
        Ok(self.store.lock().unwrap().clone())
    }

    fn writable(&self) -> Result<Arc<MemoryStore>, StoreError> {
        if self.read_only.load(Ordering::SeqCst) {
            return Err(StoreError::new("the store", StoreErrorKind::Unavailable, std::io::Error::other("read-only")));
        }
        self.there()
    }
}

#[async_trait]
impl TokenStore for Away {
    async fn load(&self, key: &TokenKey, now: SystemTime) -> Result<Stored, StoreError> {
        self.there()?.load(key, now).await
    }

    async fn claim(&self, key: &TokenKey, claim: &Claim) -> Result<ClaimOutcome, StoreError> {
        self.writable()?.claim(key, claim).await
    }

    async fn save(&self, key: &TokenKey, lease: &Lease, token: &Token) -> Result<SaveOutcome, StoreError> {
        self.writable()?.save(key, lease, token).await
    }

    async fn fail(&self, key: &TokenKey, lease: &Lease) -> Result<(), StoreError> {
        self.writable()?.fail(key, lease).await
    }

    async fn reject(&self, key: &TokenKey, generation: u64) -> Result<(), StoreError> {
        self.writable()?.reject(key, generation).await
    }
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
    assert_eq!(process.settle().await.unwrap_err().kind(), ErrorKind::Store);
    assert_eq!(process.current().await.unwrap().value().as_str(), "token-1");

    clock.advance(SECOND * 200);
    let error = process.current().await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Store, true));
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

/// A store that, while it is slow, holds each loaded value back until the test releases it.
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

    async fn claim(&self, key: &TokenKey, claim: &Claim) -> Result<ClaimOutcome, StoreError> {
        self.store.claim(key, claim).await
    }

    async fn save(&self, key: &TokenKey, lease: &Lease, token: &Token) -> Result<SaveOutcome, StoreError> {
        self.store.save(key, lease, token).await
    }

    async fn fail(&self, key: &TokenKey, lease: &Lease) -> Result<(), StoreError> {
        self.store.fail(key, lease).await
    }

    async fn reject(&self, key: &TokenKey, generation: u64) -> Result<(), StoreError> {
        self.store.reject(key, generation).await
    }
}

/// Lets all tasks run until they wait.
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
    assert_eq!(process.cached(), Some(new.clone()));
    assert!(late.is_finished(), "what is held was looked for again");
    assert_eq!(late.await.unwrap().unwrap(), new);
}
