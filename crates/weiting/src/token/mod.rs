//! The token that calls carry: where it comes from, how long it is believed, and when it is fetched anew.

mod fetcher;
mod manager;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use weifen_proto::weiting::AccessToken;
use weifen_transport::CallError;

pub use fetcher::TokenFetcher;
pub(crate) use fetcher::VendorFetcher;
pub use manager::TokenManager;

/// Where the client takes its tokens from.
#[async_trait]
pub trait TokenSource: std::fmt::Debug + Send + Sync {
    /// A token that is believed to be valid now.
    ///
    /// # Errors
    /// When one had to be fetched and could not be.
    async fn current(&self) -> Result<Token, CallError>;

    /// The vendor rejected `token`: it is not handed out again. A later one stays.
    async fn rejected(&self, token: &Token);
}

/// A token, and until when it is believed.
#[derive(Debug, Clone)]
pub struct Token {
    value: Arc<AccessToken>,
    generation: u64,
    expires_at: SystemTime,
}

impl Token {
    /// A token of a `generation`: a number that grows from one token to the next.
    pub fn new(value: AccessToken, generation: u64, expires_at: SystemTime) -> Self {
        Self { value: Arc::new(value), generation, expires_at }
    }

    /// The token itself.
    pub fn value(&self) -> &AccessToken {
        &self.value
    }

    /// Which of the source's tokens it is, counted from 1.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// When it ends, by the wall's clock.
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }
}

/// How long a token lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// From before the request for it was sent to its end: 7200 s (documented).
    pub life: Duration,
    /// How long before its end a new one is fetched.
    pub refresh_before: Duration,
}

impl Default for Life {
    fn default() -> Self {
        Self { life: Duration::from_secs(7200), refresh_before: Duration::from_secs(300) }
    }
}
