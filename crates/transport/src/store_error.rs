//! The error of a store: where the client keeps what outlives a call.

use std::error::Error;
use std::{fmt, io};

use crate::Source;

/// The error of a store that could not be used.
///
/// Its `source` is the store's own error, which `downcast_ref` finds.
#[derive(Debug, Clone)]
pub struct StoreError {
    store: String,
    kind: StoreErrorKind,
    source: Source,
}

/// Kinds of store errors: each says what the caller must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store is away, locked or full. The same may be tried again later, and works once the store is back.
    Unavailable,
    /// The store is corrupt, is something else, refuses this user, or is named wrongly. Trying again changes nothing:
    /// correct the configuration, or repair the store.
    Unusable,
}

impl From<&io::Error> for StoreErrorKind {
    /// The kind of an error of the file system. A path or a permission that is wrong stays wrong; all else, such as a
    /// full disk or too many open files, passes.
    fn from(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::InvalidFilename
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidData
            | io::ErrorKind::Unsupported => Self::Unusable,
            _ => Self::Unavailable,
        }
    }
}

impl StoreError {
    /// `store`, as its operator knows it (with no password in it), could not be used because of `source`.
    pub fn new(store: impl Into<String>, kind: StoreErrorKind, source: impl Error + Send + Sync + 'static) -> Self {
        Self { store: store.into(), kind, source: std::sync::Arc::new(source) }
    }

    /// The store, as its operator knows it.
    pub fn store(&self) -> &str {
        &self.store
    }

    /// The kind of the error: whether the same may be tried again.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
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
