//! Taking events to deliver: each for the length of a lease, under a number that the next taker's will exceed.

use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use weifen_fensi::transport::StoreError;

use super::settle::{self, Settlement, Verdict};
use super::{Store, Writing, column, row, time};
use crate::{FollowEvent, IdempotencyKey, milliseconds};

/// What is written beside an event whose last worker never came back.
const LOST_WORKER: &str = "its last worker ended without a word";

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
    /// Events that were given up, as each of their workers died.
    pub(crate) dead: u64,
    /// How long until the next event is due; `None` where nothing is pending.
    pub(crate) next_in: Option<Duration>,
}

impl Store {
    /// Takes up to `limit` events that are due.
    pub(crate) async fn claim(&self, limit: u32, lease: Duration, max_attempts: u32) -> Result<Claims, StoreError> {
        let failed = |error| self.failed(error);
        let mut claims = Claims { next_in: self.next_in().await.map_err(failed)?, ..Claims::default() };
        if limit == 0 || claims.next_in.is_none_or(|wait| !wait.is_zero()) {
            return Ok(claims);
        }
        let mut writing = self.write().await.map_err(failed)?;
        let now = writing.now;
        let due = format!(
            "SELECT id FROM events WHERE due_at <= $1 AND attempts >= $2 ORDER BY due_at LIMIT {limit} {}",
            self.dialect.skip_locked()
        );
        let sql = format!(
            "UPDATE events SET status = 'dead', due_at = NULL, settled_at = $1, last_failure = '{LOST_WORKER}' \
             WHERE id IN ({due})"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(now).bind(i64::from(max_attempts));
        claims.dead = query.execute(&mut *writing.connection).await.map_err(failed)?.rows_affected();

        let due = format!(
            "SELECT id FROM events WHERE due_at <= $1 ORDER BY due_at LIMIT {limit} {}",
            self.dialect.skip_locked()
        );
        let sql = format!(
            "UPDATE events SET fence = fence + 1, attempts = attempts + 1, due_at = $2 WHERE id IN ({due}) \
             RETURNING id, fence, follow, slot, attempts, received_at, raw"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(now).bind(now.saturating_add(milliseconds::of(lease)));
        let rows = query.fetch_all(&mut *writing.connection).await.map_err(failed)?;
        for row in &rows {
            match claimed(row) {
                Ok(claimed) => claims.events.push(claimed),
                Err(error) => {
                    give_up(&mut writing, row, &error).await.map_err(failed)?;
                    claims.dead += 1;
                }
            }
        }
        writing.commit().await?;
        Ok(claims)
    }

    async fn next_in(&self) -> Result<Option<Duration>, sqlx::Error> {
        let (mut connection, now) = self.read().await?;
        let sql = "SELECT MIN(due_at) FROM events WHERE due_at IS NOT NULL";
        let next: Option<i64> = sqlx::query_scalar(sql).fetch_one(&mut *connection).await?;
        Ok(next.map(|next| milliseconds::to_duration(next - now)))
    }
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

/// A row that this version can't read must not keep the others from being delivered.
async fn give_up(writing: &mut Writing<'_>, row: &AnyRow, error: &sqlx::Error) -> Result<(), sqlx::Error> {
    let verdict = Verdict::Dead { failure: format!("it can't be read: {error}") };
    let settlement = Settlement { id: column(row, "id")?, fence: column(row, "fence")?, verdict };
    settle::settle(writing, &settlement).await.map(drop)
}
