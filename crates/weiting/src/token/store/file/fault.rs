//! Why a token file could not be used, and what to do about it.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use weifen_transport::StoreErrorKind;

/// Why a [`FileStore`](crate::token::FileStore) could not be used: the source of its
/// [`StoreError`](weifen_transport::StoreError). The file is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileFault {
    /// The path ends in no name of a file.
    #[error("`{path}` names no file: give the path of one, such as `{}`", path.join("token.json").display())]
    NoName {
        /// What was given.
        path: PathBuf,
    },
    /// A symbolic link stands in the file's place. What it leads to is neither read nor replaced.
    #[error("{path} is a symbolic link, which is not followed: give the path of the file itself")]
    Symlink {
        /// The link.
        path: PathBuf,
    },
    /// A folder, a pipe, a socket or a device stands in the file's place.
    #[error("{path} is not a regular file: give the path of one, or of one that does not exist yet")]
    NotAFile {
        /// What is no file.
        path: PathBuf,
    },
    /// The file belongs to another user, who could put any token into it.
    #[error(
        "{path} belongs to user {owner}, and this process runs as user {user}: run both as one user, or give each a \
         file of its own"
    )]
    ForeignOwner {
        /// The file.
        path: PathBuf,
        /// The uid of its owner.
        owner: u32,
        /// The effective uid of this process.
        user: u32,
    },
    /// The file can be written by others than its owner, who could put any token into it.
    #[error("{path} can be written by others than its owner (mode {mode:04o}): take that from them with `chmod 600`")]
    WritableByOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is empty, breaks off, or is something else than a token store's.
    #[error(
        "{path} is empty, half-written or no token store's file: its text is wrong at line {line}, column {column}. \
         Move it away; that costs one fetch, and the day's count begins anew"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where its text is wrong: the line, from 1.
        line: usize,
        /// And the column.
        column: usize,
    },
    /// The file was written by a version that this one does not know.
    #[error(
        "{path} has format {found}, and this version knows format {known}: use the version that wrote it, or move the \
         file away; that costs one fetch, and the day's count begins anew"
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// The format that it names.
        found: u64,
        /// The format that can be read.
        known: u64,
    },
    /// The file is larger than a token store's ever should be, or would become so.
    #[error(
        "{path} is or would become larger than {cap} bytes, which a token store's file never is: move it away; that \
         costs one fetch, and the day's count begins anew"
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How large it may be, in bytes.
        cap: u64,
    },
    /// The file can't be read by this process's user.
    #[error("{path} can't be read: let this process's user read the file and enter its folder, or give another path")]
    Unreadable {
        /// What can't be read.
        path: PathBuf,
        /// The system's refusal.
        source: io::Error,
    },
    /// The file, its folder or its file system can't be written. A valid token is served from it all the same.
    #[error("{path} can't be written: let this process's user write the file and its folder, or give another path")]
    ReadOnly {
        /// What can't be written.
        path: PathBuf,
        /// The system's refusal, if it was the system that refused.
        source: Option<io::Error>,
    },
    /// There is no room for the new content: the disk is full, or a quota or limit is reached.
    #[error("there is no room to write {path}: make some on its disk, or raise the quota or limit")]
    Full {
        /// What could not be written.
        path: PathBuf,
        /// The system's refusal.
        source: io::Error,
    },
    /// Another process holds the lock, and has for longer than a read and a write ever take.
    #[error(
        "{path} has been locked by another process for {} s, where a change takes milliseconds: that process is \
         stopped or hangs. Let it go on, or end it; `fuser` with this path names it",
        waited.as_secs_f64()
    )]
    Locked {
        /// The file that is locked.
        path: PathBuf,
        /// How long was waited for it.
        waited: Duration,
    },
    /// The system refused for another reason.
    #[error("{path} can't be used")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's refusal.
        source: io::Error,
    },
    /// The runtime ended before the work had begun.
    #[error("the runtime is shutting down")]
    Interrupted(#[source] tokio::task::JoinError),
}

impl FileFault {
    /// The kind of store error that the fault amounts to.
    pub fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Full { .. } | Self::Locked { .. } | Self::Interrupted(_) => StoreErrorKind::Unavailable,
            Self::Io { source, .. } => source.into(),
            Self::NoName { .. }
            | Self::Symlink { .. }
            | Self::NotAFile { .. }
            | Self::ForeignOwner { .. }
            | Self::WritableByOthers { .. }
            | Self::Damaged { .. }
            | Self::UnknownFormat { .. }
            | Self::TooLarge { .. }
            | Self::Unreadable { .. }
            | Self::ReadOnly { .. } => StoreErrorKind::Unusable,
        }
    }

    /// What a refusal to write `path` amounts to.
    pub(super) fn of_write(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                Self::ReadOnly { path, source: Some(source) }
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Self::Full { path, source },
            _ => Self::Io { path, source },
        }
    }

    /// What a refusal to read `path` amounts to.
    pub(super) fn of_read(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            ErrorKind::PermissionDenied => Self::Unreadable { path: path.to_owned(), source },
            _ => Self::io(path, source),
        }
    }

    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Root reads every file, so that no test with a real one shows it everywhere.
    #[test]
    fn a_file_that_may_not_be_read_says_what_to_do() {
        let told = FileFault::of_read(Path::new("/a/token.json"), ErrorKind::PermissionDenied.into()).to_string();
        assert!(told.starts_with("/a/token.json can't be read: let this process's user read"), "{told}");
        let other = FileFault::of_read(Path::new("/a/token.json"), ErrorKind::IsADirectory.into());
        assert!(matches!(other, FileFault::Io { .. }), "{other:?}");
    }
}
