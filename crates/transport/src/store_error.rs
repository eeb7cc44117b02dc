//! The error of a store: where the client keeps what outlives a call.

use std::error::Error;
use std::fmt;

use crate::Source;

/// Why a store could not be used.
///
/// Its `source` is the store's own error, which `downcast_ref` finds.
#[derive(Debug, Clone)]
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

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} can't be used", self.store)
    }
}

impl Error for StoreError {
    // A derived one would give the `Arc`, and not what is in it.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}
