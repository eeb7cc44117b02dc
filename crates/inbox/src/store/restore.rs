//! Restores a backup in the place of a SQLite inbox, which is set aside with its log.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sqlx::{AnyConnection, Connection, Row};
use weifen_database::file::{Paths, url};
use weifen_database::{Dialect, identity, look, regular_file};

use super::backup::{at, sync_folder};
use crate::{BackupError, Database, ServerLock};

/// A backup that was restored.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Restored {
    /// Events in it.
    pub events: u64,
    /// Files that were set aside: the old inbox and its log. Empty where there was none.
    pub set_aside: Vec<PathBuf>,
    /// Events of the old inbox that the backup lacks; `None` where there was none, or it can't be read.
    pub since: Option<Since>,
}

/// Numbers of events since a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Since {
    /// Events that are not in the backup: they are paid again if they are pushed again.
    pub newer_events: u64,
    /// Events that are pending in the backup and were delivered since: they are delivered again, under the same ids.
    pub delivered_events: u64,
}

impl Restored {
    /// Restores a backup of a SQLite inbox in the place of `database`. The current inbox is renamed with its log, and
    /// nothing is deleted.
    ///
    /// # Errors
    /// [`BackupError`]: a server uses the inbox; or the file is no backup, damaged, or of a newer version. Nothing has
    /// changed then. If renaming failed halfway, the message names the file, and the rest stands beside it.
    pub async fn from_backup(database: &Database, from: &Path) -> Result<Self, BackupError> {
        sqlx::any::install_default_drivers();
        let Some(paths) = database.paths()? else {
            return Err(BackupError::Postgres { database: database.to_string() });
        };
        let _served = ServerLock::take(database)?;
        refuse_what_is_not_whole(from, &paths)?;
        let copy = named(paths.path(), ".restoring");
        copy_file(from, paths.path(), &copy).map_err(|source| at(from, source))?;
        let restored = put_in_place(&paths, from, &copy).await;
        if restored.is_err() {
            let _ = fs::remove_file(&copy);
        }
        restored
    }
}

fn refuse_what_is_not_whole(from: &Path, paths: &Paths) -> Result<(), BackupError> {
    let unfit = |why: &str| Err(BackupError::Unfit { path: from.to_owned(), why: why.to_owned() });
    let found = fs::metadata(from).map_err(|source| at(from, source))?;
    regular_file::check(from)?;
    if fs::canonicalize(from).is_ok_and(|from| from == paths.path()) {
        return unfit("the file is the inbox itself, not a backup");
    }
    if found.len() == 0 {
        return unfit("the file is empty");
    }
    if fs::metadata(named(from, "-wal")).is_ok_and(|log| log.len() > 0) {
        return unfit(
            "a log (-wal) is beside the file, so the file alone is incomplete; combine both into one file with \
             `weifen inbox backup --database sqlite:FILE --to ANOTHER`",
        );
    }
    Ok(())
}

async fn put_in_place(paths: &Paths, from: &Path, copy: &Path) -> Result<Restored, BackupError> {
    let (identity, events) = check(copy).await.map_err(|why| BackupError::Unfit { path: from.to_owned(), why })?;
    let there = paths.path().exists();
    let since = if there { since(paths, copy).await } else { None };
    let fault = |source| at(paths.path(), source);
    let mut state = paths.lock().await.map_err(fault)?;
    // From here on a server finds either inbox, or refuses to make an empty one.
    state.write(|note| (note.identity, note.is_changing) = (Some(identity), true)).map_err(fault)?;
    let set_aside = set_aside(paths)?;
    fs::rename(copy, paths.path()).map_err(fault)?;
    sync_folder(paths.path()).map_err(fault)?;
    let now = paths.look().map_err(|gone| fault(io::Error::other(gone)))?;
    state
        .write(|note| {
            note.see(&now);
            note.is_changing = false;
        })
        .map_err(fault)?;
    Ok(Restored { events, set_aside, since })
}

/// Checks that the file is a sound inbox of a known version; returns its identity and its number of events.
async fn check(copy: &Path) -> Result<(String, u64), String> {
    let damaged = |error: sqlx::Error| format!("the file cannot be read: {error}");
    let connected = AnyConnection::connect(&url::alone(copy)).await;
    let mut connection = connected.map_err(damaged)?;
    let checked = async {
        let found = sqlx::query_scalar::<_, String>("PRAGMA integrity_check(1)").fetch_one(&mut connection).await;
        match found.map_err(damaged)? {
            found if found == "ok" => {}
            found => return Err(format!("the file is damaged: {found}")),
        }
        match look::version(&mut connection, Dialect::Sqlite).await.map_err(damaged)? {
            None => return Err("the file is a database, but not an inbox".to_owned()),
            Some(version) if version > weifen_database::latest_version() => {
                return Err("the file was created by a newer version of weifen; update weifen".to_owned());
            }
            Some(_) => {}
        }
        let identity = identity(&mut connection).await.map_err(damaged)?;
        let identity = identity.ok_or("the file's tables are incomplete")?;
        let events: i64 =
            sqlx::query_scalar("SELECT count(*) FROM events").fetch_one(&mut connection).await.map_err(damaged)?;
        Ok((identity, events.unsigned_abs()))
    };
    let checked = checked.await;
    connection.close().await.map_err(damaged)?;
    checked
}

/// Counts in the current inbox, log included. `None` if it is damaged, or its log is another file's.
async fn since(paths: &Paths, copy: &Path) -> Option<Since> {
    paths.look_at_note().await.ok()?;
    let mut connection = AnyConnection::connect(&paths.url_to_read()).await.ok()?;
    let counted = async {
        sqlx::query("ATTACH $1 AS backup").bind(url::unchanging_uri(copy)).execute(&mut connection).await?;
        let sql = "SELECT COUNT(*) FILTER (WHERE old.follow IS NULL) AS newer, \
                       COUNT(*) FILTER (WHERE old.due_at IS NOT NULL AND new.status = 'delivered') AS delivered \
                   FROM main.events AS new \
                   LEFT JOIN backup.events AS old ON old.follow = new.follow AND old.slot = new.slot";
        let row = sqlx::query(sql).fetch_one(&mut connection).await?;
        let [newer, delivered]: [i64; 2] = [row.try_get("newer")?, row.try_get("delivered")?];
        Ok::<_, sqlx::Error>(Since { newer_events: newer.unsigned_abs(), delivered_events: delivered.unsigned_abs() })
    };
    let counted = counted.await;
    connection.close().await.ok()?;
    counted.ok()
}

/// Renames the current files. The database file goes first: without it no server starts, log or not.
fn set_aside(paths: &Paths) -> Result<Vec<PathBuf>, BackupError> {
    let time = Timestamp::now().strftime("%Y%m%dT%H%M%S%.3fZ");
    let aside = named(paths.path(), &format!(".aside-{time}"));
    let mut set_aside = Vec::new();
    for (ending, path) in [("", paths.path())].into_iter().chain(paths.beside()) {
        let name = named(&aside, ending);
        match fs::rename(path, &name) {
            Ok(()) if ending != "-shm" => set_aside.push(name),
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(at(path, source)),
        }
    }
    Ok(set_aside)
}

fn copy_file(from: &Path, database: &Path, to: &Path) -> io::Result<()> {
    let mut written = regular_file::open_beside(database, to)?;
    written.set_len(0)?;
    io::copy(&mut fs::File::open(from)?, &mut written)?;
    written.sync_all()
}

fn named(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
