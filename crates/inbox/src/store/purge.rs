//! Erasing personal data. What says that a follow was seen stays, so that nothing is paid twice after it.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Executor};
use weifen_fensi::transport::StoreError;

use super::Store;
use crate::dialect::Dialect;
use crate::milliseconds;

/// How many rows one transaction erases, so that pushes need not wait long for it.
const TOGETHER: u64 = 1000;

/// What a purge erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Purged {
    /// Events whose push is gone; that they were is kept.
    pub events: u64,
    /// Quarantined bodies.
    pub quarantined: u64,
    /// Bookings that had ended.
    pub bookings: u64,
}

/// What is older, as `WHERE` says, and the change that erases it.
struct Erasure {
    table: &'static str,
    change: &'static str,
    old: &'static str,
}

const EVENTS: Erasure = Erasure {
    table: "events",
    change: "UPDATE events SET raw = NULL, last_failure = NULL WHERE",
    old: "raw IS NOT NULL AND due_at IS NULL AND received_at <= $1",
};
const QUARANTINE: Erasure =
    Erasure { table: "quarantine", change: "DELETE FROM quarantine WHERE", old: "received_at <= $1" };
const BOOKINGS: Erasure = Erasure { table: "bookings", change: "DELETE FROM bookings WHERE", old: "ends_at <= $1" };

impl Store {
    /// Erases what is older than `age`, but for what is still to be delivered.
    pub(crate) async fn purge(&self, age: Duration) -> Result<Purged, StoreError> {
        let (_, now) = self.read().await.map_err(|error| self.failed(error))?;
        let until = now.saturating_sub(milliseconds::of(age));
        let purged = Purged {
            events: self.erase(&EVENTS, until).await?,
            quarantined: self.erase(&QUARANTINE, until).await?,
            bookings: self.erase(&BOOKINGS, until).await?,
        };
        self.clear_log().await.map_err(|error| self.failed(error))?;
        Ok(purged)
    }

    async fn erase(&self, erasure: &Erasure, until: i64) -> Result<u64, StoreError> {
        let Erasure { table, change, old } = erasure;
        let row = match self.dialect {
            Dialect::Sqlite => "rowid",
            Dialect::Postgres => "ctid",
        };
        let sql = format!("{change} {row} IN (SELECT {row} FROM {table} WHERE {old} LIMIT {TOGETHER})");
        let mut erased = 0;
        loop {
            let failed = |error| self.failed(error);
            let mut writing = self.write().await.map_err(failed)?;
            let query = sqlx::query(AssertSqlSafe(sql.as_str())).bind(until);
            let rows = query.execute(&mut *writing.connection).await.map_err(failed)?.rows_affected();
            writing.commit().await?;
            erased += rows;
            if rows < TOGETHER {
                return Ok(erased);
            }
        }
    }

    /// SQLite's log still holds what was erased from the file, until it is carried over and emptied.
    async fn clear_log(&self) -> Result<(), sqlx::Error> {
        if self.dialect == Dialect::Sqlite {
            self.writers.acquire().await?.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        Ok(())
    }
}
