//! A store for many machines: Redis.

mod address;
mod capped;
mod fault;
mod link;
mod names;
mod tls;

use std::fmt;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use weifen_transport::{BuildError, StoreError};

use super::ledger::Ledger;
use super::record::Record;
use super::{Claim, ClaimOutcome, Lease, OPERATION, SaveOutcome, Stored, TokenStore};
use crate::token::{Token, TokenKey};
use address::Address;
pub use fault::{RedisCode, RedisFault};
use link::{Found, Grant, Link};
use names::Names;
use tls::Tls;

/// How often a change is tried that others are in the way of.
const ATTEMPTS: u32 = 16;

/// Keeps tokens in Redis 7 or newer, for all processes of all machines that name the same one.
///
/// Nothing is connected when it is made. Each operation has a connection of its own and at most 5 s; while Redis is away
/// each ends in an error that says so, and when it is back they work again.
///
/// # What Redis holds
///
/// For a [`TokenKey`] `KEY` of the account `ACCOUNT`, such as `wx1@m.sh.189.cn`:
///
/// | key | what it holds |
/// |---|---|
/// | `weifen:{ACCOUNT}:token:KEY` | JSON: `token` (`access_token`, `generation`, and `fetched_at_ms`, `expires_at_ms` since 1970 UTC; `null` where there is none), and what the pauses between fetches need |
/// | `weifen:{ACCOUNT}:lease:KEY` | who has the right to fetch: generation and holder; it ends by itself |
/// | `weifen:{ACCOUNT}:ledger` | JSON: how many fetches were counted, a Beijing day |
///
/// Programs in other languages read the token with `GET` and heed its `expires_at_ms`; they write nothing. Record and
/// ledger are kept for 8 days after their last change. Both change by script, and only if they still are what the change
/// was made from, so that a process that slept past its right to fetch can't change a newer token.
///
/// # What it needs
///
/// The user may run GET, SET, DEL, PTTL and EVAL on the keys `weifen:*`, and SELECT where the URL names a database other
/// than 0. Redis should evict no keys (`maxmemory-policy noeviction`): one that forgets the ledger counts anew. The same
/// goes for FLUSHALL, and for a failover that loses the last writes. If the answer to a claim is lost on its way, a fetch
/// is counted that is never made, and the right to it ends by itself.
///
/// # Security
///
/// With `redis://` password and token cross the network in clear: for this machine, or a network of your own. With
/// `rediss://` they are encrypted. Whoever can read the database can use the token.
#[derive(Clone)]
pub struct RedisStore {
    address: Address,
    tls: Option<Tls>,
    limit: Duration,
}

impl RedisStore {
    /// The store at `url`: `redis://[[user]:password@]host[:port][/database]`, by default port 6379, database 0; with
    /// `rediss://` over TLS, to a server whose certificate this machine's authorities vouch for.
    ///
    /// # Errors
    /// When it is no such URL.
    pub fn new(url: &str) -> Result<Self, BuildError> {
        Self::trusting(url, None)
    }

    /// The store at `url`, whose certificate has to come from these authorities, in the place of the machine's: PEM, one
    /// or more certificates.
    ///
    /// # Errors
    /// When it is no such URL, or the PEM holds no certificate.
    pub fn with_ca_pem(url: &str, ca_pem: &[u8]) -> Result<Self, BuildError> {
        Self::trusting(url, Some(ca_pem))
    }

    fn trusting(url: &str, ca_pem: Option<&[u8]>) -> Result<Self, BuildError> {
        let address = Address::parse(url)?;
        let tls = address.is_encrypted.then(|| Tls::to(&address, ca_pem)).transpose()?;
        Ok(Self { address, tls, limit: OPERATION })
    }

    /// Ends each operation after `limit`, from connecting to the last answer, where that is less than 5 s: for programs
    /// whose calls have less time.
    #[must_use]
    pub fn at_most(mut self, limit: Duration) -> Self {
        self.limit = self.limit.min(limit);
        self
    }

    async fn open(&self) -> Result<Link, RedisFault> {
        Link::open(&self.address, self.tls.as_ref(), self.limit).await
    }

    async fn within<T>(&self, operation: impl Future<Output = Result<T, RedisFault>>) -> Result<T, StoreError> {
        let ended = tokio::time::timeout(self.limit, operation).await;
        let late = |_| Err(RedisFault::TimedOut { waited: self.limit });
        ended.unwrap_or_else(late).map_err(|fault| StoreError::new(self.address.to_string(), fault.kind(), fault))
    }

    async fn look(&self, key: &TokenKey, now: SystemTime) -> Result<Stored, RedisFault> {
        let names = Names::of(key);
        let found = self.open().await?.look(&names).await?;
        let record = found.record(&names)?;
        Ok(Stored {
            fetches_today: found.ledger(&names)?.fetches(now),
            braked_until: record.braked_until(now),
            taken_until: found.taken.map(|left| now + left),
            token: record.token,
        })
    }

    async fn grant(&self, key: &TokenKey, claim: &Claim) -> Result<ClaimOutcome, RedisFault> {
        let names = Names::of(key);
        let mut link = self.open().await?;
        for _ in 0..ATTEMPTS {
            let found = link.look(&names).await?;
            let mut record = found.record(&names)?;
            if let Some(token) = record.current(claim) {
                return Ok(ClaimOutcome::Current(token.clone()));
            }
            if let Some(left) = found.taken {
                return Ok(ClaimOutcome::Taken { until: claim.now + left });
            }
            let mut ledger = found.ledger(&names)?;
            let generation = match record.grant(&mut ledger, claim) {
                Ok(generation) => generation,
                Err(withheld) => return Ok(ClaimOutcome::Withheld(withheld)),
            };
            let lease = Lease { holder: claim.holder.clone(), generation };
            let grant =
                Grant { record: &json(&record), ledger: &json(&ledger), lease: &text(&lease), lasts: claim.lease };
            if link.grant(&names, &found, &grant).await? {
                return Ok(ClaimOutcome::Granted(lease));
            }
        }
        Err(RedisFault::Contended)
    }

    /// Changes the record, where `change` does, and gives `lease` back; what `change` came to.
    async fn settle<T>(
        &self,
        key: &TokenKey,
        lease: Option<&Lease>,
        change: impl Fn(&mut Record) -> T,
    ) -> Result<T, RedisFault> {
        let names = Names::of(key);
        let lease = lease.map(text).unwrap_or_default();
        let mut link = self.open().await?;
        for _ in 0..ATTEMPTS {
            let found = link.look(&names).await?;
            let before = found.record(&names)?;
            let mut record = before.clone();
            let outcome = change(&mut record);
            let written = if record == before { Vec::new() } else { json(&record) };
            if link.settle(&names, &found, &written, &lease).await? {
                return Ok(outcome);
            }
        }
        Err(RedisFault::Contended)
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisStore").field(&format_args!("{}", self.address)).finish()
    }
}

#[async_trait]
impl TokenStore for RedisStore {
    async fn load(&self, key: &TokenKey, now: SystemTime) -> Result<Stored, StoreError> {
        self.within(self.look(key, now)).await
    }

    async fn claim(&self, key: &TokenKey, claim: &Claim) -> Result<ClaimOutcome, StoreError> {
        self.within(self.grant(key, claim)).await
    }

    async fn save(&self, key: &TokenKey, lease: &Lease, token: &Token) -> Result<SaveOutcome, StoreError> {
        self.within(self.settle(key, Some(lease), |record| record.save(token))).await
    }

    async fn fail(&self, key: &TokenKey, lease: &Lease) -> Result<(), StoreError> {
        self.within(self.settle(key, Some(lease), |record| record.fail(lease.generation))).await
    }

    async fn reject(&self, key: &TokenKey, generation: u64) -> Result<(), StoreError> {
        self.within(self.settle(key, None, |record| record.reject(generation))).await
    }
}

impl Found {
    fn record(&self, names: &Names) -> Result<Record, RedisFault> {
        read(&self.record, &names.record)
    }

    fn ledger(&self, names: &Names) -> Result<Ledger, RedisFault> {
        read(&self.ledger, &names.ledger)
    }
}

/// The decoder's own error stays out: it may quote the token.
fn read<T: DeserializeOwned + Default>(json: &[u8], key: &str) -> Result<T, RedisFault> {
    if json.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(json).map_err(|_| RedisFault::NotOurs { key: key.to_owned() })
}

/// The JSON of a record or a ledger.
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("a record and a ledger have no key that is not a text, and no value without JSON")
}

/// A lease as Redis keeps it.
fn text(lease: &Lease) -> String {
    format!("{} {}", lease.generation, lease.holder)
}
