//! A store in a file, for the processes of one machine.

mod document;
mod fault;
mod lock;
mod opening;
mod token_file;

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use weifen_transport::StoreError;

use super::shelf::Shelf;
use super::{Claim, ClaimOutcome, Lease, OPERATION, SaveOutcome, Stored, TokenStore};
use crate::token::{Token, TokenKey};

pub use fault::FileFault;
use token_file::TokenFile;

/// Keeps tokens in a file that the processes of one machine share: one token, one fetch, one lasting count.
///
/// ```
/// use std::sync::Arc;
///
/// use weifen_weiting::token::FileStore;
///
/// let store = Arc::new(FileStore::new("/var/lib/shop/token.json"));
/// ```
///
/// # The file
/// JSON, for its owner alone (mode 0600), at most 1 MiB. Programs in other languages may read a token from it, at any
/// moment and without a lock: the file is replaced as a whole and never changed in its place. They must not write it.
///
/// ```json
/// {
///   "format": 1,
///   "tokens": {
///     "APPID@BASE_URL#DIGEST": {
///       "token": {
///         "access_token": "…",
///         "generation": 3,
///         "fetched_at_ms": 1557244800000,
///         "expires_at_ms": 1557252000000
///       },
///       …
///     }
///   },
///   "ledgers": {"APPID@HOST": {"2019-05-08": 3}}
/// }
/// ```
///
/// `format` changes with anything shown here. A key is the text of [`TokenKey::as_str`]. `token` is null where there
/// is none; it has expired once `expires_at_ms` (milliseconds since 1970, UTC) has passed. A ledger counts an
/// account's fetches per Beijing day. All other fields are private to this crate, and may change.
///
/// # What is refused
/// A [`FileFault`], the error's source, says what is wrong and what to do: a symbolic link, anything but a regular
/// file, another user's file, one that others than its owner may write (these four on Unix), one that is damaged, of
/// an unknown format or too large, missing permission, a full disk, and a lock that another process holds for seconds.
/// The file is then unchanged. One that can't be written still serves a valid token.
///
/// # What lies beside it
/// `PATH.lock`, which a change locks for milliseconds: do not remove it while a process runs. After a writer was
/// killed, also `.NAME.new`, which the next writer replaces. Missing folders are made, for their owner alone.
///
/// The work runs on blocking threads of the tokio runtime, which the store needs. A change that was begun is finished
/// even if its caller gives up.
#[derive(Debug, Clone)]
pub struct FileStore {
    path: Arc<PathBuf>,
    limit: Duration,
}

impl FileStore {
    /// Returns a store in the file at `path`, which need not exist. Nothing is read or written yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: Arc::new(path.into()), limit: OPERATION }
    }

    /// Shortens the wait for another process's lock from 5 s to `limit`, for programs whose calls have less time. A
    /// longer `limit` changes nothing.
    #[must_use]
    pub fn at_most(mut self, limit: Duration) -> Self {
        self.limit = self.limit.min(limit);
        self
    }

    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Shelf) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let limit = self.limit;
        self.with_file(move |file| file.change(limit, change)).await
    }

    async fn with_file<T: Send + 'static>(
        &self,
        work: impl FnOnce(&TokenFile) -> Result<T, FileFault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let path = self.path.clone();
        let work = tokio::task::spawn_blocking(move || work(&TokenFile::of(&path)?));
        let outcome = work.await.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(error) => Err(FileFault::Interrupted(error)),
        });
        outcome.map_err(|fault| StoreError::new(format!("file:{}", self.path.display()), fault.kind(), fault))
    }
}

#[async_trait]
impl TokenStore for FileStore {
    async fn load(&self, key: &TokenKey, now: SystemTime) -> Result<Stored, StoreError> {
        let key = key.clone();
        self.with_file(move |file| file.read().map(|shelf| shelf.load(&key, now))).await
    }

    async fn claim(&self, key: &TokenKey, claim: &Claim) -> Result<ClaimOutcome, StoreError> {
        let (key, claim) = (key.clone(), claim.clone());
        self.change(move |shelf| shelf.claim(&key, &claim)).await
    }

    async fn save(&self, key: &TokenKey, lease: &Lease, token: &Token) -> Result<SaveOutcome, StoreError> {
        let (key, lease, token) = (key.clone(), lease.clone(), token.clone());
        self.change(move |shelf| shelf.save(&key, &lease, &token)).await
    }

    async fn fail(&self, key: &TokenKey, lease: &Lease) -> Result<(), StoreError> {
        let (key, lease) = (key.clone(), lease.clone());
        self.change(move |shelf| shelf.fail(&key, &lease)).await
    }

    async fn reject(&self, key: &TokenKey, generation: u64) -> Result<(), StoreError> {
        let key = key.clone();
        self.change(move |shelf| shelf.reject(&key, generation)).await
    }
}
