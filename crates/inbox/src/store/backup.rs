//! A backup of a SQLite file: a snapshot of one moment, in a file of its own.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sqlx::{AnyConnection, Connection};
use weifen_database::file::url;
use weifen_database::{is_damage, milliseconds, regular_file};
use weifen_transport::{StoreError, StoreErrorKind};

use super::Store;
use crate::OpenError;

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Backup {
    /// Its file.
    pub to: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Events in it.
    pub events: u64,
}

/// The error of making or restoring a backup. Nothing has changed then, unless the message says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The inbox is in PostgreSQL, which has backups of its own. Use `pg_dump`, or its point-in-time recovery.
    #[error(
        "{database}: weifen does not back up PostgreSQL: use pg_dump and pg_restore, or a base backup with \
         point-in-time recovery"
    )]
    Postgres {
        /// The database.
        database: String,
    },
    /// The file exists, and no file is overwritten. Name another one, or delete a `.partial` one that is left over.
    #[error("{}: the file already exists and is not overwritten; name another file", .0.display())]
    Exists(PathBuf),
    /// The file can't be written or read. [`kind`](Self::kind) says whether to try again.
    #[error("{}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
    /// The file is not a backup that can be restored. Name another file.
    #[error("{}: {why}", .path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// Reason, such as `the file is empty`.
        why: String,
    },
    /// The database can't be opened. [`OpenError`]'s variants say what to do.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database can't be read. [`kind`](Self::kind) says whether to try again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    /// The kind of store error that it amounts to: it says whether to try again.
    pub fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Open(error) => error.kind(),
            Self::Store(error) => error.kind(),
            Self::File { source, .. } => source.into(),
            _ => StoreErrorKind::Unusable,
        }
    }
}

impl Store {
    pub(crate) async fn back_up(&self, to: &Path) -> Result<Backup, BackupError> {
        let Some(file) = self.pool.file() else {
            return Err(BackupError::Postgres { database: self.pool.name().to_string() });
        };
        let fault = |source| at(to, source);
        let to = std::path::absolute(to).map_err(fault)?;
        if fs::symlink_metadata(&to).is_ok() {
            return Err(BackupError::Exists(to));
        }
        let text = to.to_str().ok_or_else(|| OpenError::PathNotUtf8(to.clone()))?;
        let partial = PathBuf::from(format!("{text}.partial"));
        // SQLite writes into an existing empty file; a file that it makes could be read by others.
        match regular_file::private().create_new(true).open(&partial) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(BackupError::Exists(partial)),
            made => drop(made.map_err(|source| at(&partial, source))?),
        }
        let made = self.copy_into(&partial).await.and_then(|events| {
            let bytes = publish(&partial, &to)?;
            Ok(Backup { to, bytes, events })
        });
        // It has been renamed by now, or is of no use.
        let _ = fs::remove_file(&partial);
        let backup = made?;
        let now = milliseconds::since_1970(self.pool.clock().wall()) / 1000;
        let noted = file.note_backup(now).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "the backup was made, but its time could not be saved for `weifen doctor`");
        }
        Ok(backup)
    }

    async fn copy_into(&self, partial: &Path) -> Result<u64, BackupError> {
        let failed = |error| BackupError::Store(self.pool.failed(error));
        let (mut connection, _) = self.pool.read().await.map_err(failed)?;
        connection.is_sound = false;
        let copy = sqlx::query("VACUUM INTO $1").bind(partial.to_string_lossy().into_owned());
        copy.execute(&mut *connection).await.map_err(failed)?;
        connection.is_sound = true;
        let counted = async {
            let mut copy = AnyConnection::connect(&url::alone(partial)).await?;
            let events: i64 = sqlx::query_scalar("SELECT count(*) FROM events").fetch_one(&mut copy).await?;
            copy.close().await?;
            Ok(events.unsigned_abs())
        };
        counted.await.map_err(|error: sqlx::Error| {
            if is_damage(&error) {
                return BackupError::Unfit {
                    path: partial.to_owned(),
                    why: "the backup that SQLite wrote is damaged".to_owned(),
                };
            }
            failed(error)
        })
    }
}

/// Syncs the finished backup and gives it its name, without overwriting a file; returns its size.
fn publish(partial: &Path, to: &Path) -> Result<u64, BackupError> {
    let written = File::open(partial).and_then(|file| {
        file.sync_all()?;
        Ok(file.metadata()?.len())
    });
    let bytes = written.map_err(|source| at(partial, source))?;
    match fs::hard_link(partial, to) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(BackupError::Exists(to.to_owned())),
        // A file system without hard links.
        Err(_) => fs::rename(partial, to).map_err(|source| at(to, source))?,
    }
    sync_folder(to).map_err(|source| at(to, source))?;
    Ok(bytes)
}

/// Syncs the folder of a file, so that its name is on the disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path.parent().unwrap_or(path))?.sync_all()?;
    Ok(())
}

pub(super) fn at(path: &Path, source: io::Error) -> BackupError {
    BackupError::File { path: path.to_owned(), source }
}
