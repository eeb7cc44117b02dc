//! Health of the inbox: a write probe, the backlog, and statistics.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::AnyConnection;
use weifen_database::milliseconds;
use weifen_transport::StoreError;

use super::recall::{DAWN, SLACK};
use super::{Store, column, pause, row};

/// Bytes that an ordinary push takes in the database: a page for its row, and one for each index.
const ORDINARY_PUSH: usize = 32 * 1024;

/// Events that wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Backlog {
    pub(crate) pending: u64,
    /// Time for which the oldest pending event has waited.
    pub(crate) oldest: Duration,
    pub(crate) held: u64,
    pub(crate) dead: u64,
}

/// Statistics of an inbox.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Events, by their status.
    pub events: BTreeMap<String, u64>,
    /// Copies of events that came in and were not paid again.
    pub duplicates: u64,
    /// Requests that are no push of ours, or can't be understood.
    pub quarantined: u64,
    /// Bookings that still wait for their push.
    pub open_bookings: u64,
    /// Time for which the oldest pending event has waited, in seconds, since it came in, was released or redriven; 0
    /// where none is. If it came in while the clock was wrong, it counts since that was noticed.
    pub oldest_pending_s: u64,
    /// Events that came in while the clock was wrong: their time of receipt is ahead of now, or before 2019.
    pub misdated: u64,
    /// True while deliveries are paused, as their receiver asked to stop.
    pub deliveries_paused: bool,
}

impl Store {
    /// Checks that something can be committed now.
    pub(crate) async fn probe(&self) -> Result<(), StoreError> {
        let failed = |error| self.pool.failed(error);
        let mut writing = self.pool.write().await.map_err(failed)?;
        let sql = "INSERT INTO probe (id, written_at, filler) VALUES (1, $1, $2) \
                   ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at, filler = excluded.filler";
        // SQLite writes nothing if the value stays the same.
        let filler = vec![writing.now.to_le_bytes()[0]; ORDINARY_PUSH];
        let query = sqlx::query(sql).bind(writing.now).bind(filler);
        query.execute(&mut *writing.connection).await.map_err(failed)?;
        writing.commit().await
    }

    pub(crate) async fn waiting(&self) -> Result<Backlog, StoreError> {
        let failed = |error| self.pool.failed(error);
        let (mut connection, now) = self.pool.read().await.map_err(failed)?;
        waiting(&mut connection, now).await.map_err(failed)
    }

    /// Counts all rows, which is slow in a large database.
    pub(crate) async fn stats(&self) -> Result<Stats, StoreError> {
        let failed = |error| self.pool.failed(error);
        let waiting = self.waiting().await?;
        let (mut connection, now) = self.pool.read().await.map_err(failed)?;
        stats(&mut connection, now, waiting).await.map_err(failed)
    }
}

pub(super) async fn waiting(connection: &mut AnyConnection, now: i64) -> Result<Backlog, sqlx::Error> {
    let sql = "SELECT COUNT(*) AS pending, COALESCE(MIN(waits_since), $1) AS oldest FROM events \
               WHERE due_at IS NOT NULL";
    let pending = sqlx::query(sql).bind(now).fetch_one(&mut *connection).await?;
    let sql = "SELECT COALESCE(SUM(CASE status WHEN 'held' THEN 1 ELSE 0 END), 0) AS held, COUNT(*) AS both \
               FROM events WHERE status IN ('held', 'dead')";
    let people = sqlx::query(sql).fetch_one(&mut *connection).await?;
    let (held, both): (u64, u64) = (row::count(&people, "held")?, row::count(&people, "both")?);
    Ok(Backlog {
        pending: row::count(&pending, "pending")?,
        oldest: milliseconds::to_duration(now - column::<i64>(&pending, "oldest")?),
        held,
        dead: both - held,
    })
}

pub(super) async fn stats(connection: &mut AnyConnection, now: i64, waiting: Backlog) -> Result<Stats, sqlx::Error> {
    let mut stats = Stats { oldest_pending_s: waiting.oldest.as_secs(), ..Stats::default() };
    let sql = "SELECT status, COUNT(*) AS events, CAST(SUM(duplicates) AS BIGINT) AS duplicates, \
                   SUM(CASE WHEN received_at BETWEEN $1 AND $2 THEN 0 ELSE 1 END) AS misdated \
               FROM events GROUP BY status";
    let query = sqlx::query(sql).bind(DAWN).bind(now.saturating_add(SLACK));
    for row in query.fetch_all(&mut *connection).await? {
        stats.events.insert(column(&row, "status")?, row::count(&row, "events")?);
        stats.misdated += row::count::<u64>(&row, "misdated")?;
        stats.duplicates += row::count::<u64>(&row, "duplicates")?;
    }
    let sql = "SELECT (SELECT COUNT(*) FROM quarantine) AS quarantined, \
                      (SELECT COUNT(*) FROM bookings WHERE ends_at > $1) AS open_bookings";
    let row = sqlx::query(sql).bind(now).fetch_one(&mut *connection).await?;
    stats.quarantined = row::count(&row, "quarantined")?;
    stats.open_bookings = row::count(&row, "open_bookings")?;
    stats.deliveries_paused = pause::switch(connection).await?.is_paused();
    Ok(stats)
}
