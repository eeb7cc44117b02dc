//! The error of a store: where the client keeps what outlives a call.

use std::error::Error;

use crate::Source;

/// Why a store could not be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{store} can't be used")]
pub struct StoreError {
    store: String,
    source: Source,
}

impl StoreError {
    /// `store`, as its operator knows it (with no password in it), could not be used because of `source`.
    pub fn new(store: impl Into<String>, source: impl Error + Send + Sync + 'static) -> Self {
        Self { store: store.into(), source: std::sync::Arc::new(source) }
    }

    /// The store, as its operator knows it.
    pub fn store(&self) -> &str {
        &self.store
    }
}
