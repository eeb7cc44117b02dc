//! Stores that break one promise each, and the message of the conformance test that finds it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use weifen_transport::{StoreError, Withheld, async_trait};
use weifen_weiting::token::store::{Claim, ClaimOutcome, Lease, SaveOutcome, Stored};
use weifen_weiting::token::{MemoryStore, Token, TokenKey, TokenStore};

use crate::stores::broken_promise;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    CountsOnceTheFetchHasEnded,
    CountsForEachSecret,
    ForgetsTheBrakeAtEachSave,
    RejectsWhateverIsThere,
    RejectsWhatIsOlder,
    TakesTheRightBackFromAnybody,
    TakesTheRightBackFromItsLastHolder,
    ShowsAnothersToken,
    GivesOneRightForAllKeys,
    BelievesEveryPause,
}

/// A store in memory with a fault.
#[derive(Debug)]
struct Broken {
    fault: Fault,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    stores: BTreeMap<String, Arc<MemoryStore>>,
    granted: Option<Lease>,
    first: Option<TokenKey>,
    counted: u32,
    paused_until: Option<SystemTime>,
}

impl Broken {
    fn by(fault: Fault) -> Arc<dyn TokenStore> {
        Arc::new(Self { fault, state: Mutex::default() })
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    /// The store of all keys, or with the fault the store of `key`.
    fn store(&self, key: &TokenKey) -> Arc<MemoryStore> {
        let part = if self.is(Fault::CountsForEachSecret) { key.as_str() } else { "" };
        self.state.lock().unwrap().stores.entry(part.to_owned()).or_default().clone()
    }

    fn begin_anew(&self, counted: u32) {
        let mut state = self.state.lock().unwrap();
        (state.stores, state.counted) = (BTreeMap::new(), counted);
    }

    async fn held(&self, key: &TokenKey) -> Option<u64> {
        let stored = self.store(key).load(key, SystemTime::UNIX_EPOCH).await.unwrap();
        stored.token.map(|token| token.generation())
    }
}

#[async_trait]
impl TokenStore for Broken {
    async fn load(&self, key: &TokenKey, now: SystemTime) -> Result<Stored, StoreError> {
        let first = self.state.lock().unwrap().first.clone();
        let key = first.filter(|_| self.is(Fault::ShowsAnothersToken)).unwrap_or_else(|| key.clone());
        let mut stored = self.store(&key).load(&key, now).await?;
        if self.is(Fault::CountsOnceTheFetchHasEnded) && stored.taken_until.is_some() {
            stored.fetches_today -= 1;
        }
        stored.fetches_today += self.state.lock().unwrap().counted;
        Ok(stored)
    }

    async fn claim(&self, key: &TokenKey, claim: &Claim) -> Result<ClaimOutcome, StoreError> {
        let first = self.state.lock().unwrap().first.get_or_insert_with(|| key.clone()).clone();
        if self.is(Fault::GivesOneRightForAllKeys)
            && let Some(until) = self.store(&first).load(&first, claim.now).await?.taken_until
        {
            return Ok(ClaimOutcome::Taken { until });
        }
        let paused = self.state.lock().unwrap().paused_until.filter(|until| *until > claim.now);
        if let Some(until) = paused.filter(|_| self.is(Fault::BelievesEveryPause)) {
            return Ok(ClaimOutcome::Withheld(Withheld::Brake { until }));
        }
        let claimed = self.store(key).claim(key, claim).await?;
        let mut state = self.state.lock().unwrap();
        match &claimed {
            ClaimOutcome::Granted(lease) => state.granted = Some(lease.clone()),
            ClaimOutcome::Withheld(Withheld::Brake { until }) => state.paused_until = Some(*until),
            _ => {}
        }
        Ok(claimed)
    }

    async fn save(&self, key: &TokenKey, lease: &Lease, token: &Token) -> Result<SaveOutcome, StoreError> {
        let saved = self.store(key).save(key, lease, token).await?;
        if self.is(Fault::ForgetsTheBrakeAtEachSave) && saved == SaveOutcome::Kept {
            let counted = self.load(key, token.fetched_at()).await?.fetches_today;
            self.begin_anew(counted);
            return self.store(key).save(key, lease, token).await;
        }
        Ok(saved)
    }

    async fn fail(&self, key: &TokenKey, lease: &Lease) -> Result<(), StoreError> {
        let granted = self.state.lock().unwrap().granted.clone();
        let taken = granted.filter(|granted| match self.fault {
            Fault::TakesTheRightBackFromAnybody => true,
            Fault::TakesTheRightBackFromItsLastHolder => granted.holder == lease.holder,
            _ => false,
        });
        self.store(key).fail(key, &taken.unwrap_or_else(|| lease.clone())).await
    }

    async fn reject(&self, key: &TokenKey, generation: u64) -> Result<(), StoreError> {
        let held = self.held(key).await;
        let rejected = held.filter(|held| match self.fault {
            Fault::RejectsWhateverIsThere => true,
            Fault::RejectsWhatIsOlder => *held < generation,
            _ => false,
        });
        self.store(key).reject(key, rejected.unwrap_or(generation)).await
    }
}

#[tokio::test]
async fn each_broken_store_is_told_which_promise_it_breaks() {
    let trials = [
        (Fault::CountsOnceTheFetchHasEnded, "one fetch lease must be counted as one fetch"),
        (Fault::CountsForEachSecret, "a new secret reset the daily count of the appid"),
        (Fault::ForgetsTheBrakeAtEachSave, "fetches in an hour"),
        (Fault::RejectsWhateverIsThere, "the late rejection of an old token dropped a newer one"),
        (Fault::RejectsWhatIsOlder, "the rejection of a token that is not in the store dropped another token"),
        (Fault::TakesTheRightBackFromAnybody, "a fetcher that had lost its lease released the lease of another"),
        (Fault::TakesTheRightBackFromItsLastHolder, "a fetcher that had lost its lease released the lease of another"),
        (Fault::ShowsAnothersToken, "sees the token of"),
        (Fault::GivesOneRightForAllKeys, "prevents a fetch for"),
        (Fault::BelievesEveryPause, "the store accepted a brake that ends later than any brake can"),
    ];
    let trials = trials.map(|(fault, expected)| async move {
        let broken = broken_promise(move || Broken::by(fault)).await;
        assert!(broken.contains(expected), "{fault:?}: {broken}");
    });
    futures_util::future::join_all(trials).await;
}
