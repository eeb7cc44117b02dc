//! Building a manager: what differs from the defaults.

use std::sync::{Arc, Mutex};

use weifen_transport::{BuildError, Clock, Jitter, RandomJitter, SystemClock};

use super::renewal::Renewer;
use super::{MemoryStore, TokenFetcher, TokenKey, TokenManager, TokenPolicy, TokenStore};

/// Builds a [`TokenManager`].
#[derive(Debug, Clone)]
#[must_use]
pub struct TokenManagerBuilder {
    store: Arc<dyn TokenStore>,
    clock: Arc<dyn Clock>,
    jitter: Arc<dyn Jitter>,
    policy: TokenPolicy,
}

impl TokenManagerBuilder {
    pub(crate) fn new() -> Self {
        Self {
            store: Arc::new(MemoryStore::new()),
            clock: Arc::new(SystemClock),
            jitter: Arc::new(RandomJitter),
            policy: TokenPolicy::default(),
        }
    }

    /// Where the token is kept for all who share it; by default in this manager's memory.
    pub fn store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = store;
        self
    }

    /// Where time comes from.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Where the chance comes from that keeps processes from renewing at the same moment.
    pub fn jitter(mut self, jitter: Arc<dyn Jitter>) -> Self {
        self.jitter = jitter;
        self
    }

    /// How long a token lives, and how often one may be fetched.
    pub fn policy(mut self, policy: TokenPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// A manager of the token under `key`, which `fetcher` fetches. Nothing is fetched yet.
    ///
    /// # Errors
    /// When the policy can't be right.
    pub fn build(self, key: TokenKey, fetcher: Arc<dyn TokenFetcher>) -> Result<TokenManager, BuildError> {
        self.policy.check()?;
        Ok(TokenManager::new(Renewer {
            key,
            holder: format!("{}-{}", std::process::id(), hex::encode(rand::random::<[u8; 8]>())),
            fetcher,
            store: self.store,
            clock: self.clock,
            jitter: self.jitter,
            policy: self.policy,
            late_save: Mutex::default(),
            taken_until: Mutex::default(),
        }))
    }
}
