//! The contract of a token store, and the stores of this crate: this process's memory, a file, Redis.
//!
//! A store holds, under a key, one token, the lease to fetch the next, and the count of fetches. Every change is
//! atomic. A change under a lease that was granted to another since has no effect.

mod brake;
#[cfg(feature = "testing")]
mod conformance;
mod day;
mod file;
mod ledger;
mod memory;
mod record;
#[cfg(feature = "redis")]
mod redis;
mod shelf;

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use weifen_transport::{StoreError, Withheld};

use super::{Token, TokenKey};

#[cfg(feature = "testing")]
pub use conformance::token_store_conformance;
pub use day::day_ends_at;
pub use file::{FileFault, FileStore};
pub use memory::MemoryStore;
#[cfg(feature = "redis")]
pub use redis::{RedisCode, RedisFault, RedisStore};
pub use shelf::Shelf;

/// Longest time that an operation waits for a server, or for another process's change.
const OPERATION: Duration = Duration::from_secs(5);

/// Store of a token for all clients and processes that share it.
///
/// Two fetches under a key may follow one another at once; after that, one each 10 s. Setbacks in a row lengthen the
/// pause, to 5 min at most: a failed fetch, a lease that expired, a rejected token. A stored time further ahead than
/// any can be was written before the clock was set back, and is ignored.
///
/// A [`Shelf`] implements all of these rules: a store of your own keeps one and changes it in transactions.
/// `token_store_conformance`, behind this crate's feature `testing`, tests it.
#[async_trait]
pub trait TokenStore: std::fmt::Debug + Send + Sync {
    /// Reads what the store holds under `key`; changes nothing. The caller, who knows a token's life, decides by
    /// [`Token::is_believed`] if its expiry is plausible.
    ///
    /// # Errors
    /// The store can't be used.
    async fn load(&self, key: &TokenKey, now: SystemTime) -> Result<Stored, StoreError>;

    /// Claims the lease to fetch the next token. With a grant, the fetch has been counted already.
    ///
    /// Only one of any number of concurrent callers gets the lease. It expires after [`Claim::lease`].
    ///
    /// # Errors
    /// The store can't be used: the caller must not fetch. If only the store's answer was lost, the fetch has been
    /// counted, and the lease expires by itself.
    async fn claim(&self, key: &TokenKey, claim: &Claim) -> Result<ClaimOutcome, StoreError>;

    /// Saves the token that was fetched under `lease`, with the lease's generation, and releases the lease. A lease is
    /// good for one save.
    ///
    /// # Errors
    /// The store can't be used, and holds what it held before. The save may be repeated.
    async fn save(&self, key: &TokenKey, lease: &Lease, token: &Token) -> Result<SaveOutcome, StoreError>;

    /// Releases `lease` after a fetch that brought no token, unless another holds it by now.
    ///
    /// # Errors
    /// The store can't be used. The lease expires by itself.
    async fn fail(&self, key: &TokenKey, lease: &Lease) -> Result<(), StoreError>;

    /// Drops the token of this `generation`, which the vendor rejected, if the store still holds it.
    ///
    /// # Errors
    /// The store can't be used, and holds what it held before.
    async fn reject(&self, key: &TokenKey, generation: u64) -> Result<(), StoreError>;
}

/// The content of a store under a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    /// The token, even if it has expired. [`TokenManager::stored`](super::TokenManager::stored) leaves out one whose
    /// expiry is implausible.
    pub token: Option<Token>,
    /// Number of fetches counted on this Beijing day, for all tokens of the key's account.
    pub fetches_today: u32,
    /// Time from which the brake allows the next fetch; `None`: now.
    pub braked_until: Option<SystemTime>,
    /// End of the lease that somebody holds; `None`: nobody does.
    pub taken_until: Option<SystemTime>,
}

/// A request for the fetch lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Name of the caller, unique among all managers of all processes.
    pub holder: String,
    /// Wall time of the caller.
    pub now: SystemTime,
    /// Life of a token. One that ends later than this from `now` is treated as missing ([`Token::is_believed`]).
    pub life: Duration,
    /// Duration of the lease.
    pub lease: Duration,
    /// Number of fetches allowed on a Beijing day.
    pub daily_limit: u32,
    /// Generation of the token to be replaced; 0 where there is none.
    pub replaces: u64,
}

/// The right to fetch once, granted to one holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Name of the holder, from its [`Claim`].
    pub holder: String,
    /// Generation of the token to be fetched: greater than all before it under this key, and than the replaced one.
    pub generation: u64,
}

/// Outcome of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The caller holds the lease, and must fetch now: the fetch is counted.
    Granted(Lease),
    /// There is a valid token, later than the one to be replaced: use it, and don't fetch.
    Current(Token),
    /// Another holds the lease: wait, then claim again.
    Taken {
        /// End of that lease at the latest.
        until: SystemTime,
    },
    /// The day's fetches are used up, or the brake requires a pause: don't fetch before the time that it names.
    Withheld(Withheld),
}

/// Outcome of a save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveOutcome {
    /// The store holds the token.
    Kept,
    /// The lease was granted to another since, or was used for a save already: this save changed nothing.
    Superseded,
}
