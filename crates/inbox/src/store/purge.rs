//! Erases personal data. The digests that identify a follow stay, so that nothing is paid twice after it.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Executor};
use tokio::time::sleep;
use weifen_database::file::{File, Mode};
use weifen_database::is_busy;
use weifen_database::milliseconds;
use weifen_database::{Dialect, Writing};
use weifen_transport::{StoreError, StoreErrorKind};

use super::recall::{DAWN, SLACK};
use super::{Store, column};

/// Number of rows that one transaction erases or scans, so that pushes need not wait long for it.
pub(super) const TOGETHER: u16 = 1000;
/// Number of attempts to get SQLite's write lock, each with the usual timeout: the lock is not fair, and a server that
/// writes without a pause may take it again first.
const LOCK_TRIES: u32 = 5;
/// Timeout of one attempt to empty SQLite's log, number of attempts, and the pause between them: another program may
/// be reading it. Nobody writes during an attempt, so there are many short ones.
const LOG_WAIT_MS: u32 = 100;
const LOG_TRIES: u32 = 40;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// Numbers of rows that a purge erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Purged {
    /// Events whose push was erased; their digests are kept.
    pub events: u64,
    /// Quarantined bodies.
    pub quarantined: u64,
    /// Bookings that had ended.
    pub bookings: u64,
}

/// The error of a log that another program is reading: everything is erased from the file, but the log still holds it.
#[derive(Debug, thiserror::Error)]
#[error(
    "the data is erased from the file, but not from the log (-wal) beside it: another program kept reading the \
     database; end that program, and purge again"
)]
struct LogInUse;

impl Store {
    /// Erases rows that are older than `age`, but for pending events.
    pub(crate) async fn purge(&self, age: Duration) -> Result<Purged, StoreError> {
        let (_, now) = self.pool.read().await.map_err(|error| self.pool.failed(error))?;
        let until = now.saturating_sub(milliseconds::of(age));
        // A time from a wrong clock tells no age: such a row is as old as the next one with a plausible time.
        let old = format!(
            "id > $1 AND id <= $2 AND (received_at BETWEEN {DAWN} AND $3 \
                 OR (id < $4 AND (received_at < {DAWN} OR received_at > {})))",
            now.saturating_add(SLACK)
        );
        let events = format!(
            "UPDATE events SET raw = NULL, device_key = NULL, auth_open_id = NULL, appid = NULL, reference = NULL, \
                 booking = NULL, last_failure = NULL WHERE id IN (\
                 SELECT id FROM events WHERE {old} AND raw IS NOT NULL AND due_at IS NULL ORDER BY id {})",
            self.pool.dialect().locked()
        );
        let quarantined = format!("DELETE FROM quarantine WHERE {old}");
        let purged = Purged {
            events: self.sweep("events", &events, until).await?,
            quarantined: self.sweep("quarantine", &quarantined, until).await?,
            bookings: self.delete_bookings(until).await?,
        };
        if let Some(file) = self.pool.file() {
            self.empty_log(file).await?;
        }
        Ok(purged)
    }

    /// Runs `sql` over the table in batches, in the order of ids: each row is visited once, and two servers that
    /// change the same rows wait for each other.
    async fn sweep(&self, table: &str, sql: &str, until: i64) -> Result<u64, StoreError> {
        let failed = |error| self.pool.failed(error);
        let bounds = format!(
            "SELECT COALESCE(MIN(id), 1) - 1 AS before, COALESCE(MAX(id), 0) AS last, \
                 COALESCE(MAX(CASE WHEN received_at BETWEEN {DAWN} AND $1 THEN id END), 0) AS last_old FROM {table}"
        );
        let (mut connection, _) = self.pool.read().await.map_err(failed)?;
        let bounds = sqlx::query(AssertSqlSafe(bounds)).bind(until).fetch_one(&mut *connection).await;
        let bounds = bounds.map_err(failed)?;
        let [before, last, last_old] = ["before", "last", "last_old"].map(|name| column::<i64>(&bounds, name));
        let (before, last, last_old) = (before.map_err(failed)?, last.map_err(failed)?, last_old.map_err(failed)?);
        drop(connection);
        let mut swept = 0;
        for after in (before..last).step_by(TOGETHER.into()) {
            let mut writing = self.write_among_others().await.map_err(failed)?;
            let upto = after.saturating_add(TOGETHER.into());
            let query = sqlx::query(AssertSqlSafe(sql)).bind(after).bind(upto).bind(until).bind(last_old);
            swept += query.execute(&mut *writing.connection).await.map_err(failed)?.rows_affected();
            writing.commit().await?;
        }
        Ok(swept)
    }

    /// Begins a write transaction, with more attempts than usual at the lock.
    pub(super) async fn write_among_others(&self) -> Result<Writing<'_>, sqlx::Error> {
        for _ in 1..LOCK_TRIES {
            match self.pool.write().await {
                Err(error) if is_busy(&error) => {}
                begun => return begun,
            }
        }
        self.pool.write().await
    }

    async fn delete_bookings(&self, until: i64) -> Result<u64, StoreError> {
        let row = match self.pool.dialect() {
            Dialect::Sqlite => "rowid",
            Dialect::Postgres => "ctid",
        };
        // A booking that another server is extending just now has not ended.
        let sql = format!(
            "DELETE FROM bookings WHERE {row} IN (\
                 SELECT {row} FROM bookings WHERE ends_at <= $1 LIMIT {TOGETHER} {})",
            self.pool.dialect().skip_locked()
        );
        let mut deleted = 0;
        loop {
            let failed = |error| self.pool.failed(error);
            let mut writing = self.write_among_others().await.map_err(failed)?;
            let query = sqlx::query(AssertSqlSafe(sql.as_str())).bind(until);
            let rows = query.execute(&mut *writing.connection).await.map_err(failed)?.rows_affected();
            writing.commit().await?;
            deleted += rows;
            if rows < TOGETHER.into() {
                return Ok(deleted);
            }
        }
    }

    /// Checkpoints and empties SQLite's log, which still holds the erased data.
    async fn empty_log(&self, file: &File) -> Result<(), StoreError> {
        let failed = |error| self.pool.failed(error);
        let (mut connection, _) = self.pool.read().await.map_err(failed)?;
        // It has another busy timeout, so it is not used for anything else.
        connection.is_sound = false;
        let wait = format!("PRAGMA busy_timeout = {LOG_WAIT_MS}");
        connection.execute(AssertSqlSafe(wait)).await.map_err(failed)?;
        for _ in 0..LOG_TRIES {
            if file.checkpoint(&mut connection, Mode::Truncate).await.map_err(failed)? {
                return Ok(());
            }
            sleep(BETWEEN_TRIES).await;
        }
        Err(self.pool.failed_as(StoreErrorKind::Unavailable, LogInUse))
    }
}
