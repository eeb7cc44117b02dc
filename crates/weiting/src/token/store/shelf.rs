//! The whole content of a store as one value: a slot per key, a ledger per account, and plain functions over them.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::ledger::Ledger;
use super::record::Record;
use super::{Claim, ClaimOutcome, Lease, SaveOutcome, Stored};
use crate::token::policy::LONGEST_LEASE;
use crate::token::{Token, TokenKey, milliseconds};

/// The whole content of a store, as one value that serde writes and reads. Its methods are those of a
/// [`TokenStore`](super::TokenStore), with all of its rules: generations, ledger, brake and lease.
///
/// A store of your own reads it, changes it and writes it back in one transaction; so does
/// [`FileStore`](super::FileStore).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelf {
    // Slots by the key's text, ledgers by its account's.
    tokens: BTreeMap<String, Slot>,
    ledgers: BTreeMap<String, Ledger>,
}

/// The record under a key, and the lease to fetch its next token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Slot {
    #[serde(flatten)]
    record: Record,
    lease: Option<LeaseRecord>,
}

/// A lease that was granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LeaseRecord {
    holder: String,
    generation: u64,
    #[serde(rename = "until_ms", with = "milliseconds")]
    until: SystemTime,
    lasts_ms: u64,
}

/// Tolerance for a claim whose time is older than the lease it meets: it was read before the claim waited for a lock.
const LATE: Duration = Duration::from_secs(60);

impl LeaseRecord {
    /// Time until which it bars others; `None` once it has expired. An end further ahead than the lease lasts was
    /// written before the clock was set back, or by no store, and bars nobody.
    fn bars_until(&self, now: SystemTime) -> Option<SystemTime> {
        let believed = self.until <= now + Duration::from_millis(self.lasts_ms).min(LONGEST_LEASE) + LATE;
        (now < self.until && believed).then_some(self.until)
    }

    fn is(&self, lease: &Lease) -> bool {
        self.holder == lease.holder && self.generation == lease.generation
    }
}

impl Shelf {
    /// Returns the content under `key`.
    pub fn load(&self, key: &TokenKey, now: SystemTime) -> Stored {
        let fetches_today = self.ledgers.get(key.account()).map(|ledger| ledger.fetches(now)).unwrap_or_default();
        let Some(slot) = self.tokens.get(key.as_str()) else {
            return Stored { fetches_today, ..Stored::default() };
        };
        Stored {
            token: slot.record.token.clone(),
            fetches_today,
            braked_until: slot.record.braked_until(now),
            taken_until: slot.lease.as_ref().and_then(|lease| lease.bars_until(now)),
        }
    }

    /// Grants the lease to fetch the next token and counts the fetch, or says why not.
    pub fn claim(&mut self, key: &TokenKey, claim: &Claim) -> ClaimOutcome {
        self.forget_what_is_over(claim.now);
        let slot = self.tokens.entry(key.as_str().to_owned()).or_default();
        if let Some(token) = slot.record.current(claim) {
            return ClaimOutcome::Current(token.clone());
        }
        if let Some(until) = slot.lease.as_ref().and_then(|lease| lease.bars_until(claim.now)) {
            return ClaimOutcome::Taken { until };
        }
        let ledger = self.ledgers.entry(key.account().to_owned()).or_default();
        match slot.record.grant(ledger, claim) {
            Ok(generation) => {
                let lasts_ms = u64::try_from(claim.lease.as_millis()).unwrap_or(u64::MAX);
                let held =
                    LeaseRecord { holder: claim.holder.clone(), generation, until: claim.now + claim.lease, lasts_ms };
                slot.lease = Some(held);
                ClaimOutcome::Granted(Lease { holder: claim.holder.clone(), generation })
            }
            Err(withheld) => ClaimOutcome::Withheld(withheld),
        }
    }

    /// Saves a fetched token, and releases the lease.
    pub fn save(&mut self, key: &TokenKey, lease: &Lease, token: &Token) -> SaveOutcome {
        let slot = self.tokens.entry(key.as_str().to_owned()).or_default();
        slot.give_back(lease);
        slot.record.save(token)
    }

    /// Releases the lease of a fetch that brought no token.
    pub fn fail(&mut self, key: &TokenKey, lease: &Lease) {
        if let Some(slot) = self.tokens.get_mut(key.as_str()) {
            slot.give_back(lease);
            slot.record.fail(lease.generation);
        }
    }

    /// Drops the token of this `generation`, if it is still there.
    pub fn reject(&mut self, key: &TokenKey, generation: u64) {
        if let Some(slot) = self.tokens.get_mut(key.as_str()) {
            slot.record.reject(generation);
        }
    }

    fn forget_what_is_over(&mut self, now: SystemTime) {
        self.tokens.retain(|_, slot| !slot.record.is_over(now));
        self.ledgers.retain(|_, ledger| !ledger.is_over(now));
    }
}

impl Slot {
    fn give_back(&mut self, lease: &Lease) {
        self.lease.take_if(|held| held.is(lease));
    }
}
