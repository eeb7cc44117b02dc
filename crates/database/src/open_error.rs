//! The error of opening a database.

use std::io;
use std::path::{Path, PathBuf};

use weifen_transport::{StoreError, StoreErrorKind};

/// The error of opening a database. Each variant says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// This program was built without the database's feature. Build it with the feature.
    #[error("{database}: this program was built without the feature `{feature}` of weifen-inbox")]
    NotBuiltIn {
        /// The database.
        database: String,
        /// The feature that it needs.
        feature: &'static str,
    },
    /// The file does not exist, and only `weifen serve` creates it. Correct the path, or start `weifen serve`.
    #[error("sqlite:{}: the file does not exist; `weifen serve` creates it", .0.display())]
    NoSuchFile(PathBuf),
    /// The folder of the file does not exist; nothing was created. Create the folder, or name another file.
    #[error("sqlite:{}: the folder {} does not exist", .path.display(), .folder.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
    },
    /// The path is not UTF-8. Name another one.
    #[error("sqlite:{}: the path must be UTF-8", .0.display())]
    PathNotUtf8(PathBuf),
    /// The file is on a network file system, whose locks can't be relied on. Use a local disk, or PostgreSQL.
    #[error(
        "sqlite:{}: the file is on a network file system ({kind}), where SQLite loses data; use a local disk, or \
         PostgreSQL",
        .path.display()
    )]
    NetworkFileSystem {
        /// The file.
        path: PathBuf,
        /// The file system, such as `NFS`.
        kind: &'static str,
    },
    /// The file, or one beside it, is not a regular file. It was not opened; remove it, or name another path.
    #[error("{}: this is {kind}, but it must be a regular file", .path.display())]
    NotAFile {
        /// The path at fault.
        path: PathBuf,
        /// The kind of what is there, such as `a pipe`.
        kind: &'static str,
    },
    /// The file has several names: by another one a second server could pay again. Remove all names but one.
    #[error(
        "{}: the file has {names} names (hard links), so a second server could open it under another name; remove \
         all names but one",
        .path.display()
    )]
    HardLinked {
        /// The file.
        path: PathBuf,
        /// Number of its names.
        names: u64,
    },
    /// The file can't be created or examined. [`kind`](Self::kind) says whether to try again.
    #[error("sqlite:{}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
    /// A file that was here is gone or empty: a new file would pay past events again. Nothing was created; put the
    /// file back, or restore a backup.
    #[error(
        "sqlite:{}: {found}, but a database was here before; nothing was created. Put the file back, or restore a \
         backup with `weifen inbox restore --from FILE`. To start with an empty inbox, which pays past events again, \
         remove {}",
        .path.display(), .state.display()
    )]
    Lost {
        /// The file.
        path: PathBuf,
        /// The finding, such as `the file is empty`.
        found: &'static str,
        /// The note that says that there was a database.
        state: PathBuf,
    },
    /// The log beside the file was written for another file: this one was restored or replaced. Nothing was changed;
    /// move the log aside, or remove the note, to say which of them counts.
    #[error(
        "sqlite:{}: the log {log} belongs to another state of this file: the file was restored, replaced or changed \
         by another program while no server ran. weifen changed nothing. To use the file without the log, move the \
         log away, such as by `mv {log} {log}.aside`; writes after the file's state are only in the log. If only \
         another program's checkpoint changed the file, remove {} instead: weifen then checks both",
        .path.display(), .state.display(), log = .log.display()
    )]
    OtherLog {
        /// The file.
        path: PathBuf,
        /// The log.
        log: PathBuf,
        /// The note that tells them apart.
        state: PathBuf,
    },
    /// Another server holds the file's lock. Stop it, or share a PostgreSQL database.
    #[error("sqlite:{}: {by} already serves this file; several servers need a PostgreSQL database", .path.display())]
    Served {
        /// The file.
        path: PathBuf,
        /// Its holder, such as `process 4711`.
        by: String,
    },
    /// The database was created by a newer version. Update this program.
    #[error("{database} was created by a newer version of weifen; update weifen")]
    Newer {
        /// The database.
        database: String,
    },
    /// The database can't be reached, or can't be used. [`kind`](Self::kind) says whether to try again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    /// The kind of store error that it amounts to: it says whether opening may be tried again.
    pub fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::File { source, .. } => source.into(),
            _ => StoreErrorKind::Unusable,
        }
    }

    /// Returns the error of making or examining `path` or a file beside it.
    pub fn at(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        let folder = std::path::absolute(&path).ok().and_then(|path| Some(path.parent()?.to_owned()));
        match folder {
            Some(folder) if source.kind() == io::ErrorKind::NotFound && !folder.exists() => {
                Self::NoFolder { path, folder }
            }
            _ => Self::File { path, source },
        }
    }
}
