//! The token that calls carry: fetched once for all processes that share it, renewed in the background, counted.

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

/// A token and its expiry.
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

/// Tolerance for clocks of two machines that differ, and for a claim that is older than the token it meets.
const SLACK: Duration = Duration::from_secs(60);

impl Token {
    /// A token whose life began at `fetched_at`, before its request was sent. `generation` grows from token to token.
    pub fn new(value: AccessToken, generation: u64, fetched_at: SystemTime, life: Duration) -> Self {
        Self { value: Arc::new(value), generation, fetched_at, expires_at: fetched_at + life }
    }

    /// The token itself.
    pub fn value(&self) -> &AccessToken {
        &self.value
    }

    /// Number of the token within its store: a later token has a greater one, not always the next.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns true where both are the same token. Times are not compared: a store rounds them.
    fn is(&self, other: &Self) -> bool {
        self.generation == other.generation && self.value == other.value
    }

    /// Returns true where the expiry is plausible. A token that ends more than a `life` from `now` was fetched while
    /// the clock was ahead, and must be treated as missing. Clocks may differ by a minute.
    pub fn is_believed(&self, now: SystemTime, life: Duration) -> bool {
        self.expires_at <= now + life + SLACK
    }

    /// Wall time at which the request for it was sent.
    pub fn fetched_at(&self) -> SystemTime {
        self.fetched_at
    }

    /// Wall time at which it expires.
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }
}
