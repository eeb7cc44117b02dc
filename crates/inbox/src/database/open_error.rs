//! Why a database could not be opened.

use std::io;
use std::path::{Path, PathBuf};

use weifen_transport::{StoreError, StoreErrorKind};

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// This program was built without the database's feature.
    #[error("{database}: this program was built without the feature `{feature}` of weifen-inbox")]
    NotBuiltIn {
        /// The database.
        database: String,
        /// The feature that it needs.
        feature: &'static str,
    },
    /// There is no such file, and it was not to be made.
    #[error("sqlite:{}: there is no such file; `weifen serve` makes it", .0.display())]
    NoSuchFile(PathBuf),
    /// The folder of the file does not exist; nothing was made. Make it, or name another file.
    #[error("sqlite:{}: the folder {} does not exist", .path.display(), .folder.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
    },
    /// The path is not UTF-8.
    #[error("sqlite:{}: the path must be UTF-8", .0.display())]
    PathNotUtf8(PathBuf),
    /// The file stands where locks can't be relied on.
    #[error("sqlite:{}: it is on a network file system ({kind}), where SQLite loses data; use a local disk, or PostgreSQL", .path.display())]
    NetworkFileSystem {
        /// The file.
        path: PathBuf,
        /// Which one.
        kind: &'static str,
    },
    /// Something else stands where the file, or one of those beside it, belongs.
    #[error("{}: it is {kind}, and has to be a regular file", .path.display())]
    NotAFile {
        /// What is no file.
        path: PathBuf,
        /// What it is instead, such as `a pipe`.
        kind: &'static str,
    },
    /// The file has several names: under another one a second server could open it, and pay what this one has paid.
    #[error(
        "{}: the file has {names} names (hard links), and a second server could open it by another one; \
         remove all names but one",
        .path.display()
    )]
    HardLinked {
        /// The file.
        path: PathBuf,
        /// How many names it has.
        names: u64,
    },
    /// The file can't be made or looked at.
    #[error("sqlite:{}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that was here is gone, or holds nothing that was in it: a new one would forget what was paid.
    #[error(
        "sqlite:{}: {found}, and a database was here before: nothing was made. Put its file back, or restore a backup with \
         `weifen inbox restore --from FILE`; to begin with an empty inbox, which pays again what was paid, remove {}",
        .path.display(), .state.display()
    )]
    Lost {
        /// The file.
        path: PathBuf,
        /// What was found, such as `it is empty`.
        found: &'static str,
        /// The note that tells of the database.
        state: PathBuf,
    },
    /// The log beside the file was written for another file: this one was restored or replaced. Nothing was changed.
    #[error(
        "sqlite:{}: the log beside it, {log}, belongs to another state of this file: it was restored, replaced or changed by \
         another program while no server ran. Nothing was changed. To use the file as it is, move the log away, such as by \
         `mv {log} {log}.aside`: what was stored since the file's state is in the log alone. If only another program's \
         checkpoint changed the file, remove {} instead, and both are checked",
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
    /// Another server has the file.
    #[error("sqlite:{}: {by} serves it already; several servers share a PostgreSQL database", .path.display())]
    Served {
        /// The file.
        path: PathBuf,
        /// Who, in words.
        by: String,
    },
    /// The database was made by a newer version.
    #[error("{database} was made by a newer version of weifen; update this one")]
    Newer {
        /// The database.
        database: String,
    },
    /// The database can't be reached, or can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    /// The kind of store error that it amounts to: whether opening may be tried again.
    pub fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::File { source, .. } => source.into(),
            _ => StoreErrorKind::Unusable,
        }
    }

    /// The error of making or looking at `path`, or what stands beside it.
    pub(crate) fn at(path: &Path, source: io::Error) -> Self {
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
