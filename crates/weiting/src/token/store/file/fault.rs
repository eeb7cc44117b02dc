//! Errors of a token file, each with its remedy.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use weifen_transport::StoreErrorKind;

/// Error of a [`FileStore`](crate::token::FileStore), the source of its [`StoreError`](weifen_transport::StoreError).
/// The file is unchanged. [`kind`](Self::kind) says if a retry can help.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileFault {
    /// The path ends in no file name: correct it.
    #[error("`{path}` is not the path of a file: give a path such as `{}`", path.join("token.json").display())]
    NoName {
        /// The path as given.
        path: PathBuf,
    },
    /// The path is a symbolic link. Its target is neither read nor replaced: give the path of the file itself.
    #[error("{path} is a symbolic link, which is not followed: give the path of the file itself")]
    Symlink {
        /// The link.
        path: PathBuf,
    },
    /// The path is a folder, a pipe, a socket or a device: give the path of a regular file, or of a file that does not
    /// exist yet.
    #[error("{path} is not a regular file: give the path of a regular file, or of a file that does not exist yet")]
    NotAFile {
        /// The path as given.
        path: PathBuf,
    },
    /// The file belongs to another user, who could put any token into it: run both as one user, or use two files.
    #[error(
        "{path} belongs to user {owner}, but this process runs as user {user}: run all programs as one user, or give \
         each its own file"
    )]
    ForeignOwner {
        /// The file.
        path: PathBuf,
        /// The uid of its owner.
        owner: u32,
        /// The effective uid of this process.
        user: u32,
    },
    /// Others than the owner can write the file, and could put any token into it: run `chmod 600`.
    #[error("{path} can be written by users other than its owner (mode {mode:04o}): run `chmod 600` on it")]
    WritableByOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is empty, truncated, or no token store's: move it away, which costs one fetch and the day's count.
    #[error(
        "{path} is empty, incomplete or not a token store file: the text is wrong at line {line}, column {column}. \
         Move the file away; this costs one fetch and resets the daily count"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Line of the error, counted from 1.
        line: usize,
        /// Column of the error.
        column: usize,
    },
    /// Another version wrote the file: use that one, or move the file away, which costs one fetch and the day's count.
    #[error(
        "{path} has format {found}, but this version reads format {known}: use the version that wrote it, or move \
         the file away; this costs one fetch and resets the daily count"
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// Format of the file.
        found: u64,
        /// Format that this version reads.
        known: u64,
    },
    /// The file is too large for a token store's, or would become so: move it away.
    #[error(
        "{path} is, or would become, larger than {cap} bytes, the maximum of a token store file: move it away; this \
         costs one fetch and resets the daily count"
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Largest allowed size, in bytes.
        cap: u64,
    },
    /// This process's user can't read the file: correct the permissions.
    #[error(
        "{path} cannot be read: give this process's user read permission for the file and its folder, or set another \
         path"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's refusal.
        source: io::Error,
    },
    /// The file, its folder or its file system can't be written: correct that. A valid token is still served.
    #[error(
        "{path} cannot be written: give this process's user write permission for the file and its folder, or set \
         another path"
    )]
    ReadOnly {
        /// The file or folder.
        path: PathBuf,
        /// The system's refusal; `None` where the file is marked read-only.
        source: Option<io::Error>,
    },
    /// The disk is full, or a quota or limit is reached: make room. A retry works then.
    #[error("no space left to write {path}: free space on the disk, or raise the quota or the file size limit")]
    Full {
        /// The file or folder.
        path: PathBuf,
        /// The system's refusal.
        source: io::Error,
    },
    /// Another process, which is stopped or hangs, holds the lock for too long. A retry works once it goes on or ends.
    #[error(
        "{path} has been locked by another process for {} s, although a change takes milliseconds: that process is \
         stopped or hangs. Resume that process, or end it; `fuser` with this path shows its process ID",
        waited.as_secs_f64()
    )]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// Time that was waited for it.
        waited: Duration,
    },
    /// The system refused for another reason, which the source gives.
    #[error("{path} can't be used")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's refusal.
        source: io::Error,
    },
    /// The runtime ended before the work had begun: nothing was done.
    #[error("the runtime is shutting down")]
    Interrupted(#[source] tokio::task::JoinError),
}

impl FileFault {
    /// Returns the kind of store error: if the same call may succeed later, or something must be corrected first.
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

    /// Returns the fault for a refusal to write `path`.
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

    /// Returns the fault for a refusal to read `path`.
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

    /// Root reads every file, so a test with a real file could not show this on every machine.
    #[test]
    fn a_file_that_may_not_be_read_says_what_to_do() {
        let told = FileFault::of_read(Path::new("/a/token.json"), ErrorKind::PermissionDenied.into()).to_string();
        assert!(told.starts_with("/a/token.json cannot be read: give this process's user read permission"), "{told}");
        let other = FileFault::of_read(Path::new("/a/token.json"), ErrorKind::IsADirectory.into());
        assert!(matches!(other, FileFault::Io { .. }), "{other:?}");
    }
}
