//! The life of the token that calls carry: fetched once for all who share it, renewed in the background, counted.

mod builder;
mod cached_token;
mod fetcher;
mod key;
mod manager;
mod milliseconds;
mod policy;
mod renewal;
pub mod store;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use weifen_proto::weiting::AccessToken;

pub use builder::TokenManagerBuilder;
pub use fetcher::TokenFetcher;
pub(crate) use fetcher::VendorFetcher;
pub use key::TokenKey;
pub use manager::TokenManager;
pub use policy::TokenPolicy;
#[cfg(feature = "testing")]
pub use store::token_store_conformance;
pub use store::{FileFault, FileStore, MemoryStore, TokenStore};
#[cfg(feature = "redis")]
pub use store::{RedisCode, RedisFault, RedisStore};

/// A token, and until when it is believed.
///
/// Its JSON is what the stores of this crate keep: `access_token`, `generation`, and `fetched_at_ms` and
/// `expires_at_ms` in milliseconds since 1970 (UTC).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    #[serde(rename = "access_token")]
    value: Arc<AccessToken>,
    generation: u64,
    #[serde(rename = "fetched_at_ms", with = "milliseconds")]
    fetched_at: SystemTime,
    #[serde(rename = "expires_at_ms", with = "milliseconds")]
    expires_at: SystemTime,
}

/// How far two machines' clocks may be apart, and a claim's time behind the token's.
const SLACK: Duration = Duration::from_secs(60);

impl Token {
    /// A token whose life began at `fetched_at`, before the request for it was sent. Its `generation` grows from one
    /// token to the next.
    pub fn new(value: AccessToken, generation: u64, fetched_at: SystemTime, life: Duration) -> Self {
        Self { value: Arc::new(value), generation, fetched_at, expires_at: fetched_at + life }
    }

    /// The token itself.
    pub fn value(&self) -> &AccessToken {
        &self.value
    }

    /// Which of the store's tokens it is: a later token has a greater generation, not always the next number.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether both are one token. The times of one that a store kept are rounded.
    fn is(&self, other: &Self) -> bool {
        self.generation == other.generation && self.value == other.value
    }

    /// Whether its end can be right: a token that ends more than a `life` from `now` was fetched while the clock was ahead,
    /// and is as good as none. A minute is allowed for clocks that differ.
    pub fn is_believed(&self, now: SystemTime, life: Duration) -> bool {
        self.expires_at <= now + life + SLACK
    }

    /// When the request for it was sent, by the wall's clock.
    pub fn fetched_at(&self) -> SystemTime {
        self.fetched_at
    }

    /// When it ends, by the wall's clock.
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }
}
