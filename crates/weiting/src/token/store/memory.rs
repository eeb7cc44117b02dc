//! A store in this process's memory.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use weifen_transport::StoreError;

use super::shelf::Shelf;
use super::{Claim, ClaimOutcome, Lease, SaveOutcome, Stored, TokenStore};
use crate::token::{Token, TokenKey};

/// Keeps tokens in this process's memory. Clients with the same store share its tokens.
///
/// Tokens and counts end with the process, and each process fetches a token of its own.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Shelf>);

impl MemoryStore {
    /// Returns an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TokenStore for MemoryStore {
    async fn load(&self, key: &TokenKey, now: SystemTime) -> Result<Stored, StoreError> {
        Ok(self.shelf().load(key, now))
    }

    async fn claim(&self, key: &TokenKey, claim: &Claim) -> Result<ClaimOutcome, StoreError> {
        Ok(self.shelf().claim(key, claim))
    }

    async fn save(&self, key: &TokenKey, lease: &Lease, token: &Token) -> Result<SaveOutcome, StoreError> {
        Ok(self.shelf().save(key, lease, token))
    }

    async fn fail(&self, key: &TokenKey, lease: &Lease) -> Result<(), StoreError> {
        self.shelf().fail(key, lease);
        Ok(())
    }

    async fn reject(&self, key: &TokenKey, generation: u64) -> Result<(), StoreError> {
        self.shelf().reject(key, generation);
        Ok(())
    }
}
