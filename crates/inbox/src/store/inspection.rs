//! A read-only look at an inbox, which makes, changes and locks nothing.

use std::time::SystemTime;

use sqlx::Connection;
use tokio::time::timeout;
use weifen_database::{Database, LONGEST, Look, OpenError};

use super::health::{self, Stats};

/// Findings about an inbox's database.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Inspection {
    /// The version of its tables; `None` where it has none of ours yet.
    pub version: Option<i64>,
    /// The version that this program migrates to.
    pub latest: i64,
    /// The database's own settings, by their names: of SQLite `journal_mode` (`wal` or `rollback`), of PostgreSQL
    /// `server_version`, `fsync`, `full_page_writes` and `synchronous_commit`.
    pub settings: Vec<(&'static str, String)>,
    /// Its statistics; `None` where its tables are of another version.
    pub stats: Option<Stats>,
    /// Time of the last [`Inbox::back_up`](crate::Inbox::back_up); `None` where there was none, and for PostgreSQL.
    pub backed_up_at: Option<SystemTime>,
}

impl Inspection {
    /// Inspects the inbox in this database, whether a server uses it or not. Makes no file, changes no table, and
    /// takes 10 s at most.
    ///
    /// # Errors
    /// As for [`Inbox::open`](crate::Inbox::open): there is no such file, it is on a network file system, the server
    /// can't be reached, or the file is no database. Repeating is safe.
    pub async fn of(database: &Database) -> Result<Self, OpenError> {
        timeout(LONGEST, Self::patiently(database)).await.unwrap_or_else(|_| Err(database.silent().into()))
    }

    async fn patiently(database: &Database) -> Result<Self, OpenError> {
        let mut look = database.look().await?;
        let stats = stats(&mut look).await.map_err(|error| database.failed(error))?;
        let Look { connection, version, settings, backed_up_at, .. } = look;
        connection.close().await.map_err(|error| database.failed(error))?;
        Ok(Self { version, latest: weifen_database::latest_version(), settings, stats, backed_up_at })
    }
}

async fn stats(look: &mut Look) -> Result<Option<Stats>, sqlx::Error> {
    if look.version != Some(weifen_database::latest_version()) {
        return Ok(None);
    }
    let now = look.now().await?;
    let waiting = health::waiting(&mut look.connection, now).await?;
    Ok(Some(health::stats(&mut look.connection, now, waiting).await?))
}
