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

/// Number of attempts at a change that concurrent writers keep preventing.
const ATTEMPTS: u32 = 16;

/// Keeps tokens in Redis 7 or newer, for all processes of all machines that name the same one.
///
/// Making a store connects nothing. Each operation has a connection of its own and a timeout of 5 s. While Redis is
/// away each operation fails with an error that says so; once it is back they work again.
///
/// # What Redis holds
///
/// For a [`TokenKey`] `KEY` of the account `ACCOUNT`, such as `wx1@m.sh.189.cn`:
///
/// | key | what it holds |
/// |---|---|
/// | `weifen:{ACCOUNT}:token:KEY` | JSON: `token`, or `null`, and what the pauses between fetches need |
/// | `weifen:{ACCOUNT}:lease:KEY` | the fetch lease: generation and holder; it expires by itself |
/// | `weifen:{ACCOUNT}:ledger` | JSON: number of fetches per Beijing day |
///
/// A `token` holds `access_token`, `generation`, and `fetched_at_ms` and `expires_at_ms` since 1970 UTC.
///
/// Programs in other languages read the token with `GET` and heed its `expires_at_ms`; they must write nothing. Record
/// and ledger are kept for 8 days after their last change. A script changes both only if they are unchanged since they
/// were read (compare and set), so a process that slept past its lease can't change a newer token.
///
/// # What it needs
///
/// The user may run GET, SET, DEL, PTTL and EVAL on the keys `weifen:*`, and SELECT where the URL names a database
/// other than 0. Redis should evict no keys (`maxmemory-policy noeviction`): a Redis that loses the ledger counts
/// anew. The same goes for FLUSHALL, and for a failover that loses the last writes. If the answer to a claim is lost
/// on its way, a fetch is counted that is never made, and its lease expires by itself.
///
/// # Security
///
/// With `redis://` password and token cross the network in clear: use it on this machine, or a network of your own.
/// With `rediss://` they are encrypted. Anyone who can read the database can use the token.
#[derive(Clone)]
pub struct RedisStore {
    address: Address,
    tls: Option<Tls>,
    limit: Duration,
}

impl RedisStore {
    /// Returns a store at `url`: `redis://[[user]:password@]host[:port][/database]`, by default port 6379, database 0.
    /// With `rediss://` it uses TLS, and this machine's certificate authorities.
    ///
    /// # Errors
    /// [`BuildError`]: `url` is no such URL, or TLS can't be set up.
    pub fn new(url: &str) -> Result<Self, BuildError> {
        Self::trusting(url, None)
    }

    /// Returns a store at `url` that trusts these certificate authorities instead of the machine's: one or more
    /// certificates in PEM.
    ///
    /// # Errors
    /// [`BuildError`]: `url` is no such URL, or the PEM holds no certificate.
    pub fn with_ca_pem(url: &str, ca_pem: &[u8]) -> Result<Self, BuildError> {
        Self::trusting(url, Some(ca_pem))
    }

    fn trusting(url: &str, ca_pem: Option<&[u8]>) -> Result<Self, BuildError> {
        let address = Address::parse(url)?;
        let tls = address.is_encrypted.then(|| Tls::to(&address, ca_pem)).transpose()?;
        Ok(Self { address, tls, limit: OPERATION })
    }

    /// Shortens the timeout of each operation, from connecting to the last answer, from 5 s to `limit`: for programs
    /// whose calls have less time. A longer `limit` changes nothing.
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

    /// Applies `change` to the record, writes it if it changed, releases `lease`, and returns the outcome of `change`.
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

/// Decodes JSON, or gives the default where there is none. The decoder's error may quote the token and is left out.
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
