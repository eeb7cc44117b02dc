//! The error of a file that was replaced under its connections.

use std::io;

/// The file is not the one that was opened: a write would be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Displaced {
    #[error(
        "the file was moved, removed or replaced while it was in use; put it back, or stop the server and restore a \
         backup with `weifen inbox restore --from FILE`"
    )]
    /// The path has no file, or another one. Nothing is written; put the file back, or restore a backup.
    Moved,
    #[error(
        "another program restored or changed the file while it was in use; weifen writes nothing to it: stop the \
         server and restore a backup with `weifen inbox restore --from FILE`"
    )]
    /// Another program changed the file. Nothing is written; restore a backup.
    Changed,
}

impl From<Displaced> for sqlx::Error {
    fn from(displaced: Displaced) -> Self {
        let kind = match displaced {
            // It works again once it is put back.
            Displaced::Moved => io::ErrorKind::Other,
            Displaced::Changed => io::ErrorKind::InvalidData,
        };
        Self::Io(io::Error::new(kind, displaced))
    }
}
