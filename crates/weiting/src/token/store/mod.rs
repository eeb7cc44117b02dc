//! What a token store promises, and the stores there are: this process's memory, a file, Redis.
//!
//! A store holds, under a key, one token, the right to fetch the next, and the count of fetches. Every change is atomic,
//! and one that comes from a right that another has been given since changes nothing.

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

/// Where a token is kept for all who share it.
///
/// Two fetches under a key may follow one another at once; after that one goes out each 10 s, and rarer, down to one each
/// 5 min, after setbacks in a row: a fetch that failed, one whose right ended by itself, a token that was rejected. A
/// time that lies further ahead than it ever could was written before the clock was set back, and is not believed.
///
/// A [`Shelf`] has all of these rules: a store of your own keeps one and changes it in transactions.
/// `token_store_conformance`, behind this crate's feature `testing`, tries it.
#[async_trait]
pub trait TokenStore: std::fmt::Debug + Send + Sync {
    /// What the store holds under `key`; changes nothing. Whether the token is believed is for the reader to judge, who
    /// knows how long one lives.
    ///
    /// # Errors
    /// When the store can't be used.
    async fn load(&self, key: &TokenKey, now: SystemTime) -> Result<Stored, StoreError>;

    /// Asks for the right to fetch the next token. Where it is given, the fetch has been counted already.
    ///
    /// Of any number that ask at once, one gets it. It ends by itself after [`Claim::lease`].
    ///
    /// # Errors
    /// When the store can't be used; then nobody may fetch, though where only the store's answer was lost the fetch has
    /// been counted.
    async fn claim(&self, key: &TokenKey, claim: &Claim) -> Result<ClaimOutcome, StoreError>;

    /// Keeps the token that was fetched with the right `lease`, whose generation is the token's too, and gives the right
    /// back. A right serves for one save.
    ///
    /// # Errors
    /// When the store can't be used; then it holds what it held before.
    async fn save(&self, key: &TokenKey, lease: &Lease, token: &Token) -> Result<SaveOutcome, StoreError>;

    /// The fetch brought no token: gives the right back, unless another has it by now.
    ///
    /// # Errors
    /// When the store can't be used; then the right ends by itself.
    async fn fail(&self, key: &TokenKey, lease: &Lease) -> Result<(), StoreError>;

    /// The vendor rejected the token of this `generation`: drops it, if it is still the one that the store holds.
    ///
    /// # Errors
    /// When the store can't be used; then it holds what it held before.
    async fn reject(&self, key: &TokenKey, generation: u64) -> Result<(), StoreError>;
}

/// What a store holds under a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    /// The token, also where it has ended. [`TokenManager::stored`](super::TokenManager::stored) leaves out one that is not
    /// believed.
    pub token: Option<Token>,
    /// How many fetches were counted in the Beijing day, for all tokens of the key's account.
    pub fetches_today: u32,
    /// From when on the next fetch may go out as far as the brake goes; `None`: now.
    pub braked_until: Option<SystemTime>,
    /// Until when another has the right to fetch; `None`: nobody has.
    pub taken_until: Option<SystemTime>,
}

/// A request for the right to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Who asks: a text that no other manager has, in any process.
    pub holder: String,
    /// The time, by the wall's clock of who asks.
    pub now: SystemTime,
    /// How long a token lives: one that ends later than that from `now` is none ([`Token::is_believed`]).
    pub life: Duration,
    /// How long the right is needed.
    pub lease: Duration,
    /// How many fetches there may be a Beijing day.
    pub daily_limit: u32,
    /// The generation of the token that has to be replaced; 0 where there is none.
    pub replaces: u64,
}

/// The right to fetch, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose it is.
    pub holder: String,
    /// The generation of the token to be fetched: greater than all before it under this key, and than the one to be
    /// replaced.
    pub generation: u64,
}

/// What a claim came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// Fetch: the right is yours, and counted.
    Granted(Lease),
    /// Don't: there is a valid token, later than the one to be replaced.
    Current(Token),
    /// Wait: another has the right.
    Taken {
        /// When it ends at the latest.
        until: SystemTime,
    },
    /// Don't: the day's fetches are used up, or a pause lies between them.
    Withheld(Withheld),
}

/// What a save came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveOutcome {
    /// The store holds the token.
    Kept,
    /// The right was given to another since: the store holds what that one made of it.
    Superseded,
}
