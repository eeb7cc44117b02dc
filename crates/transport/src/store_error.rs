//! The error of a store, in which a client keeps its data between calls.

use std::error::Error;
use std::{fmt, io};

use crate::Source;

/// Error of a store that can't be used.
///
/// `source` is the store's own error, which `downcast_ref` finds.
#[derive(Debug, Clone)]
pub struct StoreError {
    store: String,
    kind: StoreErrorKind,
    source: Source,
}

/// Kind of a store error: it tells the caller what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store is unreachable, locked or full. Try again later: it works once the store is back.
    Unavailable,
    /// The store is corrupt, of another kind, denies access, or is named wrongly. A repeat fails again: correct the
    /// configuration, or repair the store.
    Unusable,
}

impl From<&io::Error> for StoreErrorKind {
    /// Classifies a file system's error. A wrong path or permission stays wrong; any other cause, such as a full disk
    /// or too many open files, is temporary.
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
    /// Creates the error of `store`, named as its operator knows it and without a password, because of `source`.
    pub fn new(store: impl Into<String>, kind: StoreErrorKind, source: impl Error + Send + Sync + 'static) -> Self {
        Self { store: store.into(), kind, source: std::sync::Arc::new(source) }
    }

    /// Name of the store, as its operator knows it.
    pub fn store(&self) -> &str {
        &self.store
    }

    /// Kind of the error: whether a repeat may help.
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
    // A derived `source` would return the `Arc` and not the error inside.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}
