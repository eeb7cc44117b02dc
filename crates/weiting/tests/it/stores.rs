//! Every store keeps every promise, and the promises can be broken.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use weifen_transport::{StoreError, async_trait};
use weifen_weiting::token::store::{Claim, ClaimOutcome, Lease, SaveOutcome, Stored};
use weifen_weiting::token::{FileStore, MemoryStore, Token, TokenKey, TokenStore, token_store_conformance};

use crate::fetching::{NOON, key};

#[tokio::test]
async fn the_memory_store_keeps_every_promise() {
    token_store_conformance(|| Arc::new(MemoryStore::new())).await;
}

#[tokio::test]
async fn the_file_store_keeps_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    let number = AtomicUsize::new(0);
    token_store_conformance(|| {
        let number = number.fetch_add(1, Ordering::Relaxed);
        Arc::new(FileStore::new(folder.path().join(format!("{number}/token.json"))))
    })
    .await;
}

#[tokio::test]
async fn a_store_that_lost_everything_goes_on_from_the_token_that_is_saved() {
    let (store, key) = (MemoryStore::new(), key("secret"));
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOON);
    let lease = Lease { holder: "holder".to_owned(), generation: 7 };
    let token = Token::new("token-7".parse().unwrap(), 7, now, Duration::from_secs(7200));
    assert_eq!(store.save(&key, &lease, &token).await.unwrap(), SaveOutcome::Kept);
    store.reject(&key, 7).await.unwrap();
    let claim = Claim {
        holder: "cold".to_owned(),
        now,
        life: Duration::from_secs(7200),
        lease: Duration::from_secs(20),
        daily_limit: 200,
        replaces: 0,
    };
    let ClaimOutcome::Granted(next) = store.claim(&key, &claim).await.unwrap() else { panic!("not granted") };
    assert_eq!(next.generation, 8);
}

#[tokio::test]
async fn a_store_that_ignores_generations_breaks_a_promise() {
    let broken = broken_promise(|| Arc::new(LastSaveWins::default())).await;
    assert!(broken.contains("the token of a fetcher that had lost its lease was saved"), "{broken}");
}

#[tokio::test]
async fn a_store_whose_right_to_fetch_never_ends_breaks_a_promise() {
    let broken = broken_promise(|| Arc::new(NoEnd::default())).await;
    assert!(broken.contains("the fetch lease did not expire"), "{broken}");
}

/// Returns the message with which the conformance tests of a store fail.
pub(crate) async fn broken_promise(make_store: impl Fn() -> Arc<dyn TokenStore> + Send + Sync + 'static) -> String {
    let trial = tokio::spawn(token_store_conformance(make_store));
    let panic = trial.await.expect_err("the store kept every promise").into_panic();
    let words = panic.downcast_ref::<String>().cloned();
    words.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).expect("a panic has words")
}

/// A store that keeps the token that is saved last, under any lease.
#[derive(Debug, Default)]
struct LastSaveWins {
    others: MemoryStore,
    tokens: Mutex<BTreeMap<TokenKey, Token>>,
}

#[async_trait]
impl TokenStore for LastSaveWins {
    async fn load(&self, key: &TokenKey, now: SystemTime) -> Result<Stored, StoreError> {
        let token = self.tokens.lock().unwrap().get(key).cloned();
        Ok(Stored { token, ..self.others.load(key, now).await? })
    }

    async fn claim(&self, key: &TokenKey, claim: &Claim) -> Result<ClaimOutcome, StoreError> {
        self.others.claim(key, claim).await
    }

    async fn save(&self, key: &TokenKey, lease: &Lease, token: &Token) -> Result<SaveOutcome, StoreError> {
        self.others.save(key, lease, token).await?;
        self.tokens.lock().unwrap().insert(key.clone(), token.clone());
        Ok(SaveOutcome::Kept)
    }

    async fn fail(&self, key: &TokenKey, lease: &Lease) -> Result<(), StoreError> {
        self.others.fail(key, lease).await
    }

    async fn reject(&self, key: &TokenKey, generation: u64) -> Result<(), StoreError> {
        self.others.reject(key, generation).await?;
        self.tokens.lock().unwrap().retain(|held, token| held != key || token.generation() != generation);
        Ok(())
    }
}

/// A store that grants leases for a century.
#[derive(Debug, Default)]
struct NoEnd(MemoryStore);

#[async_trait]
impl TokenStore for NoEnd {
    async fn load(&self, key: &TokenKey, now: SystemTime) -> Result<Stored, StoreError> {
        self.0.load(key, now).await
    }

    async fn claim(&self, key: &TokenKey, claim: &Claim) -> Result<ClaimOutcome, StoreError> {
        let lease = Duration::from_secs(7200);
        self.0.claim(key, &Claim { lease, ..claim.clone() }).await
    }

    async fn save(&self, key: &TokenKey, lease: &Lease, token: &Token) -> Result<SaveOutcome, StoreError> {
        self.0.save(key, lease, token).await
    }

    async fn fail(&self, key: &TokenKey, lease: &Lease) -> Result<(), StoreError> {
        self.0.fail(key, lease).await
    }

    async fn reject(&self, key: &TokenKey, generation: u64) -> Result<(), StoreError> {
        self.0.reject(key, generation).await
    }
}
