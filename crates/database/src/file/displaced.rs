//! The error of a file that was replaced under its connections.

use std::io;

/// The file is not the one that was opened: a write would be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Displaced {
    #[error(
        "the file was moved, removed or replaced while it was in use; put it back, or stop the server and restore a \
         backup with `weifen inbox restore --from FILE`"
    )]
    /// Another file is at its path, or none.
    Moved,
    #[error(
        "another program restored or changed the file while it was in use; nothing is written to it: stop the server \
         and restore a backup with `weifen inbox restore --from FILE`"
    )]
    /// Another program changed it.
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
