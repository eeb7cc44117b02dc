//! Builds a manager from the settings that differ from the defaults.

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

    /// Sets the store through which managers and processes share the token; by default this manager's memory.
    pub fn store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = store;
        self
    }

    /// Sets the source of wall time and elapsed time; by default the system's clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the source of the jitter that spreads the renewals of many processes over time; random by default.
    pub fn jitter(mut self, jitter: Arc<dyn Jitter>) -> Self {
        self.jitter = jitter;
        self
    }

    /// Sets the token's life, its renewal and the daily limit of fetches.
    pub fn policy(mut self, policy: TokenPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Builds a manager of the token under `key`, which `fetcher` fetches. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`BuildError::Setting`]: a life, a lease or a renewal time of the policy is out of range.
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
