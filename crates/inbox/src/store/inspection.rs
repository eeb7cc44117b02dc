//! A look at an inbox from outside, which makes, changes and locks nothing.

use std::time::SystemTime;

use sqlx::Connection;
use tokio::time::timeout;

use super::health::{self, Stats};
use super::schema;
use crate::database::{Database, LONGEST, Look, OpenError};

/// What a database is like.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Inspection {
    /// The version of its tables; `None` where it has none of ours yet.
    pub version: Option<i64>,
    /// The version that this program makes.
    pub latest: i64,
    /// The database's own settings, by their names: of SQLite `journal_mode` (`wal` or `rollback`),
    /// of PostgreSQL `server_version`, `fsync`,
    /// `full_page_writes` and `synchronous_commit`.
    pub settings: Vec<(&'static str, String)>,
    /// What is in it; `None` where its tables are of another version.
    pub stats: Option<Stats>,
    /// The time of the last backup that [`Inbox::back_up`](crate::Inbox::back_up) made; `None` where there is none, and of
    /// PostgreSQL.
    pub backed_up_at: Option<SystemTime>,
}

impl Database {
    /// Looks into the inbox that is kept there, whether a server uses it or not. Makes no file, changes no table, and never
    /// waits for longer than 10 s.
    ///
    /// # Errors
    /// As [`Inbox::open`](crate::Inbox::open) would fail: there is no such file, it stands where locks don't hold, the
    /// server can't be reached, or what is there is no database.
    pub async fn inspect(&self) -> Result<Inspection, OpenError> {
        timeout(LONGEST, self.inspect_patiently()).await.unwrap_or_else(|_| Err(self.silent().into()))
    }

    async fn inspect_patiently(&self) -> Result<Inspection, OpenError> {
        let mut look = self.look().await?;
        let stats = stats(&mut look).await.map_err(|error| self.failed(error))?;
        let Look { connection, version, settings, backed_up_at, .. } = look;
        connection.close().await.map_err(|error| self.failed(error))?;
        Ok(Inspection { version, latest: schema::MIGRATIONS.latest(), settings, stats, backed_up_at })
    }
}

async fn stats(look: &mut Look) -> Result<Option<Stats>, sqlx::Error> {
    if look.version != Some(schema::MIGRATIONS.latest()) {
        return Ok(None);
    }
    let now = look.now().await?;
    let waiting = health::waiting(&mut look.connection, now).await?;
    Ok(Some(health::stats(&mut look.connection, now, waiting).await?))
}
