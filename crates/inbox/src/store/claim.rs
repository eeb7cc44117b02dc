//! Taking events to deliver: each for the length of a lease, under a number that the next taker's will exceed.

use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use weifen_fensi::transport::StoreError;

use super::settle::{self, Settlement, Verdict};
use super::{Store, Writing, column, row, time};
use crate::{FollowEvent, IdempotencyKey, milliseconds};

/// Events that were never handed out, and events that were. An index for each finds the next ones, however many of the
/// others are due.
pub(super) const FRESH: &str = "due_at IS NOT NULL AND attempts = 0";
pub(super) const AGAIN: &str = "due_at IS NOT NULL AND attempts > 0";

/// How many events there are workers for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) all: u32,
    /// How many of them may have been handed out before.
    pub(crate) again: u32,
}

/// An event that a worker may deliver until its lease is over.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub(crate) id: i64,
    pub(crate) fence: i64,
    pub(crate) key: IdempotencyKey,
    pub(crate) event: FollowEvent,
}

/// What a worker got, and when it is worth asking again.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    pub(crate) events: Vec<Claimed>,
    /// Events that were given up: their workers never said what became of them, or they can't be read.
    pub(crate) dead: u64,
    /// How long until an event is due that there is room for; `None` where none is pending.
    pub(crate) next_in: Option<Duration>,
}

impl Store {
    /// Takes events that are due, as many as there is room for.
    pub(crate) async fn claim(&self, room: Room, lease: Duration, max_attempts: u32) -> Result<Claims, StoreError> {
        let failed = |error| self.failed(error);
        let mut claims = Claims { next_in: self.next_in(room).await.map_err(failed)?, ..Claims::default() };
        if claims.next_in.is_none_or(|wait| !wait.is_zero()) {
            return Ok(claims);
        }
        let mut writing = self.write().await.map_err(failed)?;
        let until = writing.now.saturating_add(milliseconds::of(lease));
        let mut rows = take(&mut writing, AGAIN, room.again.min(room.all).into(), until).await.map_err(failed)?;
        let left = i64::from(room.all) - i64::try_from(rows.len()).unwrap_or(i64::MAX);
        rows.extend(take(&mut writing, FRESH, left, until).await.map_err(failed)?);
        for row in &rows {
            let verdict = match claimed(row) {
                Ok(claimed) if claimed.event.attempt > max_attempts => Verdict::UsedUp,
                Ok(claimed) => {
                    claims.events.push(claimed);
                    continue;
                }
                // A row that this version can't read must not keep the others from being delivered.
                Err(error) => Verdict::Dead { failure: format!("it can't be read: {error}") },
            };
            give_up(&mut writing, row, verdict).await.map_err(failed)?;
            claims.dead += 1;
        }
        writing.commit().await?;
        Ok(claims)
    }

    async fn next_in(&self, room: Room) -> Result<Option<Duration>, sqlx::Error> {
        let (mut connection, now) = self.read().await?;
        let fresh = format!("SELECT MIN(due_at) AS due_at FROM events WHERE {FRESH}");
        let sql = if room.again == 0 {
            fresh
        } else {
            format!(
                "SELECT MIN(due_at) FROM ({fresh} UNION ALL SELECT MIN(due_at) FROM events WHERE {AGAIN}) AS earliest"
            )
        };
        let next: Option<i64> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *connection).await?;
        Ok(next.map(|next| milliseconds::to_duration(next.saturating_sub(now))))
    }
}

/// Takes up to `limit` of those events that are due, the longest due first, until `until`.
async fn take(writing: &mut Writing<'_>, which: &str, limit: i64, until: i64) -> Result<Vec<AnyRow>, sqlx::Error> {
    if limit <= 0 {
        return Ok(Vec::new());
    }
    // Materialized, as PostgreSQL may else run the selection more than once, and take more each time.
    let sql = format!(
        "WITH taken AS MATERIALIZED (\
             SELECT id FROM events WHERE {which} AND due_at <= $1 ORDER BY due_at LIMIT $2 {}) \
         UPDATE events SET fence = fence + 1, attempts = attempts + 1, due_at = $3 \
         WHERE id IN (SELECT id FROM taken) RETURNING id, fence, follow, slot, attempts, received_at, raw",
        writing.store.dialect.skip_locked()
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(writing.now).bind(limit).bind(until);
    query.fetch_all(&mut *writing.connection).await
}

fn claimed(row: &AnyRow) -> Result<Claimed, sqlx::Error> {
    let push = row::push(row)?.ok_or_else(|| row::alien("raw"))?;
    Ok(Claimed {
        id: column(row, "id")?,
        fence: column(row, "fence")?,
        key: IdempotencyKey::of(&row::identity(row)?),
        event: FollowEvent { push, received_at: time(row, "received_at")?, attempt: row::count(row, "attempts")? },
    })
}

async fn give_up(writing: &mut Writing<'_>, row: &AnyRow, verdict: Verdict) -> Result<(), sqlx::Error> {
    let settlement = Settlement { id: column(row, "id")?, fence: column(row, "fence")?, verdict };
    settle::settle(writing, &settlement).await.map(drop)
}
